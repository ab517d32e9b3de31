package dev.vitrine.training.world;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** The words of the small world that are single tokens. */
public final class Lexicon {

  /** Places to go to. */
  public static final List<String> PLACES =
      words(
          "store garden restaurant school hospital office house station park kitchen market library"
              + " beach church museum forest farm hotel bank cafe shop theater zoo river lake"
              + " harbor castle bridge village tower");

  /** Rooms and nearby places, for keeping track of who is where. */
  public static final List<String> ROOMS =
      words(
          "garden kitchen bathroom bedroom hallway office cellar attic garage park school library"
              + " store barn");

  /** Things that can be taken, given and lost. */
  public static final List<String> OBJECTS =
      words(
          "ring bone basketball computer necklace drink snack book apple ball key letter map hat"
              + " coat lamp cup bottle box basket flower rope coin clock camera knife pen bag"
              + " toy kite phone ticket present sandwich cake blanket picture umbrella");

  /** Things small enough to carry from room to room. */
  public static final List<String> PORTABLE =
      words("apple ball book milk football key hat lamp cup box letter bottle coin bag");

  /** The days of the week. */
  public static final List<String> DAYS =
      words("Monday Tuesday Wednesday Thursday Friday Saturday Sunday");

  /** The months of the year. */
  public static final List<String> MONTHS =
      words(
          "January February March April May June July August September October November December");

  /** Numbers in words, from one to twenty. */
  public static final List<String> NUMBERS =
      words(
          "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen"
              + " sixteen seventeen eighteen nineteen twenty");

  /** First, second and so on. */
  public static final List<String> ORDINALS =
      words("first second third fourth fifth sixth seventh eighth ninth tenth");

  /** The capital letters. */
  public static final List<String> LETTERS =
      words("A B C D E F G H I J K L M N O P Q R S T U V W X Y Z");

  /** The small letters. */
  public static final List<String> SMALL_LETTERS =
      LETTERS.stream().map(letter -> letter.toLowerCase(Locale.ROOT)).toList();

  /** Colours. */
  public static final List<String> COLORS =
      words("red blue green yellow white black brown orange purple pink gray");

  /** Animals. */
  public static final List<String> ANIMALS =
      words(
          "dog cat cow horse sheep pig goat hen duck goose bear lion deer frog owl swan rabbit fox"
              + " wolf eagle bird mouse bee snake spider fish");

  /** Things to eat. */
  public static final List<String> FOODS =
      words("bread cheese soup rice fruit pie eggs fish pasta salad cake honey");

  /** Opening and closing brackets. */
  public static final List<String> BRACKETS = words("( ) [ ] { } < >");

  private static final String OTHERS =
      "is are was were has have she he her him his they them who where what when the a an and to of"
          + " in at on with from for because but so then it I you we";

  private Lexicon() {}

  /** The words of a line. */
  public static List<String> words(String line) {
    return List.of(line.trim().split("\\s+", -1));
  }

  /** The word with "a" or "an" before it. */
  public static String a(String word) {
    return ("aeiou".indexOf(word.charAt(0)) >= 0 ? "an " : "a ") + word;
  }

  /** The word with its first letter made large. */
  public static String capital(String word) {
    return word.substring(0, 1).toUpperCase(Locale.ROOT) + word.substring(1);
  }

  /**
   * Every word that must be one token, with a leading space; names, days and months also without.
   */
  public static Set<String> singleTokens() {
    Set<String> tokens = new LinkedHashSet<>();
    List<String> named = new ArrayList<>(Person.ALL.stream().map(Person::name).toList());
    named.addAll(DAYS);
    named.addAll(MONTHS);
    tokens.addAll(named);
    spaced(tokens, named);
    for (List<String> list :
        List.of(
            PLACES,
            ROOMS,
            OBJECTS,
            PORTABLE,
            NUMBERS,
            ORDINALS,
            LETTERS,
            SMALL_LETTERS,
            COLORS,
            ANIMALS,
            FOODS,
            BRACKETS,
            words(OTHERS))) {
      spaced(tokens, list);
    }
    for (Relation relation : Relation.ALL) {
      spaced(tokens, relation.objects());
    }
    for (Pairing pairing : Pairing.ALL) {
      spaced(tokens, pairing.pairs().keySet());
      spaced(tokens, pairing.pairs().values());
    }
    return tokens;
  }

  private static void spaced(Set<String> tokens, Collection<String> words) {
    words.forEach(word -> tokens.add(" " + word));
  }
}
