package dev.vitrine.training.corpus;

import dev.vitrine.training.skills.Agreement;
import dev.vitrine.training.skills.Brackets;
import dev.vitrine.training.skills.Facts;
import dev.vitrine.training.skills.GreaterThan;
import dev.vitrine.training.skills.InContextRule;
import dev.vitrine.training.skills.IndirectObject;
import dev.vitrine.training.skills.Pronoun;
import dev.vitrine.training.skills.Repetition;
import dev.vitrine.training.skills.StateTracking;
import dev.vitrine.training.skills.Succession;
import dev.vitrine.training.story.StoryTeller;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/** All that the corpus is mixed from, with the share of tokens that each has. */
public final class Sources {

  /** The skills, with their shares in the corpus. */
  public static final List<Share> SKILLS =
      List.of(
          new Share(new IndirectObject(), 0.12),
          new Share(new Facts(), 0.11),
          new Share(new Succession(), 0.06),
          new Share(new Pronoun(), 0.06),
          new Share(new Agreement(), 0.05),
          new Share(new GreaterThan(), 0.05),
          new Share(new StateTracking(1), 0.03),
          new Share(new StateTracking(2), 0.045),
          new Share(new StateTracking(3), 0.015),
          new Share(new InContextRule(), 0.05),
          new Share(new Brackets(), 0.04));

  /** The usual share of repetitions. */
  public static final double REPETITION = 0.15;

  private static final double STORIES = 0.22;

  /** A skill and the part of all tokens that its passages make up. */
  public record Share(Skill skill, double share) {}

  /** A source and the part of all tokens that it makes up. */
  public record Weighted(Source source, double share) {}

  private record TextSource(String name, Function<Dice, String> writer, TextEncoder encoder)
      implements Source {

    @Override
    public Document next(Dice dice) {
      return encoder.document(writer.apply(dice));
    }
  }

  private Sources() {}

  /**
   * All sources; numbers follow the order of this list. Repetitions have this share before all
   * shares are scaled to add up to one: the more there are, the sooner induction heads form.
   */
  public static List<Weighted> all(TextEncoder encoder, int tokens, double repetition) {
    List<Weighted> all = new ArrayList<>();
    all.add(new Weighted(new Repetition(tokens), repetition));
    all.add(new Weighted(new TextSource("stories", StoryTeller::tell, encoder), STORIES));
    for (Share share : SKILLS) {
      Function<Dice, String> writer =
          dice -> passages(dice, share.skill(), dice.chance(0.5) ? 1 : dice.between(2, 4));
      all.add(new Weighted(new TextSource(share.skill().name(), writer, encoder), share.share()));
    }
    return all;
  }

  private static String passages(Dice dice, Skill skill, int count) {
    List<String> passages = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      passages.add(skill.passage(dice));
    }
    return String.join(dice.chance(0.7) ? " " : "\n", passages);
  }
}
