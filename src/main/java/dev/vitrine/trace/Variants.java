package dev.vitrine.trace;

import static dev.vitrine.tensor.Axis.BATCH;
import static dev.vitrine.tensor.Axis.POSITION;
import static dev.vitrine.tensor.Axis.VOCAB;

import dev.vitrine.kernels.Array;
import dev.vitrine.model.Gpt2;
import dev.vitrine.model.TokenLogits;
import dev.vitrine.tensor.Tensor;
import dev.vitrine.text.Tokens;
import dev.vitrine.trace.edit.Edit;
import dev.vitrine.trace.kept.Capture;
import dev.vitrine.trace.run.Glance;
import dev.vitrine.trace.run.Pass;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * One batch, many times, each time with other edits; all computed in one run. Whoever asks for some
 * tensors only is spared the rest: no trace is kept, and the bits are those that it would have.
 *
 * @param base what all of them derive from
 * @param edits of each variant
 */
public record Variants(Batch base, List<List<Edit>> edits) {

  /** Keeps the edits as they are. */
  public Variants {
    edits = edits.stream().map(List::copyOf).toList();
  }

  /**
   * All of them, as traces of which everything can be asked.
   *
   * @throws IllegalArgumentException if an edit cannot be meant; says why
   */
  public List<Batch> derive() {
    return Batch.derived(Collections.nCopies(edits.size(), base), edits);
  }

  /**
   * For each variant the logits behind its last tokens, {@code [batch, vocab]}. One product gives
   * those of all variants, and the last block is run for these positions only.
   *
   * @throws IllegalArgumentException if an edit cannot be meant; says why
   */
  public List<Tensor> lastLogits() {
    if (edits.isEmpty()) {
      return List.of();
    }
    Glance glance = glance();
    if (!glance.isRowByRow()) {
      return derive().stream().map(Variants::lastLogits).toList();
    }
    Array rows = glance.lastLogits();
    Reading reading = new Reading(model(), Tokens.ofIds());
    List<Tensor> logits = new ArrayList<>();
    for (int v = 0; v < edits.size(); v++) {
      Array own = rows.rows(v * base.size(), (v + 1) * base.size());
      logits.add(reading.logits(own, BATCH.of(base.size())));
    }
    return logits;
  }

  /**
   * For each variant some logits behind its last tokens, {@code [batch, vocab]} with only these
   * tokens on the second axis, in the order given: the others are not computed.
   *
   * @throws IllegalArgumentException if an edit cannot be meant, or the model has not all of the
   *     tokens; says why
   */
  public List<Tensor> lastLogits(int... tokens) {
    TokenLogits some = model().parameters().logitsOf(tokens);
    if (edits.isEmpty()) {
      return List.of();
    }
    Glance glance = glance();
    if (!glance.isRowByRow() || glance.editsLogits()) {
      return lastLogits().stream().map(logits -> logits.at(VOCAB, tokens)).toList();
    }
    Array rows = some.of(glance.lastUnembedIn());
    List<String> pieces = Arrays.stream(tokens).mapToObj(model()::piece).toList();
    Reading reading = new Reading(model(), Tokens.ofIds());
    List<Tensor> logits = new ArrayList<>();
    for (int v = 0; v < edits.size(); v++) {
      Array own = rows.rows(v * base.size(), (v + 1) * base.size());
      logits.add(reading.logits(own, BATCH.of(base.size()), VOCAB.of(pieces)));
    }
    return logits;
  }

  private static Tensor lastLogits(Batch batch) {
    List<Tensor> each = batch.traces().stream().map(trace -> trace.logits(-1)).toList();
    return Tensor.stack(each, BATCH.of(each.size()));
  }

  /**
   * For each variant the tensors of some sites of one block, with the {@code batch} axis in front;
   * later blocks are not run.
   *
   * @param sites of the block; attention's scores and patterns are not among them
   * @throws IllegalArgumentException if an edit cannot be meant, or the prompts are of unequal
   *     length; says why
   */
  public List<Map<Site, Tensor>> read(int layer, Collection<Site> sites) {
    for (Site site : sites) {
      if (site.layer() != layer || !site.hook().axes().contains(POSITION)) {
        throw new IllegalArgumentException(
            "%s is not read on the way through block %d: derive the traces and ask them"
                .formatted(site, layer));
      }
    }
    if (edits.isEmpty()) {
      return List.of();
    }
    Glance.View view = glance().read(layer, sites);
    List<Map<Site, Tensor>> read = new ArrayList<>();
    for (int v = 0; v < edits.size(); v++) {
      Map<Site, Tensor> tensors = new LinkedHashMap<>();
      for (Site site : sites) {
        List<Tensor> parts = new ArrayList<>();
        for (int b = 0; b < base.size(); b++) {
          Glance.Rows rows = view.rows().get(v * base.size() + b);
          parts.add(tensor(base.get(b), site, view.capture(), rows));
        }
        tensors.put(site, Tensor.stack(parts, BATCH.of(base.size())));
      }
      read.add(tensors);
    }
    return read;
  }

  /** What was computed, behind what the trace shares with its parent. */
  private Tensor tensor(Trace parent, Site site, Capture capture, Glance.Rows rows) {
    int from = rows.from();
    if (from == parent.size()) {
      return parent.tensor(site);
    }
    int[] ids = parent.tokens().ids();
    Tokens computed = model().tokens(Arrays.copyOfRange(ids, from, ids.length));
    Tensor own = new Reading(model(), computed).tensor(site, capture, 0, rows.row());
    return from == 0
        ? own
        : Tensor.concat(List.of(parent.tensor(site).range(POSITION, 0, from), own), POSITION);
  }

  private Glance glance() {
    List<Pass.Branch> branches =
        base.traces().stream()
            .map(trace -> new Pass.Branch(trace.state(), trace.tokens()))
            .toList();
    return new Glance(model(), Collections.nCopies(edits.size(), branches), edits);
  }

  private Gpt2 model() {
    return base.get(0).model();
  }
}
