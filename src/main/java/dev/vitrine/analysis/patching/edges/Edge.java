package dev.vitrine.analysis.patching.edges;

/** What one part of the model reads of what another wrote. */
public record Edge(Sender from, Receiver to) {

  /** An edge; checked. */
  public Edge {
    if (!from.reaches(to)) {
      throw new IllegalArgumentException(
          "there is no edge from %s to %s: nothing is read that is written later"
              .formatted(from, to));
    }
  }

  @Override
  public String toString() {
    return from + " → " + to;
  }
}
