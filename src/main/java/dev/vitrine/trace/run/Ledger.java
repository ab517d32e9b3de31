package dev.vitrine.trace.run;

import dev.vitrine.kernels.Array;
import dev.vitrine.kernels.Span;
import dev.vitrine.model.Gpt2;
import dev.vitrine.model.Memory;
import dev.vitrine.trace.Hook;
import dev.vitrine.trace.acting.Editor;
import dev.vitrine.trace.kept.Checkpoints;
import dev.vitrine.trace.kept.Shelf;
import java.util.ArrayList;
import java.util.List;

/**
 * The memory of a pass. Written in full, it holds what traces keep; of a {@link Glance} it holds no
 * more than the block at hand needs.
 */
final class Ledger implements Memory {

  /** What is wanted of a pass. */
  enum Purpose {
    /** Traces of which everything can be asked. */
    TRACES,
    /** What is read while it is at hand. */
    READING,
    /** What comes out at the last position. */
    LAST_POSITION
  }

  private final Gpt2 model;
  private final List<Stream> streams;
  private final Purpose purpose;
  private final List<List<Checkpoints.Layer>> layers = new ArrayList<>();
  private Editor editor;

  Ledger(Gpt2 model, List<Stream> streams, Purpose purpose) {
    this.model = model;
    this.streams = streams;
    this.purpose = purpose;
    this.editor = new Editor(model, -1, List.of(), null, false);
    streams.forEach(_ -> layers.add(new ArrayList<>()));
  }

  /** Says who watches the block that comes next. */
  void watchedBy(Editor next) {
    editor = next;
  }

  @Override
  public List<Span> spans(int layer, Array k, Array v) {
    boolean narrow = isNarrow(layer);
    List<Span> spans = new ArrayList<>();
    List<Editor.Part> last = new ArrayList<>();
    int row = 0;
    for (int s = 0; s < streams.size(); s++) {
      Stream stream = streams.get(s);
      int count = stream.count(layer);
      int first = stream.first(layer);
      Checkpoints.Layer kept = stream.parent().checkpoints().layers().get(layer);
      if (count > 0) {
        kept =
            purpose == Purpose.TRACES
                ? kept.first(first).plus(editor.residPre(), k, v, row, count)
                : kept.first(first).plus(k, v, row, count);
        Editor.Part part = narrow ? stream.last(last.size()) : stream.part(layer, row);
        last.add(part);
        boolean edited = editor.editsAttention(part);
        boolean scores = edited || editor.wants(Hook.ATTN_SCORES);
        boolean pattern = edited || editor.wants(Hook.PATTERN);
        spans.add(kept.span(model, part.row(), part.first(), part.count(), scores, pattern));
      }
      if (purpose == Purpose.TRACES) {
        layers.get(s).add(kept);
      }
      row += count;
    }
    if (narrow) {
      editor.narrow(last);
    }
    return spans;
  }

  /** Whether only the last positions are read once a layer's keys and values are there. */
  private boolean isNarrow(int layer) {
    return purpose == Purpose.LAST_POSITION && layer == model.config().layers() - 1;
  }

  @Override
  public Array goingOn(int layer, Array rows) {
    if (!isNarrow(layer)) {
      return rows;
    }
    int count = (int) streams.stream().filter(stream -> stream.count(layer) > 0).count();
    Array kept = model.backend().rows(count, rows.columns());
    int end = 0;
    int to = 0;
    for (Stream stream : streams) {
      end += stream.count(layer);
      if (stream.count(layer) > 0) {
        model.backend().copy(rows, end - 1, kept, to++, 1);
      }
    }
    return kept;
  }

  /** A layer that nothing new reaches. */
  void skip(int layer) {
    for (int s = 0; s < streams.size(); s++) {
      layers.get(s).add(streams.get(s).parent().checkpoints().layers().get(layer));
    }
  }

  /** What the traces are made of, once the last block has run. */
  List<State> states(Array residFinal) {
    int last = model.config().layers() - 1;
    List<State> states = new ArrayList<>();
    int row = 0;
    for (int s = 0; s < streams.size(); s++) {
      Stream stream = streams.get(s);
      int count = stream.count(last);
      Shelf end = stream.parent().checkpoints().residFinal();
      if (count > 0) {
        end = end.first(stream.first(last)).plus(residFinal, row, count);
      }
      states.add(stream.state(new Checkpoints(List.copyOf(layers.get(s)), end)));
      row += count;
    }
    return states;
  }
}
