package dev.vitrine.training.skills;

import dev.vitrine.training.corpus.Dice;
import dev.vitrine.training.corpus.Prompt;
import dev.vitrine.training.corpus.Reserved;
import dev.vitrine.training.corpus.Skill;
import dev.vitrine.training.world.Lexicon;
import dev.vitrine.training.world.Person;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Who and what is where, after one, two or three facts that matter (bAbI 1 to 3). The reserved
 * combinations are person with room, for people, and person with thing, for things.
 */
public final class StateTracking implements Skill {

  private static final List<String> WENT =
      List.of("went to", "moved to", "walked to", "travelled to", "ran to");
  private static final List<String> TOOK = List.of("took", "picked up", "got", "grabbed");
  private static final List<String> PUT = List.of("put down", "dropped", "left");

  private final int facts;

  /** Questions for which one, two or three facts matter. */
  public StateTracking(int facts) {
    this.facts = facts;
  }

  @Override
  public String name() {
    return "state_tracking_" + facts;
  }

  @Override
  public String passage(Dice dice) {
    Scene scene = new Scene(dice);
    Asked asked = scene.play(facts, false);
    StringBuilder text = new StringBuilder(scene.told());
    text.append(' ').append(asked.question).append(Skill.decided(asked.answer)).append('.');
    return text.toString();
  }

  @Override
  public Prompt prompt(Dice dice) {
    Scene scene = new Scene(dice);
    Asked asked = scene.play(facts, true);
    List<String> wrong =
        scene.rooms.stream()
            .distinct()
            .filter(room -> !room.equals(asked.answer))
            .map(room -> " " + room)
            .toList();
    return new Prompt(
        asked.combination, scene.told() + " " + asked.question, List.of(" " + asked.answer), wrong);
  }

  private record Asked(String combination, String question, String answer) {}

  /** A few people, rooms and things, and what has been told of them. */
  private static final class Scene {

    private final Dice dice;
    private final List<Person> people;
    private final List<String> rooms;
    private final List<String> things;
    private final List<String> sentences = new ArrayList<>();
    private final Map<Person, String> places = new LinkedHashMap<>();

    Scene(Dice dice) {
      this.dice = dice;
      people = dice.several(Person.ALL, dice.between(2, 4));
      rooms = dice.several(Lexicon.ROOMS, dice.between(3, 5));
      things = dice.several(Lexicon.PORTABLE, 3);
    }

    String told() {
      return String.join(" ", sentences);
    }

    Asked play(int facts, boolean reserved) {
      return switch (facts) {
        case 1 -> wherePerson(reserved);
        case 2 -> whereThing(reserved);
        default -> whereBefore(reserved);
      };
    }

    private Asked wherePerson(boolean reserved) {
      Person hero = people.getFirst();
      distract(0, 2);
      String room = move(hero, reserved);
      distract(1, 3);
      return new Asked(
          key(hero, room),
          dice.of(hero + " is in the", "Where is " + hero + "? " + hero + " is in the"),
          room);
    }

    private Asked whereThing(boolean reserved) {
      Person hero = people.getFirst();
      distract(0, 2);
      if (dice.chance(0.5)) {
        move(hero, false);
      }
      String thing = take(hero, reserved);
      distract(0, 1);
      String room = move(hero, false);
      if (dice.chance(0.4)) {
        sentences.add(hero + " " + dice.pick(PUT) + " the " + thing + ".");
        if (dice.chance(0.5)) {
          move(hero, false);
        }
      }
      distract(1, 2);
      return new Asked(key(hero, thing), where(thing), room);
    }

    private Asked whereBefore(boolean reserved) {
      Person hero = people.getFirst();
      String thing = take(hero, reserved);
      String first = move(hero, false);
      distract(1, 1);
      String second = move(hero, false);
      distract(1, 1);
      return new Asked(
          key(hero, thing), "Before the " + second + ", the " + thing + " was in the", first);
    }

    private String where(String thing) {
      return dice.of(
          "The " + thing + " is in the", "Where is the " + thing + "? The " + thing + " is in the");
    }

    /** Others do things that do not matter for the first of the people. */
    private void distract(int low, int high) {
      for (int count = dice.between(low, high); count > 0; count--) {
        Person other = people.get(dice.between(1, people.size() - 1));
        if (dice.chance(0.75)) {
          move(other, false);
        } else {
          String thing = things.get(dice.between(1, things.size() - 1));
          sentences.add(other + " " + dice.pick(TOOK) + " the " + thing + ".");
        }
      }
    }

    private String move(Person person, boolean reserved) {
      while (true) {
        String room = reserved ? dice.pick(Lexicon.ROOMS) : dice.pick(rooms);
        boolean same = room.equals(places.get(person));
        if (!same && Reserved.holds(key(person, room)) == reserved) {
          if (!rooms.contains(room)) {
            rooms.add(room);
          }
          places.put(person, room);
          sentences.add(person + " " + dice.pick(WENT) + " the " + room + ".");
          return room;
        }
        if (!reserved) {
          rooms.add(dice.pick(Lexicon.ROOMS));
        } else if (Lexicon.ROOMS.stream().noneMatch(r -> Reserved.holds(key(person, r)))) {
          return move(person, false);
        }
      }
    }

    private String take(Person person, boolean reserved) {
      String thing = things.getFirst();
      if (Reserved.holds(key(person, thing)) != reserved) {
        List<String> possible =
            Lexicon.PORTABLE.stream()
                .filter(t -> !things.contains(t) && Reserved.holds(key(person, t)) == reserved)
                .toList();
        thing = possible.isEmpty() ? thing : dice.pick(possible);
      }
      sentences.add(person + " " + dice.pick(TOOK) + " the " + thing + ".");
      return thing;
    }

    private static String key(Person person, String what) {
      return "state " + person + " " + what;
    }
  }
}
