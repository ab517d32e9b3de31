package dev.vitrine.trace.run;

import dev.vitrine.kernels.Array;
import dev.vitrine.model.ForwardPass;
import dev.vitrine.model.Gpt2;
import dev.vitrine.model.Workspace;
import dev.vitrine.text.Tokens;
import dev.vitrine.trace.Hook;
import dev.vitrine.trace.Site;
import dev.vitrine.trace.acting.Editor;
import dev.vitrine.trace.acting.Program;
import dev.vitrine.trace.acting.Resolution;
import dev.vitrine.trace.edit.Edit;
import dev.vitrine.trace.kept.Capture;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CancellationException;

/**
 * One run over a list of rows, which share the work and nothing else. Prefill, decoding, batches of
 * unequal prompts, an edit that touches some positions from some layer on, and a sweep of hundreds
 * of such edits are all such lists; there is no padding, and no mask but causality.
 *
 * <p>A sequence's rows join where something new can reach them: at the embedding, or at a layer,
 * with the residual stream of the trace that it derives from.
 */
public final class Pass {

  /** Further tokens of a trace, or edits of it: what one sequence of a pass is to become. */
  public record Branch(State parent, Tokens tokens) {}

  private final Gpt2 model;
  private final List<Stream> streams;
  private final List<Capture> captures = new ArrayList<>();
  private final Collection<Site> eager;
  private final boolean tallies;

  /**
   * @param tallies whether to count what the edits do
   */
  Pass(Gpt2 model, List<Stream> streams, Collection<Site> eager, boolean tallies) {
    this.tallies = tallies;
    this.model = model;
    this.streams = streams;
    this.eager = eager.stream().filter(site -> site.hook() != Hook.LOSS_PER_TOKEN).toList();
  }

  /**
   * Runs sequences from their first token, together.
   *
   * @param edits what to change in all of them; means are common to them
   * @param eager the sites to read while they are at hand; whoever asks for others later gets the
   *     same bits
   * @throws IllegalArgumentException if an edit cannot be meant; says why
   * @throws CancellationException if the thread is interrupted
   */
  public static Result prefill(
      Gpt2 model, List<Tokens> sequences, List<Edit> edits, Collection<Site> eager) {
    State empty = State.empty(model.backend(), model.config());
    List<Branch> branches = sequences.stream().map(tokens -> new Branch(empty, tokens)).toList();
    return new Pass(model, streams(model, List.of(branches), List.of(edits)), eager, true).run();
  }

  /** Runs the further tokens of traces, together. */
  public static List<State> extend(Gpt2 model, List<Branch> branches) {
    return derive(model, branches.stream().map(List::of).toList(), List.of());
  }

  /**
   * Derives traces with edits from others, all in one run.
   *
   * @param groups sequences that are edited together
   * @param edits for each group, the edits that it gets behind those that it has; none where the
   *     list is empty
   * @return the states of all groups, one after another
   */
  public static List<State> derive(Gpt2 model, List<List<Branch>> groups, List<List<Edit>> edits) {
    return new Pass(model, streams(model, groups, edits), List.of(), true).run().states;
  }

  static List<Stream> streams(Gpt2 model, List<List<Branch>> groups, List<List<Edit>> edits) {
    List<Stream> streams = new ArrayList<>();
    for (int group = 0; group < groups.size(); group++) {
      List<Branch> branches = groups.get(group);
      Resolution resolution = new Resolution(model, branches.stream().map(Branch::tokens).toList());
      List<Program> programs =
          resolution.programs(
              branches.stream().map(branch -> branch.parent.program()).toList(),
              edits.isEmpty() ? List.of() : edits.get(group));
      for (int b = 0; b < branches.size(); b++) {
        streams.add(new Stream(model, branches.get(b), programs.get(b), group));
      }
    }
    return streams;
  }

  /** What came of a run from the start. */
  public final class Result {
    private final List<State> states;

    private Result(List<State> states) {
      this.states = states;
    }

    /** One for each sequence. */
    public List<State> states() {
      return states;
    }

    /** What was read while it was at hand, from the embedding through the blocks to the end. */
    public List<Capture> captures() {
      return captures;
    }

    /** Where the rows of a sequence begin in what was read. */
    public int row(int sequence) {
      int row = 0;
      for (Stream stream : streams.subList(0, sequence)) {
        row += stream.count(-1);
      }
      return row;
    }
  }

  private Result run() {
    Ledger ledger = new Ledger(model, streams, Ledger.Purpose.TRACES);
    Array resid = blocks(model.config().layers(), ledger);
    List<State> states = ledger.states(resid);
    end(model.forwardPass(), states);
    return new Result(states);
  }

