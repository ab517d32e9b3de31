package dev.vitrine.benchmarks;

/**
 * What one call of a benchmark does, so that its time can be held against the machine's ceilings.
 *
 * @param what the kernel and its shape, for people
 * @param operations floating-point operations, a fused multiply-add being two
 * @param bytes what has to be read and written once, however clever the kernel
 * @param held bytes that are gone through before any is met again: what fits a cache comes from
 *     there
 */
record Work(String what, double operations, double bytes, double held) {

  /** One that goes through the same bytes in each call. */
  Work(String what, double operations, double bytes) {
    this(what, operations, bytes, bytes);
  }
}
