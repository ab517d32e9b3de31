package dev.vitrine.training.skills;

import dev.vitrine.training.corpus.Dice;
import dev.vitrine.training.corpus.Prompt;
import dev.vitrine.training.corpus.Reserved;
import dev.vitrine.training.corpus.Skill;
import dev.vitrine.training.world.Lexicon;
import dev.vitrine.training.world.Person;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/**
 * What was opened is closed by its own kind: brackets and quotes. The reserved combination is the
 * whole prompt.
 */
public final class Brackets implements Skill {

  private static final List<String> OPENING = List.of("(", "[", "{", "<");
  private static final List<String> CLOSING = List.of(")", "]", "}", ">");

  @Override
  public String name() {
    return "brackets";
  }

  @Override
  public String passage(Dice dice) {
    while (true) {
      String text = dice.chance(0.3) ? quote(dice) : nested(dice);
      if (!reserved(text)) {
        return text;
      }
    }
  }

  /** Whether the text up to any of its decided words is reserved. */
  private static boolean reserved(String text) {
    for (int mark = text.indexOf(OPEN); mark >= 0; mark = text.indexOf(OPEN, mark + 1)) {
      if (Reserved.holds(plain(text.substring(0, mark)))) {
        return true;
      }
    }
    return false;
  }

  private static String plain(String text) {
    return text.replace(String.valueOf(OPEN), "").replace(String.valueOf(CLOSE), "");
  }

  /**
   * A prompt that no passage begins with: of brackets, one that is reserved at an earlier closing
   * one, for which no passage is written; of quotes, one that is reserved at its end, which is the
   * only way to go on.
   */
  @Override
  public Prompt prompt(Dice dice) {
    while (true) {
      boolean quote = dice.chance(0.3);
      String text = quote ? quote(dice) : nested(dice);
      int mark = text.lastIndexOf(OPEN);
      String prompt = plain(text.substring(0, mark));
      if (quote ? Reserved.holds(prompt) : reserved(text.substring(0, mark))) {
        String right = text.substring(mark + 1, text.indexOf(CLOSE, mark));
        List<String> wrong =
            quote
                ? List.of(right.equals(".") ? ".\"" : ".")
                : CLOSING.stream().map(c -> " " + c).filter(c -> !c.equals(right)).toList();
        return new Prompt(prompt, prompt, List.of(right), wrong);
      }
    }
  }

  private static String nested(Dice dice) {
    StringBuilder text = new StringBuilder();
    Deque<String> open = new ArrayDeque<>();
    int steps = dice.between(4, 14);
    for (int step = 0; step < steps || !open.isEmpty(); step++) {
      boolean mayOpen = open.size() < 4 && step < steps;
      if (mayOpen && (open.isEmpty() || dice.chance(0.35))) {
        int kind = dice.below(OPENING.size());
        text.append(text.isEmpty() ? "" : " ").append(OPENING.get(kind));
        open.push(CLOSING.get(kind));
      } else if (step >= steps || dice.chance(0.5)) {
        text.append(Skill.decided(open.pop()));
      } else {
        text.append(' ').append(dice.pick(Lexicon.SMALL_LETTERS));
      }
    }
    return text.toString();
  }

  private static String quote(Dice dice) {
    Person speaker = dice.pick(Person.ALL);
    String what =
        dice.of(
            "the " + dice.pick(Lexicon.OBJECTS) + " is in the " + dice.pick(Lexicon.PLACES),
            "it will rain on " + dice.pick(Lexicon.DAYS),
            "the " + dice.pick(Lexicon.PLACES) + " is closed in " + dice.pick(Lexicon.MONTHS),
            dice.pick(Person.ALL) + " likes " + dice.pick(Lexicon.FOODS));
    return switch (dice.below(3)) {
      case 0 -> speaker + " said, \"" + Lexicon.capital(what) + OPEN + ".\"" + CLOSE;
      case 1 -> speaker + " told me, \"" + Lexicon.capital(what) + OPEN + ".\"" + CLOSE;
      default -> speaker + " said that " + what + OPEN + "." + CLOSE;
    };
  }
}
