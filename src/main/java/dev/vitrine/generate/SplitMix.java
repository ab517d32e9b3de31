package dev.vitrine.generate;

/**
 * SplitMix64 (Steele, Lea and Flood 2014), written out so that a seed gives the same numbers for
 * ever, whatever a later Java does with its own generators.
 */
final class SplitMix {

  private long state;

  SplitMix(long seed) {
    state = seed;
  }

  private long next() {
    state += 0x9e3779b97f4a7c15L;
    long z = state;
    z = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
    z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
    return z ^ (z >>> 31);
  }

  /** The next of the multiples of 2⁻⁵³ from 0 to below 1. */
  double nextDouble() {
    return (next() >>> 11) * 0x1p-53;
  }
}
