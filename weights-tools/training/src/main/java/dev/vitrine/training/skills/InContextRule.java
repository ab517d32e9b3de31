package dev.vitrine.training.skills;

import dev.vitrine.training.corpus.Dice;
import dev.vitrine.training.corpus.Prompt;
import dev.vitrine.training.corpus.Reserved;
import dev.vitrine.training.corpus.Skill;
import dev.vitrine.training.world.Lexicon;
import dev.vitrine.training.world.Pairing;
import dev.vitrine.training.world.Person;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Pairs of words follow a rule that only the examples tell; the last pair is to be completed. The
 * reserved combination is the rule and two words that follow each other.
 */
public final class InContextRule implements Skill {

  private static final List<List<String>> STYLES =
      List.of(
          List.of(" ", ", "),
          List.of(": ", "\n"),
          List.of(" -> ", ", "),
          List.of(" - ", "; "),
          List.of(" ", "\n"));

  @Override
  public String name() {
    return "in_context_rule";
  }

  @Override
  public String passage(Dice dice) {
    Pairing rule = rule(dice);
    List<String> words = words(dice, rule, dice.between(4, 8), false);
    List<String> style = dice.pick(STYLES);
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < words.size(); i++) {
      String answer = rule.pairs().getOrDefault(words.get(i), "");
      text.append(i == 0 ? "" : style.getLast()).append(words.get(i)).append(cut(style));
      text.append(i < 2 ? " " + answer : Skill.decided(answer));
    }
    return text.toString();
  }

  @Override
  public Prompt prompt(Dice dice) {
    Pairing rule = dice.pick(Pairing.ALL);
    List<String> words = words(dice, rule, dice.between(3, 6), true);
    List<String> style = dice.pick(STYLES);
    StringBuilder text = new StringBuilder();
    for (String word : words.subList(0, words.size() - 1)) {
      text.append(word).append(cut(style)).append(' ').append(rule.pairs().get(word));
      text.append(style.getLast());
    }
    text.append(words.getLast()).append(cut(style));
    String right = rule.pairs().getOrDefault(words.getLast(), "");
    List<String> wrong =
        rule.pairs().values().stream()
            .distinct()
            .filter(answer -> !answer.equals(right))
            .map(answer -> " " + answer)
            .toList();
    return new Prompt(
        key(rule, words.get(words.size() - 2), words.getLast()),
        text.toString(),
        List.of(" " + right),
        wrong);
  }

  /**
   * What stands between the words of a pair, without the space, which belongs to the second word.
   */
  private static String cut(List<String> style) {
    return style.getFirst().substring(0, style.getFirst().length() - 1);
  }

  private static List<String> words(Dice dice, Pairing rule, int count, boolean reservedAtEnd) {
    List<String> keys = List.copyOf(new ArrayList<>(rule.pairs().keySet()));
    while (true) {
      List<String> words = dice.several(keys, Math.min(count, keys.size()));
      boolean fits = true;
      for (int i = 1; i < words.size(); i++) {
        boolean reserved = reservedAtEnd && i == words.size() - 1;
        fits &= Reserved.holds(key(rule, words.get(i - 1), words.get(i))) == reserved;
      }
      if (fits) {
        return words;
      }
    }
  }

  private static String key(Pairing rule, String before, String word) {
    return "rule " + rule.name() + " " + before + " " + word;
  }

  /** A rule that is taught, or one made up on the spot. */
  private static Pairing rule(Dice dice) {
    if (dice.chance(0.8)) {
      return dice.pick(Pairing.ALL);
    }
    List<String> source =
        dice.of(
            Lexicon.OBJECTS,
            Lexicon.ANIMALS,
            Lexicon.COLORS,
            Person.ALL.stream().map(Person::name).toList());
    boolean copy = dice.chance(0.5);
    String same = dice.pick(dice.of(Lexicon.COLORS, Lexicon.PLACES, Lexicon.ROOMS));
    Map<String, String> pairs = new LinkedHashMap<>();
    dice.several(source, 9).forEach(word -> pairs.put(word, copy ? word : same));
    return new Pairing(copy ? "copy" : "constant", pairs);
  }
}
