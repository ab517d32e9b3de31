package dev.vitrine.training.skills;

import dev.vitrine.training.corpus.Dice;
import dev.vitrine.training.corpus.Prompt;
import dev.vitrine.training.corpus.Reserved;
import dev.vitrine.training.corpus.Skill;
import dev.vitrine.training.world.Relation;
import java.util.List;

/** Some two hundred facts in several phrasings each. One phrasing of each fact is reserved. */
public final class Facts implements Skill {

  private static final List<Fact> ALL =
      Relation.ALL.stream()
          .flatMap(relation ->
              relation.facts().keySet().stream().map(subject -> new Fact(relation, subject)))
          .toList();

  private record Fact(Relation relation, String subject) {

    String object() {
      return relation.facts().getOrDefault(subject, "");
    }

    /** The phrasing in which this fact is never told. */
    int reserved() {
      return Reserved.place(relation.name() + " " + subject, relation.phrasings().size());
    }
  }

  @Override
  public String name() {
    return "facts";
  }

  @Override
  public String passage(Dice dice) {
    Fact fact = dice.pick(ALL);
    int phrasing = dice.below(fact.relation().phrasings().size() - 1);
    phrasing += phrasing >= fact.reserved() ? 1 : 0;
    return fact.relation().state(phrasing, fact.subject()) + Skill.decided(fact.object()) + ".";
  }

  @Override
  public Prompt prompt(Dice dice) {
    Fact fact = dice.pick(ALL);
    List<String> wrong =
        fact.relation().objects().stream()
            .filter(object -> !object.equals(fact.object()))
            .map(object -> " " + object)
            .toList();
    String text = fact.relation().state(fact.reserved(), fact.subject());
    return new Prompt(text, text, List.of(" " + fact.object()), wrong);
  }
}
