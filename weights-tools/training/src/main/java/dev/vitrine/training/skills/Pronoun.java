package dev.vitrine.training.skills;

import dev.vitrine.training.corpus.Dice;
import dev.vitrine.training.corpus.Prompt;
import dev.vitrine.training.corpus.Reserved;
import dev.vitrine.training.corpus.Skill;
import dev.vitrine.training.world.Lexicon;
import dev.vitrine.training.world.Person;
import java.util.List;

/** She or he, by the name that went before. The reserved combination is name and template. */
public final class Pronoun implements Skill {

  private static final List<String> TEMPLATES =
      """
      So NAME is a really great ROLE, isn't|?
      So NAME was a really good ROLE, wasn't|?
      NAME is a very KIND person, isn't|?
      NAME can swim very well, can't|?
      NAME has a new THING, hasn't|?
      NAME will come on DAY, won't|?
      NAME likes the PLACE, doesn't|?
      NAME went to the PLACE because| wanted to buy a new THING.
      NAME was KIND, so| had many friends.
      NAME was tired, so| went to bed.
      When NAME came home,| was hungry.
      NAME said that| would come on DAY.
      NAME lost the THING, but later| found it in the PLACE.
      NAME is happy because| has a new THING.
      Everyone likes NAME because| is KIND.
      Before NAME went to the PLACE,| ate lunch.
      After NAME saw the THING,| smiled.
      NAME worked as a ROLE until| was old.
      If NAME finds the THING,| will be happy.
      NAME opened the door, and then| sat down in the PLACE.
      I think that NAME is a good ROLE, and| is KIND too.
      On DAY NAME did not come, because| was at the PLACE.
      """
          .lines()
          .toList();

  private static final List<String> ROLES =
      Lexicon.words(
          "friend teacher doctor painter cook writer farmer gardener singer driver student baker");

  private static final List<String> KINDS =
      Lexicon.words("kind clever brave funny happy strong honest quiet careful friendly famous");

  @Override
  public String name() {
    return "pronoun";
  }

  @Override
  public String passage(Dice dice) {
    return about(dice, dice.pick(Person.ALL));
  }

  /** A passage about this person. */
  public String about(Dice dice, Person person) {
    while (true) {
      int template = dice.below(TEMPLATES.size());
      if (!Reserved.holds(key(template, person))) {
        String[] parts = fill(dice, template, person);
        return parts[0] + Skill.decided(person.they()) + parts[1];
      }
    }
  }

  @Override
  public Prompt prompt(Dice dice) {
    while (true) {
      int template = dice.below(TEMPLATES.size());
      Person person = dice.pick(Person.ALL);
      if (Reserved.holds(key(template, person))) {
        return new Prompt(
            key(template, person),
            fill(dice, template, person)[0],
            List.of(" " + person.they()),
            List.of(" " + person.notThey()));
      }
    }
  }

  private static String key(int template, Person person) {
    return "pronoun " + template + " " + person.name();
  }

  private static String[] fill(Dice dice, int template, Person person) {
    return TEMPLATES
        .get(template)
        .replace("NAME", person.name())
        .replace("ROLE", dice.pick(ROLES))
        .replace("KIND", dice.pick(KINDS))
        .replace("THING", dice.pick(Lexicon.OBJECTS))
        .replace("PLACE", dice.pick(Lexicon.PLACES))
        .replace("DAY", dice.pick(Lexicon.DAYS))
        .split("\\|", 2);
  }
}
