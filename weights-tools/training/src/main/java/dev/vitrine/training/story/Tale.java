package dev.vitrine.training.story;

import dev.vitrine.training.corpus.Dice;
import dev.vitrine.training.world.Lexicon;
import dev.vitrine.training.world.Person;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A story as it is being told: who is in it, where everyone and everything is, and the words so
 * far.
 */
final class Tale {

  final Dice dice;
  final List<Person> cast;
  final String day;
  final List<String> places;
  final Map<Person, String> where = new LinkedHashMap<>();
  final Map<String, Person> holder = new LinkedHashMap<>();
  final Map<String, String> lying = new LinkedHashMap<>();
  final Map<String, Person> lostBy = new LinkedHashMap<>();
  final Set<Integer> plots = new HashSet<>();

  private final StringBuilder text = new StringBuilder();
  private @Nullable Person lastSubject;

  Tale(Dice dice, List<Person> cast) {
    this.dice = dice;
    this.cast = cast;
    day = dice.pick(Lexicon.DAYS);
    places = dice.several(Lexicon.PLACES, 4);
    cast.forEach(person -> where.put(person, places.getFirst()));
  }

  /** Tells a sentence that has this person as its subject, written as @. */
  void tell(Person subject, String sentence) {
    boolean known = subject.equals(lastSubject) && dice.chance(0.7);
    say(sentence.replace("@", pronoun(subject, sentence, known)));
    lastSubject = subject;
  }

  private static String pronoun(Person subject, String sentence, boolean known) {
    if (!known) {
      return subject.name();
    }
    return sentence.startsWith("@") ? Lexicon.capital(subject.they()) : subject.they();
  }

  /** Tells a sentence after which no pronoun is clear. */
  void tell(String sentence) {
    say(sentence);
    lastSubject = null;
  }

  private void say(String sentence) {
    text.append(text.isEmpty() ? "" : dice.chance(0.06) ? "\n" : " ").append(sentence);
  }

  String text() {
    return text.toString();
  }

  Person anyone() {
    return dice.pick(cast);
  }

  /** Someone at the same place, if anyone is. */
  @Nullable Person companion(Person person) {
    List<Person> near = new ArrayList<>();
    for (Person other : cast) {
      if (!other.equals(person) && place(other).equals(place(person))) {
        near.add(other);
      }
    }
    return near.isEmpty() ? null : dice.pick(near);
  }

  String place(Person person) {
    return where.getOrDefault(person, places.getFirst());
  }

  /** A thing that this person holds, if any. */
  @Nullable String inHand(Person person) {
    List<String> things = new ArrayList<>();
    holder.forEach((thing, owner) -> {
      if (owner.equals(person)) {
        things.add(thing);
      }
    });
    return things.isEmpty() ? null : dice.pick(things);
  }

  /** A thing that is not in the story yet. */
  String newThing() {
    while (true) {
      String thing = dice.pick(Lexicon.OBJECTS);
      if (!holder.containsKey(thing) && !lying.containsKey(thing)) {
        return thing;
      }
    }
  }

  void give(String thing, Person person) {
    lying.remove(thing);
    lostBy.remove(thing);
    holder.put(thing, person);
  }

  void leave(String thing, String place) {
    holder.remove(thing);
    lying.put(thing, place);
  }

  /** The day after the story's. */
  String tomorrow() {
    return Lexicon.DAYS.get((Lexicon.DAYS.indexOf(day) + 1) % Lexicon.DAYS.size());
  }
}
