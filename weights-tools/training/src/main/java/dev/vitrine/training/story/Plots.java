package dev.vitrine.training.story;

import dev.vitrine.training.corpus.Dice;
import dev.vitrine.training.world.Lexicon;
import dev.vitrine.training.world.Person;
import java.util.List;

/** Little plots of several sentences, in which one thing leads to the next. */
final class Plots {

  private final Tale tale;
  private final Dice dice;
  private final Person one;
  private final Person two;

  Plots(Tale tale) {
    this.tale = tale;
    dice = tale.dice;
    List<Person> pair = dice.several(tale.cast, 2);
    one = pair.getFirst();
    two = pair.getLast();
  }

  void any() {
    int plot = dice.below(9);
    if (!tale.plots.add(plot)) {
      return;
    }
    switch (plot) {
      case 0 -> storm();
      case 1 -> birthday();
      case 2 -> broken();
      case 3 -> letter();
      case 4 -> strayAnimal();
      case 5 -> race();
      case 6 -> cooking();
      case 7 -> illness();
      default -> boat();
    }
  }

  /**
   * Tells a line in which 1 and 2 are the two people and their pronouns follow in brackets:
   * [1they], [2their].
   */
  private void tell(String line) {
    tale.tell(
        line.replace("[1they]", "‹ " + one.they() + "›")
            .replace("[2they]", "‹ " + two.they() + "›")
            .replace("[1them]", "‹ " + one.them() + "›")
            .replace("[2them]", "‹ " + two.them() + "›")
            .replace("[1their]", "‹ " + one.their() + "›")
            .replace("[2their]", "‹ " + two.their() + "›")
            .replace("[1]", "‹ " + one.name() + "›")
            .replace("[2]", "‹ " + two.name() + "›")
            .replace("{1}", one.name())
            .replace("{2}", two.name()));
  }

  private void storm() {
    String place = tale.place(one);
    tale.where.put(two, place);
    tell(
        dice.of(
            "Suddenly the sky became dark, and the wind blew hard.",
            "Then clouds came over the " + place + ", and they heard thunder."));
    tell(
        dice.of(
            "\"There will be a storm,\" said {1}. \"Let us go inside,\" answered[2].",
            "{1} was frightened, but {2} took[1their] hand."));
    tell(
        dice.of(
            "It rained for an hour, and they waited under a roof.",
            "They ran to the house, but their coats were already wet."));
    tell(
        dice.of(
            "When the rain stopped, the sun came out again.",
            "After the storm, everything was quiet, and the grass was wet.",
            "{2} made a fire, and soon their coats were dry."));
  }

  private void birthday() {
    String thing = tale.newThing();
    tale.give(thing, one);
    tell(
        dice.of(
            "It was a special day, because it was the birthday of {1}.",
            "{1} had a birthday on " + tale.day + "."));
    tell(
        dice.of(
            "{2} had a present for[1them]. It was in a big box.",
            "{2} came with a box and said, \"This is for you, {1}.\""));
    tell(
        dice.of(
            "{1} opened the‹ box› and found " + Lexicon.a(thing) + " inside.",
            "Inside the‹ box› there was " + Lexicon.a(thing) + "."));
    tell(
        dice.of(
            "\"I always wanted " + Lexicon.a(thing) + "! Thank you,[2]!\" said[1].",
            "{1} was so happy that[1they] danced around the table.",
            "{1} thanked[2] and put the‹ " + thing + "› on the table."));
    tell(dice.of("Then they ate a big cake together.", "Later they sang songs until it was dark."));
  }

  private void broken() {
    String thing = dice.of("lamp", "clock", "cup", "toy", "kite", "camera", "bottle", "chair");
    tell(
        dice.of(
            "{1} dropped the " + thing + " of {2}, and it broke.",
            "By mistake, {1} broke the " + thing + " of {2}."));
    tell(
        dice.of(
            "{2} was angry, because the‹ " + thing + "› was very old.",
            "{2} was sad and did not say a word.",
            "\"What have you done?\" cried {2}."));
    tell(
        dice.of(
            "\"I am sorry,[2],\" said[1]. \"I will mend it.\"",
            "{1} felt bad, so[1they] said that[1they] was sorry."));
    tell(
        dice.of(
            "{1} worked all day, and in the evening the‹ " + thing + "› was mended.",
            "The next day {1} brought a new‹ " + thing + "›.",
            "They mended the‹ " + thing + "› together, and it was as good as new."));
    tell(
        dice.of(
            "\"Thank you,\" said {2}, and they were friends again.",
            "{2} smiled, and all was well."));
  }

