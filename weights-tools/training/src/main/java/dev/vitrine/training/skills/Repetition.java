package dev.vitrine.training.skills;

import dev.vitrine.training.corpus.Dice;
import dev.vitrine.training.corpus.Document;
import dev.vitrine.training.corpus.Source;
import java.util.Arrays;
import java.util.stream.IntStream;

/** Random tokens that repeat: only induction can predict the second time. */
public final class Repetition implements Source {

  private static final int LONGEST = 256;

  private final int number;
  private final int tokens;

  /** Repetitions of tokens from 0 to tokens - 1, as the source of this number. */
  public Repetition(int number, int tokens) {
    this.number = number;
    this.tokens = tokens;
  }

  @Override
  public String name() {
    return "induction";
  }

  @Override
  public Document next(Dice dice) {
    int period = dice.chance(0.5) ? dice.between(8, 40) : dice.between(20, 120);
    int length = Math.min(LONGEST, period * dice.between(2, period < 40 ? 4 : 2));
    int[] ids = repeated(dice, period, length);
    byte[] marks = new byte[length];
    Arrays.fill(marks, 0, period + 1, Document.RANDOM);
    Arrays.fill(marks, period + 1, length, Document.DECIDED);
    return new Document(number, ids, marks);
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
    return IntStream.of(repeated(dice, period, 2 * period)).toArray();
  }
}
