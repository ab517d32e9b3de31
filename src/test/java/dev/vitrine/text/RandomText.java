package dev.vitrine.text;

import java.util.SplittableRandom;

/** Seeded texts to try properties on. */
final class RandomText {

  private RandomText() {}

  /** Code points of all kinds: ASCII mostly, then any that is no surrogate. */
  static String unicode(SplittableRandom random, int longest) {
    StringBuilder text = new StringBuilder();
    int length = random.nextInt(longest + 1);
    for (int i = 0; i < length; i++) {
      int point =
          switch (random.nextInt(8)) {
            case 0, 1, 2 -> random.nextInt(' ', 0x7f);
            case 3 -> random.nextInt(0, 0x800);
            case 4 -> random.nextInt(0x2000, 0x3100);
            case 5 -> random.nextInt(0xe000, 0x10000);
            case 6 -> random.nextInt(0x10000, 0x110000);
            default -> ' ';
          };
      text.appendCodePoint(point);
    }
    return text.toString();
  }

  /** Characters of an alphabet; one that is listed twice comes twice as often. */
  static String over(String alphabet, SplittableRandom random, int length) {
    StringBuilder text = new StringBuilder(length);
    for (int i = 0; i < length; i++) {
      text.append(alphabet.charAt(random.nextInt(alphabet.length())));
    }
    return text.toString();
  }
}
