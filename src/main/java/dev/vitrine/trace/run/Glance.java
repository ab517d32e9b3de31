package dev.vitrine.trace.run;

import dev.vitrine.kernels.Array;
import dev.vitrine.model.Gpt2;
import dev.vitrine.trace.Hook;
import dev.vitrine.trace.Site;
import dev.vitrine.trace.acting.Editor;
import dev.vitrine.trace.edit.Edit;
import dev.vitrine.trace.kept.Capture;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/**
 * A pass over many derivations of which nobody keeps a trace: it does no more than what is asked
 * needs, and what it gives has the bits that the traces would have.
 */
public final class Glance {
  private final Gpt2 model;
  private final List<Stream> streams;

  /**
   * Of derivations that are to run together.
   *
   * @param groups sequences that are edited together
   * @param edits for each group, the edits that it gets behind those that it has
   * @throws IllegalArgumentException if an edit cannot be meant; says why
   */
  public Glance(Gpt2 model, List<List<Pass.Branch>> groups, List<List<Edit>> edits) {
    this.model = model;
    this.streams = Pass.streams(model, groups, edits);
  }

  /**
   * Whether the last positions can be had by themselves. Not where an edit takes a mean over
   * positions, or asks a function for all of them.
   */
  public boolean isRowByRow() {
    return streams.stream().allMatch(Stream::isRowByRow);
  }

  /** Whether an edit acts on the logits themselves, so that it takes all of them to know one. */
  public boolean editsLogits() {
    return streams.stream().anyMatch(stream -> stream.program().acts(Hook.LOGITS, -1));
  }

  /** The logits at the last position of each sequence, {@code [sequences, vocab]}. */
  public Array lastLogits() {
    return atTheEnd(Hook.LOGITS);
  }

  /** What the unembedding reads at the last position of each sequence. */
  public Array lastUnembedIn() {
    return atTheEnd(Hook.UNEMBED_IN);
  }

  /**
   * The last block is run for the last positions only, once the keys and values of all are there.
   */
  private Array atTheEnd(Hook hook) {
    int layers = model.config().layers();
    Pass pass = new Pass(model, streams, List.of(), false);
    Array resid = pass.blocks(layers, new Ledger(model, streams, Ledger.Purpose.LAST_POSITION));
    Array last = model.backend().rows(streams.size(), model.config().dModel());
    List<Editor.Part> parts = new ArrayList<>();
    int row = 0;
    for (Stream stream : streams) {
      if (stream.count(layers - 1) > 0) {
        model.backend().copy(resid, row++, last, parts.size(), 1);
      } else {
        Array kept = stream.parent().checkpoints().residFinal().array();
        model.backend().copy(kept, stream.size() - 1, last, parts.size(), 1);
      }
      parts.add(stream.last(parts.size()));
    }
    Capture capture = Capture.of(List.of(Site.of(hook)));
    model.forwardPass().unembed(last, new Editor(model, -1, parts, capture, false));
    return capture.rows(hook, 0, 0, parts.size());
  }

  /**
   * Rows of a site that were computed.
   *
   * @param from the position of the first; those before it are as in what the sequence derives from
   * @param row where they begin in the capture
   */
  public record Rows(int from, int row) {}

  /** What a block shows of itself, and where each sequence's rows lie in it. */
  public record View(Capture capture, List<Rows> rows) {}

  /**
   * Reads sites of one block; no later block is run.
   *
   * @param layer the block
   * @param sites of it, without attention's own, whose rows are not the pass's
   */
  public View read(int layer, Collection<Site> sites) {
    Pass pass = new Pass(model, streams, sites, false);
    pass.blocks(layer + 1, new Ledger(model, streams, Ledger.Purpose.READING));
    List<Rows> rows = new ArrayList<>();
    int row = 0;
    for (Stream stream : streams) {
      rows.add(new Rows(stream.first(layer), row));
      row += stream.count(layer);
    }
    return new View(pass.capture(layer), rows);
  }
}
