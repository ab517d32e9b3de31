package dev.vitrine.training.story;

import dev.vitrine.training.corpus.Dice;
import dev.vitrine.training.skills.Facts;
import dev.vitrine.training.skills.GreaterThan;
import dev.vitrine.training.skills.IndirectObject;
import dev.vitrine.training.skills.Pronoun;
import dev.vitrine.training.skills.Succession;
import dev.vitrine.training.world.Person;
import java.util.List;
import java.util.Map;

/** What people say in a story, and what is learnt in it. */
final class Talk {

  private static final Facts FACTS = new Facts();
  private static final GreaterThan YEARS = new GreaterThan();
  private static final Succession SEQUENCES = new Succession();
  private static final Pronoun PRONOUNS = new Pronoun();
  private static final IndirectObject GIFTS = new IndirectObject();

  private final Tale tale;
  private final Dice dice;

  Talk(Tale tale) {
    this.tale = tale;
    dice = tale.dice;
  }

  void any() {
    List<Person> pair = dice.several(tale.cast, 2);
    Person one = pair.getFirst();
    Person two = pair.getLast();
    switch (dice.below(10)) {
      case 0, 1, 2 -> askWhere(one, two);
      case 3 -> fact(one, two);
      case 4 -> gift(pair);
      case 5 -> tale.tell(PRONOUNS.about(dice, one));
      case 6 -> year(one);
      case 7 -> count(one, two);
      case 8 -> plan(one, two);
      default -> feeling(one, two);
    }
  }

  private void askWhere(Person one, Person two) {
    if (!tale.holder.isEmpty() && dice.chance(0.5)) {
      Map.Entry<String, Person> entry = dice.pick(List.copyOf(tale.holder.entrySet()));
      Person owner = entry.getValue();
      Person asker = owner.equals(one) ? two : one;
      tale.tell("\"Who has the " + entry.getKey() + "?\" asked " + asker + ".");
      tale.tell("\"It is with‹ " + owner + "›,\" was the answer.");
    } else if (!tale.lying.isEmpty() && dice.chance(0.6)) {
      Map.Entry<String, String> entry = dice.pick(List.copyOf(tale.lying.entrySet()));
      tale.tell("\"Where is the " + entry.getKey() + "?\" asked " + one + ".");
      tale.tell("\"It is in the‹ " + entry.getValue() + "›,\" said‹ " + two + "›.");
    } else {
      tale.tell(
          dice.of(
              one + " was still at the‹ " + tale.place(one) + "›.",
              "\"I like the‹ " + tale.place(one) + "›,\" said " + one + "."));
    }
  }

  private void fact(Person one, Person two) {
    String fact = FACTS.passage(dice);
    tale.tell(
        dice.of(
            one + " said to " + two + ", \"" + fact + "\"",
            one + " was reading a book. It said, \"" + fact + "\"",
            "\"Do you know what I learned today?\" asked " + one + ". \"" + fact + "\""));
    if (dice.chance(0.4)) {
      tale.tell("\"I did not know that,\" said " + two + ".");
    }
  }

  private void gift(List<Person> pair) {
    String place = dice.pick(tale.places);
    pair.forEach(person -> tale.where.put(person, place));
    tale.tell(GIFTS.about(dice, pair, place));
  }

  private void year(Person one) {
    tale.tell(
        dice.of(
                one + " found an old book about the past. ",
                "On the wall, " + one + " read these words. ")
            + YEARS.passage(dice));
  }

  private void count(Person one, Person two) {
    tale.tell(
        dice.of(
                one + " taught " + two + " to count.",
                "\"Say it after me,\" said " + one + ".",
                one + " read these words on the wall:")
            + " "
            + SEQUENCES.passage(dice));
  }

  private void plan(Person one, Person two) {
    tale.tell(
        dice.of(
            "\"Today is‹ "
                + tale.day
                + "›, so tomorrow is‹ "
                + tale.tomorrow()
                + "›,\" said "
                + one
                + ".",
            "\"Let us meet again on "
                + tale.tomorrow()
                + ",\" said "
                + one
                + ". \"Yes,\" said‹ "
                + two
                + "›.",
            one + " promised to come back on " + tale.tomorrow() + "."));
  }

  private void feeling(Person one, Person two) {
    tale.tell(
        dice.of(
            "\"I am tired,\" said " + one + ". \"Then let us rest,\" answered‹ " + two + "›.",
            "\"I am hungry,\" said " + one + ". \"Then let us eat,\" answered‹ " + two + "›.",
            "\"Are you happy?\" asked " + one + ". \"Yes, I am,\" said‹ " + two + "›.",
            "\"Look at the sky,\" said " + one + ". \"It is going to rain,\" said‹ " + two + "›."));
  }
}
