package dev.vitrine.training.corpus;

import java.util.ArrayList;
import java.util.List;

/** A seeded source of chance (SplitMix64) that rolls the same on every machine and every JDK. */
public final class Dice {

  private long state;

  /** Dice that always roll the same sequence for the same seed. */
  public Dice(long seed) {
    state = seed;
  }

  private long bits() {
    state += 0x9E3779B97F4A7C15L;
    long z = state;
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }

  /** A number from 0 to bound - 1. */
  public int below(int bound) {
    return (int) (((bits() >>> 32) * bound) >>> 32);
  }

  /** A number from low to high, both included. */
  public int between(int low, int high) {
    return low + below(high - low + 1);
  }

  /** True with this probability. */
  public boolean chance(double probability) {
    return (bits() >>> 11) * 0x1.0p-53 < probability;
  }

  /** One of these. */
  public <T> T pick(List<T> list) {
    return list.get(below(list.size()));
  }

  /** One of these. */
  @SafeVarargs
  public final <T> T of(T... options) {
    return options[below(options.length)];
  }

  /** Some of these, all different, in any order. */
  public <T> List<T> several(List<T> list, int count) {
    List<T> rest = new ArrayList<>(list);
    List<T> chosen = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      chosen.add(rest.remove(below(rest.size())));
    }
    return chosen;
  }
}
