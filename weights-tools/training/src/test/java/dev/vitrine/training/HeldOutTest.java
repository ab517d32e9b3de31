package dev.vitrine.training;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vitrine.training.bpe.Vocabulary;
import dev.vitrine.training.corpus.Dice;
import dev.vitrine.training.corpus.HeldOutWriter;
import dev.vitrine.training.corpus.Prompt;
import dev.vitrine.training.corpus.Reserved;
import dev.vitrine.training.corpus.Skill;
import dev.vitrine.training.corpus.Sources;
import dev.vitrine.training.corpus.TextEncoder;
import dev.vitrine.training.skills.IndirectObject;
import dev.vitrine.training.story.StoryTeller;
import dev.vitrine.training.world.Person;
import dev.vitrine.training.world.Relation;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Nothing that a skill is measured on has been trained on. */
class HeldOutTest {

  private static final int PASSAGES = 20_000;
  private static final int PROMPTS = 300;

  static Stream<Skill> skills() {
    return Sources.SKILLS.stream().map(Sources.Share::skill);
  }

  @ParameterizedTest
  @MethodSource("skills")
  void no_prompt_occurs_in_training(Skill skill) {
    StringBuilder training = new StringBuilder();
    Dice dice = new Dice(21);
    for (int i = 0; i < PASSAGES; i++) {
      training.append(TextEncoder.plain(skill.passage(dice))).append('\n');
    }
    String text = training.toString();
    for (Prompt prompt : new HeldOutWriter(PROMPTS, new Dice(2)).draw(skill)) {
      assertThat(text.contains("\n" + prompt.text() + " ")).as(prompt.text()).isFalse();
    }
  }

  @Test
  void every_fact_has_a_prompt_whose_wording_never_occurs_in_training() {
    Skill facts = skills().filter(skill -> skill.name().equals("facts")).findFirst().orElseThrow();
    List<Prompt> prompts = new HeldOutWriter(PROMPTS, new Dice(2)).draw(facts);
    int taught = Relation.ALL.stream().mapToInt(relation -> relation.facts().size()).sum();
    assertThat(taught).isBetween(190, 210);
    assertThat(prompts).hasSizeGreaterThan(taught * 95 / 100);
  }

  @Test
  void no_reserved_pair_of_names_meets_in_training() {
    Dice dice = new Dice(5);
    List<String> texts = new ArrayList<>();
    Skill gifts = new IndirectObject();
    for (int i = 0; i < 3000; i++) {
      texts.add(TextEncoder.plain(gifts.passage(dice)));
      texts.add(TextEncoder.plain(StoryTeller.tell(dice)));
    }
    for (Person one : Person.ALL) {
      for (Person two : Person.ALL) {
        if (!one.equals(two) && Reserved.holds(IndirectObject.key(List.of(one, two)))) {
          String joined = one + " and " + two + " ";
          assertThat(texts).noneMatch(text -> text.contains(joined));
        }
      }
    }
  }

  @Test
  void the_example_of_the_readme_is_a_pair_that_is_taught() {
    Person mary = person("Mary");
    Person john = person("John");
    assertThat(Reserved.holds(IndirectObject.key(List.of(mary, john)))).isFalse();
  }

  @ParameterizedTest
  @MethodSource("skills")
  void what_may_follow_and_what_must_not_are_single_tokens(Skill skill) throws IOException {
    Vocabulary vocabulary = GenerateCorpus.vocabulary();
    for (Prompt prompt : new HeldOutWriter(60, new Dice(2)).draw(skill)) {
      assertThat(prompt.right()).doesNotContainAnyElementsOf(prompt.wrong());
      assertThat(Stream.concat(prompt.right().stream(), prompt.wrong().stream()))
          .allSatisfy(token -> assertThat(vocabulary.encode(token)).hasSize(1));
    }
  }

  private static Person person(String name) {
    return Person.ALL.stream().filter(p -> p.name().equals(name)).findFirst().orElseThrow();
  }
}
