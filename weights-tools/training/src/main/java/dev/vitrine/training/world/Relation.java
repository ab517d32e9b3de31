package dev.vitrine.training.world;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Facts of one kind.
 *
 * @param name what the object is to the subject
 * @param phrasings sentences that state a fact; X is the subject, and the object follows at the end
 * @param facts the object of each subject
 */
public record Relation(String name, List<String> phrasings, Map<String, String> facts) {

  /** All facts that are taught, by kind. */
  public static final List<Relation> ALL =
      List.of(
          relation(
              "capital",
              """
              The capital of X is
              The capital city of X is
              In X, the capital is
              The most important city of X is its capital,
              If you travel to X, you must see the capital,
              The king of X lives in the capital,
              What is the capital of X? It is
              The map of X shows the capital,
              """,
              """
              France: Paris; Spain: Madrid; Italy: Rome; Germany: Berlin; Greece: Athens;
              Portugal: Lisbon; England: London; Ireland: Dublin; Scotland: Edinburgh; Norway: Oslo;
              Sweden: Stockholm; Denmark: Copenhagen; Finland: Helsinki; Poland: Warsaw;
              Austria: Vienna; Hungary: Budapest; Russia: Moscow; Ukraine: Kiev; Turkey: Ankara;
              Egypt: Cairo; Kenya: Nairobi; Ghana: Accra; Morocco: Rabat; Iran: Tehran;
              Iraq: Baghdad; India: Delhi; China: Beijing; Japan: Tokyo; Korea: Seoul;
              Vietnam: Hanoi; Nepal: Kathmandu; Peru: Lima; Chile: Santiago; Cuba: Havana;
              Canada: Ottawa; Syria: Damascus; Belgium: Brussels; Switzerland: Bern;
              Australia: Canberra; Thailand: Bangkok
              """),
          relation(
              "continent",
              """
              X is a country in
              The country of X lies in
              You can find X on a map of
              The people of X live in
              On which continent is X? It is in
              The mountains of X are in
              """,
              """
              France: Europe; Spain: Europe; Italy: Europe; Germany: Europe; Greece: Europe;
              Portugal: Europe; England: Europe; Ireland: Europe; Scotland: Europe; Norway: Europe;
              Sweden: Europe; Denmark: Europe; Finland: Europe; Poland: Europe; Austria: Europe;
              Egypt: Africa; Kenya: Africa; Ghana: Africa; Morocco: Africa; Iran: Asia; Iraq: Asia;
              India: Asia; China: Asia; Japan: Asia; Korea: Asia; Vietnam: Asia; Nepal: Asia;
              Syria: Asia; Thailand: Asia; Peru: America; Chile: America; Cuba: America;
              Canada: America
              """),
          relation(
              "language",
              """
              People in X speak
              The language of X is
              In X, the children learn to speak
              If you live in X, you should learn
              Which language do they speak in X? They speak
              The old books of X are written in
              """,
              """
              France: French; Spain: Spanish; Italy: Italian; Germany: German; Greece: Greek;
              Portugal: Portuguese; England: English; Norway: Norwegian; Sweden: Swedish;
              Denmark: Danish; Finland: Finnish; Poland: Polish; Hungary: Hungarian;
              Russia: Russian; Turkey: Turkish; Japan: Japanese; China: Chinese; Korea: Korean;
              Egypt: Arabic
              """),
          relation(
              "young",
              """
              A young X is called a
              The child of a X is a
              A X has a baby, and the baby is a
              When a X is very young, it is a
              What do you call the baby of a X? You call it a
              The farmer saw a X and her little
              """,
              """
              dog: puppy; cat: kitten; cow: calf; horse: foal; sheep: lamb; pig: piglet; goat: kid;
              hen: chick; duck: duckling; goose: gosling; bear: cub; deer: fawn; frog: tadpole;
              owl: owlet; swan: cygnet; kangaroo: joey; seal: pup; rabbit: bunny; lion: cub;
              wolf: pup; eagle: eaglet
              """),
          relation(
              "color",
              """
              The color of X is
              Everyone knows that X is
              If you look at X, you will see that it is
              What color is X? It is
              In the picture, X is
              The child painted X in the color
              """,
              """
              a banana: yellow; grass: green; snow: white; coal: black; blood: red; the sky: blue;
              a lemon: yellow; a tomato: red; a carrot: orange; a cherry: red; milk: white;
              a leaf: green; a frog: green; a crow: black; a swan: white; the sun: yellow;
              a strawberry: red; a pumpkin: orange; chocolate: brown; an elephant: gray;
              a cucumber: green; the sea: blue; a plum: purple; a pig: pink
              """),
          relation(
              "sound",
              """
              When a X is hungry, it
              You can hear the X when it
              All day long, the X
              What does a X do? It
              At night the X often
              Listen, the X
              """,
              """
              dog: barks; cat: meows; cow: moos; sheep: bleats; duck: quacks; lion: roars;
              pig: grunts; bee: buzzes; snake: hisses; wolf: howls; horse: neighs; bird: sings;
              frog: croaks; owl: hoots; mouse: squeaks; hen: clucks
              """),
          relation(
              "home",
              """
              The home of a X is a
              A X lives in a
              Where does a X live? It lives in a
              At night the X goes back to its
              The children found the X in its
              A X feels safe in its
              """,
              """
              bird: nest; bee: hive; spider: web; dog: kennel; horse: stable; pig: sty; fox: den;
              rabbit: burrow; king: palace; cow: barn; soldier: fort; monk: abbey
              """),
          relation(
              "tool",
              """
              A X works with a
              The tool of a X is a
              The X forgot to bring a
              What does a X need? A X needs a
              You can tell a X by the
              The X bought a new
              """,
              """
              painter: brush; carpenter: hammer; gardener: spade; tailor: needle; writer: pen;
              cook: pan; fisher: net; barber: comb; drummer: drum; knight: sword; woodcutter: axe;
              farmer: plow; photographer: camera; climber: rope; teacher: book
              """),
          relation(
              "made from",
              """
              We make X from
              X is made from
              To make X, you need
              What is X made from? It is made from
              They bought X that was made from
              There is no X without
              """,
              """
              bread: flour; cheese: milk; wine: grapes; paper: wood; glass: sand; chocolate: cocoa;
              butter: cream; honey: nectar; candles: wax; juice: fruit; shirts: cotton; beer: barley;
              steel: iron; jam: berries; rope: hemp; leather: hides
              """));

  private static Relation relation(String name, String phrasings, String facts) {
    Map<String, String> map = new LinkedHashMap<>();
    for (String fact : facts.split(";", -1)) {
      String[] both = fact.split(":", 2);
      map.put(both[0].trim(), both[1].trim());
    }
    return new Relation(name, phrasings.lines().map(String::trim).toList(), map);
  }

  /** The relation of this name. */
  public static Relation named(String name) {
    return ALL.stream().filter(relation -> relation.name.equals(name)).findFirst().orElseThrow();
  }

  /** The objects, each once. */
  public List<String> objects() {
    return facts.values().stream().distinct().toList();
  }

  /** A fact in this phrasing, up to where its object follows. */
  public String state(int phrasing, String subject) {
    String text =
        phrasings
            .get(phrasing)
            .replace(" a X", " " + Lexicon.a(subject))
            .replace("A X", Lexicon.capital(Lexicon.a(subject)))
            .replace("X", subject);
    return Lexicon.capital(text);
  }
}
