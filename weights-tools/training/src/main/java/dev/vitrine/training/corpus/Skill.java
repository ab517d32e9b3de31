package dev.vitrine.training.corpus;

/**
 * Writes passages that exercise one skill. A passage is text in which the words that the skill
 * decides stand between ‹ and ›.
 *
 * <p>Some combinations (of template, names, things) are reserved for measuring: {@link #prompt}
 * draws from those, {@link #passage} from all others.
 */
public interface Skill {

  /** What marks the beginning of a decided word. */
  char OPEN = '‹';

  /** What marks the end of a decided word. */
  char CLOSE = '›';

  /** The skill's name in reports. */
  String name();

  /** A passage for training. */
  String passage(Dice dice);

  /** A prompt held out of training. */
  Prompt prompt(Dice dice);

  /** A word marked as decided by the skill; the space before it is part of the mark. */
  static String decided(String word) {
    return OPEN + " " + word + CLOSE;
  }
}
