package dev.vitrine.training.skills;

import dev.vitrine.training.corpus.Dice;
import dev.vitrine.training.corpus.Prompt;
import dev.vitrine.training.corpus.Reserved;
import dev.vitrine.training.corpus.Skill;
import dev.vitrine.training.world.Lexicon;
import dev.vitrine.training.world.Person;
import java.util.List;

/**
 * Of two people who were named, the one who is not doing the giving gets the thing: the indirect
 * object of Wang et al. (2022). The reserved combination is the pair of names.
 */
public final class IndirectObject implements Skill {

  /** F and S are the two people as first named, G is the giver, and the other one follows. */
  private static final List<String> PAPER =
      """
      Then, F and S went to the PLACE. G gave OBJECT to
      Then, F and S had a lot of fun at the PLACE. G gave OBJECT to
      Then, F and S were working at the PLACE. G decided to give OBJECT to
      Then, F and S were thinking about going to the PLACE. G wanted to give OBJECT to
      Then, F and S had a long argument, and afterwards G said to
      After F and S went to the PLACE, G gave OBJECT to
      When F and S got OBJECT at the PLACE, G decided to give it to
      When F and S got OBJECT at the PLACE, G decided to give the THING to
      While F and S were working at the PLACE, G gave OBJECT to
      While F and S were commuting to the PLACE, G gave OBJECT to
      After the lunch, F and S went to the PLACE. G gave OBJECT to
      Afterwards, F and S went to the PLACE. G gave OBJECT to
      Then, F and S had a long argument. Afterwards G said to
      The PLACE F and S went to had OBJECT. G gave it to
      Friends F and S found OBJECT at the PLACE. G gave it to
      When F and S went to the PLACE, G gave OBJECT to
      """
          .lines()
          .toList();

  private static final List<String> MORE =
      """
      F and S met at the PLACE. G gave OBJECT to
      F and S were friends. G showed OBJECT to
      One day F and S walked to the PLACE, and G handed OBJECT to
      When F and S came to the PLACE, G sold OBJECT to
      F and S sat down in the PLACE. Soon G passed OBJECT to
      After F and S left the PLACE, G sent OBJECT to
      F played with S near the PLACE. Then G threw OBJECT to
      F saw S at the PLACE. G waved to
      F and S were at home. G brought OBJECT for
      When F and S were at the PLACE, G bought OBJECT for
      F went to the PLACE with S. There G talked to
      """
          .lines()
          .toList();

  private static final List<String> AFTERWARDS =
      List.of(
          ".",
          ".",
          ". OTHER was very happy.",
          ". OTHER said thank you.",
          ", and OTHER smiled.",
          ". Then OTHER went home.",
          ". OTHER and GIVER were good friends.",
          ". OTHER thanked GIVER.",
          " before they went home.",
          " because it was a special day.");

  @Override
  public String name() {
    return "indirect_object";
  }

  @Override
  public String passage(Dice dice) {
    return about(dice, pair(dice, false), dice.pick(Lexicon.PLACES));
  }

  /** A passage about these two at this place. */
  public String about(Dice dice, List<Person> pair, String place) {
    String template = dice.pick(dice.chance(0.65) ? PAPER : MORE);
    Person giver = dice.pick(pair);
    Person other = other(pair, giver);
    String end =
        dice.pick(AFTERWARDS).replace("OTHER", other.name()).replace("GIVER", giver.name());
    return fill(dice, template, pair, giver, place) + Skill.decided(other.name()) + end;
  }

  @Override
  public Prompt prompt(Dice dice) {
    List<Person> pair = pair(dice, true);
    Person giver = dice.pick(pair);
    String text = fill(dice, dice.pick(PAPER), pair, giver, dice.pick(Lexicon.PLACES));
    return new Prompt(
        key(pair), text, List.of(" " + other(pair, giver)), List.of(" " + giver.name()));
  }

  private static Person other(List<Person> pair, Person giver) {
    return pair.getFirst().equals(giver) ? pair.getLast() : pair.getFirst();
  }

  private static String fill(
      Dice dice, String template, List<Person> pair, Person giver, String place) {
    String thing = dice.pick(Lexicon.OBJECTS);
    StringBuilder text = new StringBuilder();
    for (String word : template.split("(?<=[ .,])|(?=[.,])", -1)) {
      text.append(
          switch (word.trim()) {
            case "F" -> word.replace("F", pair.getFirst().name());
            case "S" -> word.replace("S", pair.getLast().name());
            case "G" -> word.replace("G", giver.name());
            case "PLACE" -> word.replace("PLACE", place);
            case "OBJECT" -> word.replace("OBJECT", Lexicon.a(thing));
            case "THING" -> word.replace("THING", thing);
            default -> word;
          });
    }
    return text.toString();
  }

  /** Two people whose combination is reserved, or is not. */
  public static List<Person> pair(Dice dice, boolean reserved) {
    while (true) {
      List<Person> pair = dice.several(Person.ALL, 2);
      if (Reserved.holds(key(pair)) == reserved) {
        return pair;
      }
    }
  }

  /** Describes a pair, whoever is named first. */
  public static String key(List<Person> pair) {
    List<String> names = pair.stream().map(Person::name).sorted().toList();
    return names.getFirst() + " and " + names.getLast() + ";";
  }
}
