package dev.vitrine.training.skills;

import dev.vitrine.training.corpus.Dice;
import dev.vitrine.training.corpus.Prompt;
import dev.vitrine.training.corpus.Reserved;
import dev.vitrine.training.corpus.Skill;
import dev.vitrine.training.world.Lexicon;
import java.util.List;

/**
 * The verb agrees with the subject, though another noun stands between them. The reserved
 * combination is both nouns with their numbers.
 */
public final class Agreement implements Skill {

  private static final List<String> SUBJECTS =
      Lexicon.words(
          "key book picture letter lamp cup box map boy girl dog cat bird ball ring hat bottle"
              + " teacher farmer friend");

  private static final List<String> ATTRACTORS =
      Lexicon.words(
          "cabinet house garden table door window tree school teacher farmer doctor horse car king"
              + " queen boat chair wall river friend");

  private static final List<String> LINKS =
      List.of(
          "to the",
          "of the",
          "near the",
          "behind the",
          "beside the",
          "next to the",
          "in front of the",
          "that belongs to the",
          "from the");

  private static final List<String> ENDS =
      List.of(
          "very old",
          "on the table",
          "in the kitchen",
          "not here",
          "small and red",
          "beautiful",
          "new",
          "lost",
          "in the garden",
          "ready",
          "quite big",
          "too heavy");

  @Override
  public String name() {
    return "agreement";
  }

  @Override
  public String passage(Dice dice) {
    Draw draw = Draw.from(dice, false);
    String verb = draw.verb(dice.below(3));
    String end =
        verb.startsWith("ha")
            ? dice.of(" a long story.", " no name.")
            : " " + dice.pick(ENDS) + ".";
    return draw.text() + Skill.decided(verb) + end;
  }

  @Override
  public Prompt prompt(Dice dice) {
    while (true) {
      Draw draw = Draw.from(dice, true);
      if (draw.many() != draw.attractorMany()) {
        return new Prompt(
            draw.key(),
            draw.text(),
            List.of(draw.many() ? " are" : " is"),
            List.of(draw.many() ? " is" : " are"));
      }
    }
  }

  private record Draw(
      String noun, boolean many, String link, String attractor, boolean attractorMany) {

    static Draw from(Dice dice, boolean reserved) {
      while (true) {
        Draw draw =
            new Draw(
                dice.pick(SUBJECTS),
                dice.chance(0.5),
                dice.pick(LINKS),
                dice.pick(ATTRACTORS),
                dice.chance(0.5));
        if (Reserved.holds(draw.key()) == reserved && !draw.noun.equals(draw.attractor)) {
          return draw;
        }
      }
    }

    String key() {
      return "agreement " + number(noun, many) + " " + number(attractor, attractorMany);
    }

    String text() {
      String joint = link.equals("that belongs to the") && many ? "that belong to the" : link;
      return "The " + number(noun, many) + " " + joint + " " + number(attractor, attractorMany);
    }

    String verb(int tense) {
      return List.of(many ? "are" : "is", many ? "were" : "was", many ? "have" : "has").get(tense);
    }

    private static String number(String noun, boolean many) {
      return many ? noun + (noun.endsWith("x") ? "es" : "s") : noun;
    }
  }
}
