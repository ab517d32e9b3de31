package dev.vitrine.training.world;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A rule that leads from one word to another, shown by examples and never named. */
public record Pairing(String name, Map<String, String> pairs) {

  /** All rules that are taught. */
  public static final List<Pairing> ALL =
      List.of(
          pairing(
              "opposite",
              """
              hot cold, big small, up down, left right, wet dry, old new, good bad, fast slow,
              high low, rich poor, open closed, full empty, happy sad, hard soft, long short,
              early late, day night, light dark, loud quiet, thick thin, strong weak, sweet sour,
              clean dirty, near far, in out, on off, first last, true false, start end, love hate,
              push pull, wide narrow, rough smooth, brave afraid, summer winter, north south,
              east west, black white, yes no, alive dead, deep shallow, warm cool
              """),
          pairing(
              "woman",
              """
              king queen, man woman, boy girl, father mother, son daughter, brother sister,
              uncle aunt, husband wife, prince princess, actor actress, waiter waitress,
              grandfather grandmother, he she, him her, lord lady, nephew niece
              """),
          pairing(
              "many",
              """
              dog dogs, cat cats, cow cows, horse horses, pig pigs, duck ducks, book books, key keys,
              apple apples, ring rings, cup cups, hat hats, box boxes, bird birds, tree trees,
              house houses, boy boys, girl girls, ball balls, lamp lamps, coin coins, letter letters
              """),
          pairing(
              "past",
              """
              go went, see saw, take took, give gave, find found, lose lost, eat ate, run ran,
              make made, come came, write wrote, sing sang, drink drank, buy bought, sleep slept,
              say said, walk walked, look looked, play played, open opened, ask asked, want wanted
              """),
          new Pairing("capital", Relation.named("capital").facts()),
          new Pairing("young", Relation.named("young").facts()),
          following("next number", Lexicon.NUMBERS),
          following("next day", Lexicon.DAYS),
          following("next letter", Lexicon.LETTERS));

  private static Pairing pairing(String name, String pairs) {
    Map<String, String> map = new LinkedHashMap<>();
    for (String pair : pairs.split(",", -1)) {
      List<String> both = Lexicon.words(pair);
      map.put(both.getFirst(), both.getLast());
    }
    return new Pairing(name, map);
  }

  private static Pairing following(String name, List<String> sequence) {
    Map<String, String> map = new LinkedHashMap<>();
    for (int i = 0; i + 1 < sequence.size(); i++) {
      map.put(sequence.get(i), sequence.get(i + 1));
    }
    return new Pairing(name, map);
  }
}
