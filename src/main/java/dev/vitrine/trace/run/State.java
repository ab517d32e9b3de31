package dev.vitrine.trace.run;

import dev.vitrine.kernels.Backend;
import dev.vitrine.text.Tokens;
import dev.vitrine.trace.acting.Program;
import dev.vitrine.trace.edit.Work;
import dev.vitrine.trace.kept.Checkpoints;
import dev.vitrine.weights.Config;

/**
 * What a trace is made of.
 *
 * @param tokens what was read
 * @param checkpoints what was kept of it
 * @param program the edits that were active
 * @param work what it cost to compute, given the trace that it came from
 */
public record State(Tokens tokens, Checkpoints checkpoints, Program program, Work work) {

  /** Of a sequence of which nothing was computed yet. */
  static State empty(Backend backend, Config config) {
    return new State(
        Tokens.ofIds(), Checkpoints.empty(backend, config), Program.EMPTY, new Work(0, 0));
  }

  /** The first positions of it; nothing is computed. */
  public State first(int positions, Config config) {
    return new State(
        tokens.first(positions),
        checkpoints.first(positions),
        program,
        new Work(0, (long) positions * config.layers()));
  }
}
