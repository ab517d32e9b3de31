package dev.vitrine.trace;

import dev.vitrine.kernels.Array;
import dev.vitrine.kernels.Span;
import dev.vitrine.model.ForwardPass;
import dev.vitrine.model.Gpt2;
import dev.vitrine.model.Memory;
import dev.vitrine.text.Tokens;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CancellationException;

/**
 * One run over a list of rows: the new positions of one or many sequences, which share the work and
 * nothing else. Prefill, decoding and batches of unequal prompts are all such lists; there is no
 * padding, and no mask but causality.
 */
public final class Pass {

  /**
   * A sequence of the pass: what is kept of it so far, and the tokens of which this pass computes
   * those from {@code position} on.
   */
  record Stream(Checkpoints parent, Tokens tokens, int position) {
    int count() {
      return tokens.size() - position;
    }
  }

  private final Gpt2 model;
  private final List<Stream> streams;
  private final int rows;

  private Pass(Gpt2 model, List<Stream> streams) {
    this.model = model;
    this.streams = streams;
    this.rows = streams.stream().mapToInt(Stream::count).sum();
  }

  /**
   * Runs sequences from their first token, together.
   *
   * @param eager the sites to read while they are at hand; whoever asks for others later gets the
   *     same bits
   * @return a trace for each, in order
   * @throws CancellationException if the thread is interrupted
   */
  public static List<Trace> prefill(Gpt2 model, List<Tokens> sequences, Collection<Site> eager) {
    Checkpoints empty = Checkpoints.empty(model.backend(), model.config());
    List<Stream> streams = sequences.stream().map(tokens -> new Stream(empty, tokens, 0)).toList();
    List<Site> atHand = eager.stream().filter(site -> site.hook() != Hook.LOSS_PER_TOKEN).toList();
    return new Pass(model, streams).run(atHand);
  }

  /** Runs the further tokens of traces, together. */
  static List<Trace> extend(Gpt2 model, List<Stream> streams) {
    return new Pass(model, List.copyOf(streams)).run(List.of());
  }

  private List<Trace> run(Collection<Site> eager) {
    int[] ids = new int[rows];
    int[] positions = new int[rows];
    int row = 0;
    for (Stream stream : streams) {
      for (int p = stream.position; p < stream.tokens.size(); p++, row++) {
        ids[row] = stream.tokens.id(p);
        positions[row] = p;
      }
    }
    ForwardPass forward = model.forwardPass();
    Ledger ledger = new Ledger();
    List<Capture> captures = new ArrayList<>();
    Array resid = forward.embed(ids, positions, capture(eager, -1, captures));
    for (int layer = 0; layer < model.config().layers(); layer++) {
      if (Thread.currentThread().isInterrupted()) {
        throw new CancellationException("the run was interrupted before block " + layer);
      }
      ledger.residPre = resid;
      resid = forward.block(layer, resid, ledger, capture(eager, layer, captures));
    }
    Capture end = capture(eager, -1, captures);
    if (end.wantsAny(Hook.LN_FINAL_SCALE)) {
      forward.unembed(resid, end);
    }
    return ledger.traces(resid, eager, captures);
  }

  private static Capture capture(Collection<Site> eager, int layer, List<Capture> captures) {
    Capture capture = Capture.of(eager.stream().filter(site -> site.layer() == layer).toList());
    captures.add(capture);
    return capture;
  }

  /** Writes down what the traces keep. */
  private final class Ledger implements Memory {
    private final List<List<Checkpoints.Layer>> layers = new ArrayList<>();
    private Array residPre = model.backend().rows(0, 0);

    Ledger() {
      streams.forEach(stream -> layers.add(new ArrayList<>()));
    }

    @Override
    public List<Span> spans(int layer, Array k, Array v, boolean scores, boolean pattern) {
      List<Span> spans = new ArrayList<>();
      int row = 0;
      for (int s = 0; s < streams.size(); s++) {
        Stream stream = streams.get(s);
        Checkpoints.Layer kept =
            stream.parent.layers().get(layer).plus(residPre, k, v, row, stream.count());
        layers.get(s).add(kept);
        spans.add(kept.span(model, row, stream.position, stream.count(), scores, pattern));
        row += stream.count();
      }
      return spans;
    }

    List<Trace> traces(Array residFinal, Collection<Site> eager, List<Capture> captures) {
      List<Trace> traces = new ArrayList<>();
      int row = 0;
      for (int s = 0; s < streams.size(); s++) {
        Stream stream = streams.get(s);
        Shelf end = stream.parent.residFinal().plus(residFinal, row, stream.count());
        Trace trace =
            new Trace(model, stream.tokens, new Checkpoints(List.copyOf(layers.get(s)), end));
        trace.keep(eager, captures, s, row);
        traces.add(trace);
        row += stream.count();
      }
      return traces;
    }
  }
}
