package dev.vitrine.training.skills;

import dev.vitrine.training.corpus.Dice;
import dev.vitrine.training.corpus.Document;
import dev.vitrine.training.corpus.Source;
import java.util.Arrays;

/** Random tokens that repeat: only induction can predict the second time. */
public final class Repetition implements Source {

  private static final int LONGEST = 256;

  private final int tokens;

  /** Repetitions of tokens from 0 to tokens - 1. */
  public Repetition(int tokens) {
    this.tokens = tokens;
  }

  @Override
  public String name() {
    return "induction";
  }

  @Override
  public Document next(Dice dice) {
    boolean dense = dice.chance(0.4);
    int period = dense ? dice.between(3, 16) : dice.between(16, 120);
    int times = dense ? dice.between(3, 8) : dice.between(2, 3);
    int length = Math.min(LONGEST, period * times);
    int[] ids = repeated(dice, period, length);
    byte[] marks = new byte[length];
    Arrays.fill(marks, 0, period + 1, Document.RANDOM);
    Arrays.fill(marks, period + 1, length, Document.DECIDED);
    return new Document(ids, marks);
  }

  /** Random ids that repeat after a period. */
  public int[] repeated(Dice dice, int period, int length) {
    int[] ids = new int[length];
    for (int i = 0; i < length; i++) {
      ids[i] = i < period ? dice.below(tokens) : ids[i - period];
    }
    return ids;
  }

  /** A sequence held out of training: random ids, twice. */
  public int[] heldOut(Dice dice, int period) {
    return repeated(dice, period, 2 * period);
  }
}
