package dev.vitrine.training.story;

import dev.vitrine.training.corpus.Dice;
import dev.vitrine.training.corpus.Reserved;
import dev.vitrine.training.skills.IndirectObject;
import dev.vitrine.training.world.Lexicon;
import dev.vitrine.training.world.Person;
import java.util.List;

/**
 * Tells stories: an opening, some plots, deeds and talk that follow from what went before, and an
 * end.
 */
public final class StoryTeller {

  private StoryTeller() {}

  /** A story, with decided words marked. */
  public static String tell(Dice dice) {
    Tale tale = new Tale(dice, cast(dice));
    open(tale);
    Deeds deeds = new Deeds(tale);
    Talk talk = new Talk(tale);
    for (int event = dice.between(3, 9); event > 0; event--) {
      if (dice.chance(0.25)) {
        new Plots(tale).any();
      } else if (dice.chance(0.6)) {
        deeds.any();
      } else {
        talk.any();
      }
    }
    close(tale);
    return tale.text();
  }

  /** Two or three people, no two of whom are a reserved pair. */
  private static List<Person> cast(Dice dice) {
    while (true) {
      List<Person> cast = dice.several(Person.ALL, dice.chance(0.6) ? 2 : 3);
      boolean free = !reserved(cast.get(0), cast.get(1));
      if (cast.size() == 3) {
        free &= !reserved(cast.get(0), cast.get(2)) && !reserved(cast.get(1), cast.get(2));
      }
      if (free) {
        return cast;
      }
    }
  }

  private static boolean reserved(Person one, Person two) {
    return Reserved.holds(IndirectObject.key(List.of(one, two)));
  }

  private static void open(Tale tale) {
    Dice dice = tale.dice;
    List<Person> cast = tale.cast;
    String all =
        cast.size() == 2
            ? cast.get(0) + " and " + cast.get(1)
            : cast.get(0) + ", " + cast.get(1) + " and " + cast.get(2);
    String place = tale.places.getFirst();
    String time = dice.of("morning", "afternoon", "evening");
    String month = dice.pick(Lexicon.MONTHS);
    tale.tell(
        dice.of(
            "On " + tale.day + " " + time + ", " + all + " were at the " + place + ".",
            "It was " + tale.day + ". " + all + " met at the " + place + ".",
            "One " + tale.day + " in " + month + ", " + all + " went to the " + place + ".",
            "Once upon a time, " + all + " lived near the " + place + ".",
            all + " were good friends. On " + tale.day + " they met at the " + place + "."));
    tale.tell(weather(dice));
  }

  private static String weather(Dice dice) {
    return dice.of(
        "The sun was shining and the sky was blue.",
        "It was raining, so the streets were wet.",
        "It was cold, and there was snow on the roofs.",
        "It was a warm day.",
        "There was a strong wind.",
        "It was dark, because there were many clouds.");
  }

  private static void close(Tale tale) {
    Dice dice = tale.dice;
    Person hero = tale.anyone();
    tale.tell(
        dice.of(
            "In the evening they all went home. It had been a good day.",
            "When it was dark, everyone went home and slept.",
            hero + " was tired, so‹ " + hero.they() + "› went home and slept.",
            "It was a day that " + hero + " never forgot.",
            "And that was the end of the‹ day›.",
            "The next day was‹ " + tale.tomorrow() + "›, and they met again."));
  }
}
