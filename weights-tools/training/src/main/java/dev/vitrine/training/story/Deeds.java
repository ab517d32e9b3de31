package dev.vitrine.training.story;

import dev.vitrine.training.corpus.Dice;
import dev.vitrine.training.corpus.Skill;
import dev.vitrine.training.world.Lexicon;
import dev.vitrine.training.world.Person;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What people do in a story. Each deed changes the tale and tells it. */
final class Deeds {

  private final Tale tale;
  private final Dice dice;

  Deeds(Tale tale) {
    this.tale = tale;
    dice = tale.dice;
  }

  void any() {
    Person hero = tale.anyone();
    @Nullable Person friend = tale.companion(hero);
    @Nullable String thing = tale.inHand(hero);
    switch (dice.below(9)) {
      case 0, 1 -> go(hero, friend);
      case 2 -> find(hero);
      case 3 -> {
        if (thing != null && friend != null) {
          give(hero, friend, thing);
        } else {
          find(hero);
        }
      }
      case 4 -> {
        if (thing != null) {
          lose(hero, thing);
        } else {
          buy(hero);
        }
      }
      case 5 -> recover();
      case 6 -> eat(hero, friend);
      case 7 -> animal(hero);
      default -> {
        if (thing != null) {
          putDown(hero, thing);
        } else {
          work(hero, friend);
        }
      }
    }
  }

  private void go(Person hero, @Nullable Person friend) {
    String to = dice.pick(tale.places);
    if (to.equals(tale.place(hero))) {
      return;
    }
    String from = tale.place(hero);
    boolean together = friend != null && dice.chance(0.5);
    tale.where.put(hero, to);
    if (together && friend != null) {
      tale.where.put(friend, to);
      tale.tell(
          dice.of(
              "Then " + hero + " and " + friend + " went to the " + to + ".",
              hero + " and " + friend + " walked to the " + to + " together.",
              "After that, " + hero + " went to the " + to + " with " + friend + "."));
      return;
    }
    tale.tell(
        hero,
        dice.of(
            "@ went to the " + to + ".",
            "In the " + dice.of("morning", "afternoon", "evening") + " @ went to the " + to + ".",
            "@ left the " + from + " and went to the " + to + ".",
            "Later @ walked from the " + from + " to the " + to + ".",
            "@ walked slowly to the " + to + ".",
            "@ wanted to see the " + to + ", so‹ " + hero.they() + "› went there.",
            "@ ran to the " + to + " because‹ " + hero.they() + "› was late."));
  }

  private void find(Person hero) {
    if (takeWhatLies(hero)) {
      return;
    }
    String thing = tale.newThing();
    tale.give(thing, hero);
    String color = dice.pick(Lexicon.COLORS);
    tale.tell(
        hero,
        dice.of(
            "@ found " + Lexicon.a(color) + " " + thing + " under a tree.",
            "@ saw " + Lexicon.a(thing) + " on the table and took it.",
            "@ found " + Lexicon.a(thing) + " near the door of the " + tale.place(hero) + "."));
    if (dice.chance(0.4)) {
      tale.tell(
          hero,
          dice.of(
              "@ was very happy with the‹ " + thing + "›.",
              "@ put the‹ " + thing + "› into‹ " + hero.their() + "› bag.",
              "@ had always wanted " + Lexicon.a(thing) + "."));
    }
  }

  private boolean takeWhatLies(Person hero) {
    String place = tale.place(hero);
    for (var entry : List.copyOf(tale.lying.entrySet())) {
      if (entry.getValue().equals(place) && !tale.lostBy.containsKey(entry.getKey())) {
        tale.give(entry.getKey(), hero);
        tale.tell(hero, "@ " + dice.of("took", "picked up") + " the " + entry.getKey() + ".");
        return true;
      }
    }
    return false;
  }

  private void buy(Person hero) {
    String thing = tale.newThing();
    tale.give(thing, hero);
    String coins = dice.pick(Lexicon.NUMBERS.subList(1, 12));
    tale.tell(
        hero, "@ bought " + Lexicon.a(thing) + " for " + coins + " coins and was proud of it.");
  }