  /** Runs the rows through the first blocks; the residual stream behind them. */
  Array blocks(int count, Ledger ledger) {
    Workspace workspace = new Workspace(model.backend());
    ForwardPass forward = model.forwardPass(workspace);
    Array resid = embed(forward);
    finish(-1, workspace, resid);
    for (int layer = 0; layer < count; layer++) {
      if (Thread.currentThread().isInterrupted()) {
        throw new CancellationException("the run was interrupted before block " + layer);
      }
      List<Editor.Part> parts = parts(layer);
      if (parts.isEmpty()) {
        ledger.skip(layer);
        captures.add(Capture.of(List.of()));
        continue;
      }
      Array joined = join(layer, resid);
      Editor editor = editor(layer, parts);
      ledger.watchedBy(editor);
      resid = forward.block(layer, joined, ledger, editor);
      finish(layer, workspace, resid);
    }
    return resid;
  }

  /** Of what a block computed only the residual stream is read again, unless somebody looks. */
  private void finish(int layer, Workspace workspace, Array resid) {
    if (capture(layer).wantsNothing()) {
      workspace.reuseAllBut(resid);
    } else {
      workspace.leaveAll();
    }
  }

  /** What was read of a block while it ran. */
  Capture capture(int layer) {
    return captures.get(layer + 1);
  }

  private Editor editor(int layer, List<Editor.Part> parts) {
    Capture capture = Capture.of(eager.stream().filter(site -> site.layer() == layer).toList());
    captures.add(capture);
    return new Editor(model, layer, parts, capture, tallies);
  }

  /** The rows of this layer, sequence by sequence. */
  private List<Editor.Part> parts(int layer) {
    List<Editor.Part> parts = new ArrayList<>();
    int row = 0;
    for (Stream stream : streams) {
      if (stream.count(layer) > 0) {
        parts.add(stream.part(layer, row));
        row += stream.count(layer);
      }
    }
    return parts;
  }

  private Array embed(ForwardPass forward) {
    int rows = streams.stream().mapToInt(stream -> stream.count(-1)).sum();
    int[] ids = new int[rows];
    int[] positions = new int[rows];
    int row = 0;
    for (Stream stream : streams) {
      for (int p = stream.first(-1); p < stream.size(); p++, row++) {
        ids[row] = stream.token(p);
        positions[row] = p;
      }
    }
    return forward.embed(ids, positions, editor(-1, parts(-1)));
  }

  /** The rows that come from the layer before, and those that join at this one. */
  private Array join(int layer, Array resid) {
    if (streams.stream().allMatch(stream -> stream.first(layer) == stream.first(layer - 1))) {
      return resid;
    }
    int rows = streams.stream().mapToInt(stream -> stream.count(layer)).sum();
    Array joined = model.backend().rows(rows, model.config().dModel());
    int from = 0;
    int to = 0;
    for (Stream stream : streams) {
      int first = stream.first(layer);
      int joining = stream.first(layer - 1) - first;
      Array kept = stream.parent().checkpoints().layers().get(layer).residPre().array();
      model.backend().copy(kept, first, joined, to, joining);
      model.backend().copy(resid, from, joined, to + joining, stream.count(layer - 1));
      from += stream.count(layer - 1);
      to += stream.count(layer);
    }
    return joined;
  }

  /** What lies behind the last block, where somebody looks at it now or an edit acts on it. */
  private void end(ForwardPass forward, List<State> states) {
    Capture capture = Capture.of(eager.stream().filter(site -> site.layer() == -1).toList());
    captures.add(capture);
    boolean looked = capture.wantsAny(Hook.LN_FINAL_SCALE);
    List<Editor.Part> parts = new ArrayList<>();
    List<Array> kept = new ArrayList<>();
    int rows = 0;
    for (int s = 0; s < streams.size(); s++) {
      Stream stream = streams.get(s);
      int first = looked ? stream.first(-1) : stream.firstAtEnd();
      if (first < stream.size()) {
        parts.add(stream.part(first, rows, 0));
        kept.add(states.get(s).checkpoints().residFinal().array());
        rows += stream.size() - first;
      }
    }
    if (parts.isEmpty()) {
      return;
    }
    Array resid = model.backend().rows(rows, model.config().dModel());
    for (int i = 0; i < parts.size(); i++) {
      Editor.Part part = parts.get(i);
      model.backend().copy(kept.get(i), part.first(), resid, part.row(), part.count());
    }
    boolean logits =
        capture.wants(Hook.LOGITS)
            || parts.stream().anyMatch(part -> part.program().acts(Hook.LOGITS, -1));
    if (logits && !capture.wants(Hook.LOGITS)) {
      capture = Capture.of(List.of(Site.logits()));
    }
    forward.unembed(resid, new Editor(model, -1, parts, capture, true));
  }
}