  private void letter() {
    String place = dice.pick(tale.places);
    String thing = tale.newThing();
    tell(dice.of("In the morning a letter came for {1}.", "{1} found a letter under the door."));
    tell(
        "It said, \""
            + dice.of(
                "Come to the " + place + ". I have " + Lexicon.a(thing) + " for you.\"",
                "There is " + Lexicon.a(thing) + " for you in the " + place + ".\""));
    tell(
        dice.of(
            "{1} showed the‹ letter› to {2}, and they went to the‹ " + place + "› at once.",
            "{1} asked {2} to come with[1them], and so they both went to the‹ " + place + "›."));
    tale.where.put(one, place);
    tale.where.put(two, place);
    if (dice.chance(0.7)) {
      tale.give(thing, one);
      tell(
          dice.of(
              "There, behind a door, was the‹ " + thing + "›.",
              "An old man was waiting there and gave {1} the‹ " + thing + "›."));
      tell(dice.of("{1} took it home.", "\"How kind!\" said {1}."));
    } else {
      tell("But nobody was there. \"Who wrote the‹ letter›?\" asked {2}.");
      tell(dice.of("They never found out.", "{1} laughed. \"It was me,\" said[1they]."));
    }
  }

  private void strayAnimal() {
    String animal = dice.of("dog", "cat", "goat", "duck", "rabbit", "horse", "bird", "fox");
    String color = dice.pick(Lexicon.COLORS);
    tell(
        dice.of(
            "A small " + color + " " + animal + " was sitting near the road.",
            "Behind a tree they saw a " + color + " " + animal + ". It was hurt."));
    tell(
        dice.of(
            "\"Look, the‹ " + animal + "› is hungry,\" said {1}.",
            "\"The poor‹ " + animal + "›!\" said {2}. \"It is alone.\""));
    tell(
        dice.of(
            "{1} gave the‹ " + animal + "› some water and some bread.",
            "{2} carried the‹ " + animal + "› into the house, because it was cold."));
    tell(
        dice.of(
            "Soon the‹ " + animal + "› was strong again and followed them everywhere.",
            "The next day the‹ " + animal + "› was gone, but it often came back.",
            "\"May I keep it?\" asked {1}. \"Yes,\" said[2]."));
  }

  private void race() {
    String place = dice.pick(tale.places);
    Person winner = dice.of(one, two);
    Person loser = winner.equals(one) ? two : one;
    tale.where.put(one, place);
    tale.where.put(two, place);
    tell("\"Let us run to the " + place + ",\" said {1}. \"I am faster than you,\" answered[2].");
    tell(
        dice.of(
            "They ran as fast as they could.",
            "At first "
                + loser
                + " was in front, but then "
                + winner
                + " passed"
                + "‹ "
                + loser.them()
                + "›."));
    tell(winner + " reached the‹ " + place + "› first and won the race.");
    tell(
        dice.of(
            loser + " was second, but‹ " + loser.they() + "› was not sad.",
            "\"You are very fast, " + winner + ",\" said‹ " + loser + "›.",
            "They were both tired and sat down to rest."));
  }

  private void cooking() {
    String food = dice.of("soup", "bread", "pie", "cake", "rice", "fish");
    tell(
        dice.of(
            "{1} wanted to make " + food + " for dinner, but there was no salt in the kitchen.",
            "{1} and {2} were hungry, so they decided to cook " + food + "."));
    tell(
        dice.of(
            "{2} went to the shop and came back with a full basket.",
            "{2} washed the pot while {1} made a fire."));
    tell(
        dice.of(
            "After an hour the‹ " + food + "› was ready, and it smelled good.",
            "The‹ " + food + "› was too hot, so they had to wait a little."));
    tell(
        dice.of(
            "They sat down at the table and ate all of the‹ " + food + "›.",
            "\"This is the best‹ " + food + "› that I ever ate,\" said {2}."));
  }

  private void illness() {
    tell(
        dice.of(
            "One morning {1} was sick and stayed in bed.",
            "{1} did not come to the " + tale.place(two) + ", because[1they] was sick."));
    tell(
        dice.of(
            "{2} heard it and went to see[1them].",
            "\"Where is {1}?\" asked {2}. \"At home,[1they] is sick,\" said the teacher."));
    tell(
        dice.of(
            "{2} brought some soup and a book, and read[1them] a story.",
            "{2} sat beside the bed and told[1them] about the day."));
    tell(dice.of("After two days {1} was well again.", "\"You are a good friend,[2],\" said[1]."));
  }

  private void boat() {
    String water = dice.of("river", "lake", "harbor");
    tale.where.put(one, water);
    tale.where.put(two, water);
    tell(
        dice.of(
            "There was an old boat at the " + water + ", and {1} wanted to sail in it.",
            "{1} and {2} found a small boat at the " + water + "."));
    tell(
        dice.of(
            "\"Is it safe?\" asked {2}. \"Of course,\" said[1].",
            "{2} could not swim, so[2they] was a little afraid."));
    tell(
        dice.of(
            "They sailed to the middle of the water, where it was deep and quiet.",
            "But there was a hole in the‹ boat›, and the water came in."));
    tell(
        dice.of(
            "{1} saw a big fish, but[1they] could not catch it.",
            "They came back to the‹ " + water + "› bank before it was dark.",
            "In the end they were wet, but they laughed about it."));
  }
}
