package dev.vitrine.training.skills;

import dev.vitrine.training.corpus.Dice;
import dev.vitrine.training.corpus.Prompt;
import dev.vitrine.training.corpus.Reserved;
import dev.vitrine.training.corpus.Skill;
import dev.vitrine.training.world.Lexicon;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Something that began in a year ends in a later one (Hanna et al. 2023). The reserved combination
 * is event and year.
 */
public final class GreaterThan implements Skill {

  private static final List<String> EVENTS =
      Lexicon.words(
          "war journey voyage reign siege trial strike dispute project expedition famine plague"
              + " friendship marriage work");

  private static final List<String> TEMPLATES =
      List.of(
          "The EVENT lasted from the year YEAR to the year CENTURY",
          "The EVENT went on from the year YEAR to the year CENTURY",
          "The EVENT started in the year YEAR and ended in the year CENTURY",
          "The EVENT began in YEAR and ended in CENTURY",
          "The long EVENT lasted from YEAR until CENTURY");

  @Override
  public String name() {
    return "greater_than";
  }

  @Override
  public String passage(Dice dice) {
    Draw draw = Draw.from(dice, false);
    return draw.text() + OPEN + twoDigits(dice.between(draw.year + 1, 99)) + CLOSE + ".";
  }

  @Override
  public Prompt prompt(Dice dice) {
    Draw draw = Draw.from(dice, true);
    return new Prompt(
        draw.key(),
        draw.text(),
        IntStream.rangeClosed(draw.year + 1, 99).mapToObj(GreaterThan::twoDigits).toList(),
        IntStream.rangeClosed(0, draw.year).mapToObj(GreaterThan::twoDigits).toList());
  }

  private static String twoDigits(int number) {
    return "" + number / 10 + number % 10;
  }

  private record Draw(String template, String event, int century, int year) {

    static Draw from(Dice dice, boolean reserved) {
      while (true) {
        Draw draw =
            new Draw(
                dice.pick(TEMPLATES), dice.pick(EVENTS), dice.between(11, 19), dice.between(2, 97));
        if (Reserved.holds(draw.key()) == reserved) {
          return draw;
        }
      }
    }

    String key() {
      return "greater " + event + " " + century + twoDigits(year);
    }

    String text() {
      return template
          .replace("EVENT", event)
          .replace("YEAR", century + twoDigits(year))
          .replace("CENTURY", "" + century);
    }
  }
}
