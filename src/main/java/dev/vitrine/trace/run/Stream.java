package dev.vitrine.trace.run;

import dev.vitrine.model.Gpt2;
import dev.vitrine.text.Tokens;
import dev.vitrine.trace.Hook;
import dev.vitrine.trace.Site;
import dev.vitrine.trace.acting.Applied;
import dev.vitrine.trace.acting.Editor;
import dev.vitrine.trace.acting.Program;
import dev.vitrine.trace.edit.Operation;
import dev.vitrine.trace.edit.Work;
import dev.vitrine.trace.kept.Checkpoints;

/** One sequence of the pass, and from which position on each layer of it is computed. */
final class Stream {
  private final State parent;
  private final Tokens tokens;
  private final Program program;
  private final int group;
  private final int newFrom;
  private final int layers;
  private final int[] first;
  private final int firstAtEnd;

  Stream(Gpt2 model, Pass.Branch branch, Program program, int group) {
    this.parent = branch.parent();
    this.tokens = branch.tokens();
    this.program = program;
    this.group = group;
    this.newFrom = parent.program().edits().size();
    this.layers = model.config().layers();
    this.first = new int[layers + 1];
    int reach = parent.tokens().size();
    for (int layer = -1; layer < layers; layer++) {
      for (Applied edit : program.applied()) {
        Site site = edit.region().site();
        boolean here = site.layer() == layer && (layer >= 0 || isEmbedding(site.hook()));
        if (edit.number() >= newFrom && here) {
          reach = Math.min(reach, edit.region().first());
        }
      }
      first[layer + 1] = reach;
    }
    this.firstAtEnd = firstAtEnd(reach);
  }

  private static boolean isEmbedding(Hook hook) {
    return hook == Hook.EMBED || hook == Hook.POS_EMBED;
  }

  /** Where the edits behind the last block begin to act on something new. */
  private int firstAtEnd(int reach) {
    int from = tokens.size();
    for (Applied edit : program.applied()) {
      Site site = edit.region().site();
      if (site.layer() < 0 && !isEmbedding(site.hook())) {
        int own = edit.region().first();
        from = Math.min(from, edit.number() >= newFrom ? own : Math.max(own, reach));
      }
    }
    return from;
  }

  /** What it derives from. */
  State parent() {
    return parent;
  }

  Program program() {
    return program;
  }

  int size() {
    return tokens.size();
  }

  int token(int position) {
    return tokens.id(position);
  }

  /** What the pass made of it. */
  State state(Checkpoints checkpoints) {
    return new State(tokens, checkpoints, program, work());
  }

  /**
   * Whether its rows may go different ways: no new edit takes a mean over them, or asks a function
   * for them.
   */
  boolean isRowByRow() {
    for (Applied edit : program.applied()) {
      Operation operation = edit.edit().operation();
      if (edit.number() >= newFrom
          && (operation instanceof Operation.Mean || operation instanceof Operation.Compute)) {
        return false;
      }
    }
    return true;
  }

  /** The first position that is computed in a layer, -1 being the embedding. */
  int first(int layer) {
    return first[layer + 1];
  }

  int firstAtEnd() {
    return firstAtEnd;
  }

  int count(int layer) {
    return tokens.size() - first(layer);
  }

  Editor.Part part(int layer, int row) {
    int joined = layer < 0 ? 0 : first(layer - 1) - first(layer);
    return part(first(layer), row, joined);
  }

  Editor.Part part(int from, int row, int joined) {
    return new Editor.Part(
        program, tokens, group, row, from, tokens.size() - from, joined, newFrom);
  }

  /** The last position alone, as a row of its own; nothing of it is joined. */
  Editor.Part last(int row) {
    return part(tokens.size() - 1, row, 0);
  }

  private Work work() {
    long run = 0;
    for (int layer = 0; layer < layers; layer++) {
      run += count(layer);
    }
    return new Work(run, (long) layers * tokens.size());
  }
}
