package dev.vitrine.trace;

import dev.vitrine.model.Gpt2;
import dev.vitrine.tensor.Axis;
import dev.vitrine.tensor.Tensor;
import dev.vitrine.text.Tokens;
import dev.vitrine.trace.edit.Edit;
import dev.vitrine.trace.run.Pass;
import dev.vitrine.trace.run.State;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Iterator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Traces that were computed together. Each is what it would be alone, to the bit: prompts of
 * unequal length need no padding.
 *
 * @param traces in the order of the prompts
 */
public record Batch(List<Trace> traces) implements Iterable<Trace> {

  /** Keeps the traces as they are. */
  public Batch {
    traces = List.copyOf(traces);
  }

  /**
   * Runs sequences from their first token, together.
   *
   * @param edits what to change; means over the batch are means over all of them
   * @param eager the sites to read while they are at hand
   * @throws IllegalArgumentException if an edit cannot be meant; says why
   * @throws java.util.concurrent.CancellationException if the thread is interrupted
   */
  public static Batch run(
      Gpt2 model, List<Tokens> sequences, List<Edit> edits, Collection<Site> eager) {
    Pass.Result result = Pass.prefill(model, sequences, edits, eager);
    List<Trace> traces = new ArrayList<>();
    for (int s = 0; s < sequences.size(); s++) {
      Trace trace = new Trace(model, result.states().get(s));
      trace.keep(eager, result.captures(), s, result.row(s));
      traces.add(trace);
    }
    return new Batch(traces);
  }

  /**
   * These traces with edits, all derived in one run; see {@link Trace#with(List)}. A target's index
   * on the axis {@code batch} chooses among them, and a mean over it is a mean over all of them.
   *
   * @throws IllegalArgumentException if an edit cannot be meant; says why
   */
  public Batch with(List<Edit> edits) {
    return edits.isEmpty() ? this : derived(List.of(this), List.of(edits)).getFirst();
  }

  /** These traces with edits; see {@link #with(List)}. */
  public Batch with(Edit... edits) {
    return with(List.of(edits));
  }

  /**
   * Many derivations in one run: each batch with its own edits. Every one has the bits that it
   * would have alone.
   *
   * @param batches of one model; the same one may be named many times
   * @param edits for each batch
   */
  public static List<Batch> derived(List<Batch> batches, List<List<Edit>> edits) {
    if (batches.size() != edits.size()) {
      throw new IllegalArgumentException(
          "%d batches and %d lists of edits".formatted(batches.size(), edits.size()));
    }
    if (batches.isEmpty()) {
      return List.of();
    }
    Gpt2 model = batches.getFirst().traces.getFirst().model();
    List<List<Pass.Branch>> groups =
        batches.stream()
            .map(batch ->
                batch.traces.stream()
                    .map(trace -> new Pass.Branch(trace.state(), trace.tokens()))
                    .toList())
            .toList();
    Iterator<State> states = Pass.derive(model, groups, edits).iterator();
    return batches.stream()
        .map(batch ->
            new Batch(batch.traces.stream().map(_ -> new Trace(model, states.next())).toList()))
        .toList();
  }

  /** The number of traces. */
  public int size() {
    return traces.size();
  }

  /** One trace of it. */
  public Trace get(int index) {
    return traces.get(index);
  }

  /** Whether all prompts have as many tokens. */
  public boolean isEven() {
    return traces.stream().mapToInt(Trace::size).distinct().count() <= 1;
  }

  /**
   * The tensor at {@code site} of all traces, with a {@code batch} axis in front. Positions are
   * labelled by their numbers where the prompts differ.
   *
   * @throws IllegalArgumentException if the prompts are of unequal length, or there is no such site
   */
  public Tensor tensor(Site site) {
    if (!isEven()) {
      throw new IllegalArgumentException(
          "the prompts have %s tokens: only prompts of equal length stack; ask each trace"
              .formatted(traces.stream().map(trace -> Integer.toString(trace.size())).toList()));
    }
    List<Tensor> parts = traces.stream().map(trace -> trace.tensor(site)).toList();
    Tensor stacked = Tensor.stack(parts, Axis.BATCH.of(size()));
    return parts.getFirst().origin().map(stacked::withOrigin).orElse(stacked);
  }

  /** The tensor at the site of that name, alias or shorthand; see {@link #tensor(Site)}. */
  public Tensor tensor(String site) {
    return tensor(Site.find(site, traces.getFirst().model().config()));
  }

  /** The mean loss over all traces that have one, each position weighing the same. */
  public double loss() {
    return traces.stream()
        .flatMapToDouble(trace -> {
          double[] losses = trace.tensor(Site.lossPerToken()).doubles();
          return IntStream.range(0, losses.length).mapToDouble(i -> losses[i]);
        })
        .average()
        .orElseThrow(
            () -> new IllegalStateException("a loss needs a prompt of two tokens or more"));
  }

  @Override
  public Iterator<Trace> iterator() {
    return traces.iterator();
  }
}
