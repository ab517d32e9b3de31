package dev.vitrine.training.skills;

import dev.vitrine.training.corpus.Dice;
import dev.vitrine.training.corpus.Prompt;
import dev.vitrine.training.corpus.Reserved;
import dev.vitrine.training.corpus.Skill;
import dev.vitrine.training.world.Lexicon;
import java.util.List;
import java.util.stream.IntStream;

/**
 * What comes next: days, months, numbers, letters. The reserved combination is the sequence, where
 * it starts and how it is written.
 */
public final class Succession implements Skill {

  private static final List<Sequence> SEQUENCES =
      List.of(
          new Sequence("days", Lexicon.DAYS, true),
          new Sequence("months", Lexicon.MONTHS, true),
          new Sequence("number words", Lexicon.NUMBERS, false),
          new Sequence("ordinals", Lexicon.ORDINALS, false),
          new Sequence("letters", Lexicon.LETTERS, false),
          new Sequence("small letters", Lexicon.SMALL_LETTERS, false),
          new Sequence("numbers", IntStream.range(0, 100).mapToObj(n -> "" + n).toList(), false));

  /** What stands before the sequence, and between its members. */
  private static final List<Style> STYLES =
      List.of(
          new Style("", ","),
          new Style("", ""),
          new Style("Count with me:", ","),
          new Style("They come in this order:", " then"),
          new Style("He said them one by one,", " and"));

  private record Sequence(String name, List<String> members, boolean round) {}

  private record Style(String before, String between) {}

  @Override
  public String name() {
    return "succession";
  }

  @Override
  public String passage(Dice dice) {
    Draw draw = Draw.from(dice, false, dice.between(4, 9));
    StringBuilder text = new StringBuilder(draw.shown(3));
    for (int i = 3; i < draw.count; i++) {
      text.append(Skill.decided(draw.member(i)));
      text.append(i + 1 < draw.count ? draw.style.between() : ".");
    }
    return text.toString();
  }

  @Override
  public Prompt prompt(Dice dice) {
    Draw draw = Draw.from(dice, true, dice.between(4, 7));
    List<String> wrong =
        draw.sequence.members().stream()
            .filter(member -> !member.equals(draw.member(draw.count - 1)))
            .map(member -> " " + member)
            .toList();
    return new Prompt(
        draw.key(), draw.shown(draw.count - 1), List.of(" " + draw.member(draw.count - 1)), wrong);
  }

  private record Draw(Sequence sequence, Style style, int start, int count) {

    static Draw from(Dice dice, boolean reserved, int wanted) {
      while (true) {
        Sequence sequence = dice.pick(SEQUENCES);
        int size = sequence.members().size();
        int start = dice.below(sequence.round() ? size : size - 3);
        int count = sequence.round() ? wanted : Math.min(wanted, size - start);
        Draw draw = new Draw(sequence, dice.pick(STYLES), start, count);
        if (Reserved.holds(draw.key()) == reserved) {
          return draw;
        }
      }
    }

    String key() {
      return "succession "
          + String.join(";", sequence.name(), style.before(), style.between(), "" + start);
    }

    String member(int i) {
      return sequence.members().get((start + i) % sequence.members().size());
    }

    String shown(int shown) {
      StringBuilder text = new StringBuilder(style.before());
      for (int i = 0; i < shown; i++) {
        text.append(text.isEmpty() ? "" : " ").append(member(i)).append(style.between());
      }
      return text.toString();
    }
  }
}
