package dev.vitrine.analysis;

import dev.vitrine.trace.Trace;

/** Resolves positions that count from the end. */
final class Positions {
  private Positions() {}

  static int resolve(Trace trace, int position) {
    int at = position < 0 ? trace.size() + position : position;
    if (at < 0 || at >= trace.size()) {
      throw new IndexOutOfBoundsException(
          "position %d is not in a trace of %d positions".formatted(position, trace.size()));
    }
    return at;
  }
}
