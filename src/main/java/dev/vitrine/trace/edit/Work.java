package dev.vitrine.trace.edit;

/**
 * What a derived trace cost: rows that went through a block, out of those that a full run would
 * have sent.
 *
 * @param run rows × layers that were computed
 * @param full rows × layers of a run from the start
 */
public record Work(long run, long full) {

  /** Rows × layers that were shared with the trace it came from. */
  public long saved() {
    return full - run;
  }

  @Override
  public String toString() {
    return "%d of %d rows × layers run, %d saved (%.0f %%)"
        .formatted(run, full, saved(), full == 0 ? 0 : 100.0 * saved() / full);
  }
}