  private void give(Person hero, Person friend, String thing) {
    tale.give(thing, friend);
    boolean two = tale.cast.size() == 2;
    String to = two ? Skill.decided(friend.name()) : " " + friend;
    tale.tell(
        hero,
        dice.of(
            "@ gave the " + thing + " to" + to + ".",
            "@ did not need the " + thing + ", so‹ " + hero.they() + "› gave it to" + to + ".",
            "@ handed the " + thing + " to" + to + "."));
    switch (dice.below(4)) {
      case 0 -> tale.tell("\"Thank you, " + hero + ",\" said" + Skill.decided(friend.name()) + ".");
      case 1 ->
          tale.tell(friend, "@ was happy because‹ " + friend.they() + "› liked the " + thing + ".");
      case 2 -> tale.tell("Now" + Skill.decided(friend.name()) + " had the " + thing + ".");
      default -> {}
    }
  }

  private void lose(Person hero, String thing) {
    String place = tale.place(hero);
    tale.leave(thing, place);
    tale.lostBy.put(thing, hero);
    tale.tell(hero, "@ lost the " + thing + " in the‹ " + place + "›.");
    tale.tell(
        hero,
        dice.of(
            "@ looked for it everywhere, but‹ " + hero.they() + "› could not find it.",
            "@ was sad, because the‹ " + thing + "› was a present.",
            "@ asked everyone, but nobody had seen it."));
  }

  private void recover() {
    for (var entry : List.copyOf(tale.lostBy.entrySet())) {
      String thing = entry.getKey();
      Person owner = entry.getValue();
      String place = tale.lying.getOrDefault(thing, tale.places.getFirst());
      Person finder = tale.anyone();
      tale.where.put(finder, place);
      tale.give(thing, owner);
      tale.tell("At last " + finder + " found the " + thing + " in the‹ " + place + "›.");
      if (!finder.equals(owner)) {
        tale.where.put(owner, place);
        tale.tell(finder, "@ gave it back to‹ " + owner + "›.");
      }
      tale.tell(owner, "@ was very glad and laughed.");
      return;
    }
    tale.tell(
        dice.of(
            "The sun came out, and everyone felt warm.",
            "The wind was cold, but nobody minded.",
            "Suddenly it began to rain, so everyone ran into the house.",
            "A bell rang far away."));
  }

  private void putDown(Person hero, String thing) {
    String place = tale.place(hero);
    tale.leave(thing, place);
    tale.tell(
        hero,
        dice.of(
            "@ put the " + thing + " down in the‹ " + place + "›.",
            "The " + thing + " was heavy, so @ left it in the‹ " + place + "›."));
  }

  private void eat(Person hero, @Nullable Person friend) {
    String food = dice.pick(Lexicon.FOODS);
    String meal = dice.of("breakfast", "lunch", "dinner");
    if (friend == null) {
      tale.tell(
          hero, "@ was hungry, so‹ " + hero.they() + "› ate some " + food + " for " + meal + ".");
      return;
    }
    tale.tell(
        dice.of(
            hero + " and " + friend + " ate " + food + " for " + meal + ".",
            "For "
                + meal
                + ", "
                + hero
                + " made some "
                + food
                + " and shared it with "
                + friend
                + ".",
            hero + " and " + friend + " were hungry, so they ate some " + food + "."));
  }

  private void animal(Person hero) {
    String animal = dice.pick(Lexicon.ANIMALS);
    String color = dice.pick(Lexicon.COLORS);
    tale.tell(
        hero, "@ saw " + Lexicon.a(color) + " " + animal + " in the " + tale.place(hero) + ".");
    tale.tell(
        dice.of(
            "The‹ " + animal + "› was hungry, so " + hero + " gave it some bread.",
            "The‹ " + animal + "› looked at " + hero + " and ran away.",
            "\"What a beautiful‹ " + animal + "›!\" said " + hero + "."));
  }

  private void work(Person hero, @Nullable Person friend) {
    if (friend == null) {
      tale.tell(
          hero,
          dice.of(
              "@ was alone and read an old book.",
              "@ sat down and rested for a while.",
              "@ sang a song because‹ " + hero.they() + "› was happy."));
      return;
    }
    tale.tell(
        dice.of(
            hero + " helped " + friend + " with the work.",
            hero + " told " + friend + " a funny story, and they both laughed.",
            hero + " played with " + friend + " until they were tired.",
            hero + " was angry with " + friend + ", but soon they were friends again."));
  }
}
