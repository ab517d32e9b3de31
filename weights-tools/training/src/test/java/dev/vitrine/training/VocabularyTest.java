package dev.vitrine.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.vitrine.training.bpe.TokenizerFiles;
import dev.vitrine.training.bpe.Vocabulary;
import dev.vitrine.training.bpe.VocabularyTrainer;
import dev.vitrine.training.corpus.Dice;
import dev.vitrine.training.story.StoryTeller;
import dev.vitrine.training.world.Lexicon;
import dev.vitrine.training.world.Person;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the built-in model's vocabulary promises. */
class VocabularyTest {

  private static Vocabulary vocabulary;

  @BeforeAll
  static void learn() throws IOException {
    vocabulary = GenerateCorpus.vocabulary();
  }

  @Test
  void has_the_size_that_is_promised_and_ends_with_end_of_text() {
    assertThat(vocabulary.size()).isEqualTo(GenerateCorpus.VOCABULARY).isBetween(2048, 4096);
    assertThat(vocabulary.endOfText()).isEqualTo(vocabulary.size() - 1);
  }

  @Test
  void a_year_is_its_century_and_two_digits() {
    assertThat(pieces(" 1732")).containsExactly(" 17", "32");
    for (int year = 1100; year < 2000; year++) {
      assertThat(pieces(" " + year))
          .containsExactly(" " + year / 100, "" + year / 10 % 10 + year % 10);
    }
  }

  @Test
  void two_digit_numbers_come_directly_after_the_bytes() {
    assertThat(vocabulary.encode(" 0")).containsExactly(256);
    assertThat(vocabulary.encode(" 00")).containsExactly(266);
    assertThat(vocabulary.encode(" 99")).containsExactly(365);
    assertThat(vocabulary.encode("00")).containsExactly(366);
    assertThat(vocabulary.encode("99")).containsExactly(465);
  }

  @Test
  void every_name_is_one_token_with_and_without_a_space() {
    for (Person person : Person.ALL) {
      assertThat(pieces(person.name())).hasSize(1);
      assertThat(pieces(" " + person.name())).hasSize(1);
    }
  }

  @Test
  void every_word_that_a_skill_decides_is_one_token() {
    assertThat(Lexicon.singleTokens()).allSatisfy(word -> assertThat(pieces(word)).hasSize(1));
  }

  @Test
  void decoding_gives_back_any_text() {
    List<String> texts =
        List.of(
            "",
            " ",
            "  two  spaces \n\n and\tlines ",
            "naïve café — 😀",
            "\"It's,\" 1234567 % ‹›",
            "" + (char) 0 + (char) 127,
            StoryTeller.tell(new Dice(5)));
    assertThat(texts)
        .allSatisfy(text -> assertThat(vocabulary.decode(vocabulary.encode(text))).isEqualTo(text));
  }

  @Test
  void what_is_no_word_cannot_be_one_token() {
    VocabularyTrainer trainer = new VocabularyTrainer();
    assertThatThrownBy(() -> trainer.read(List.of("two words"), 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("two words");
  }

  @Test
  void the_files_have_a_line_for_each_merge(@TempDir Path folder) throws IOException {
    TokenizerFiles.write(vocabulary, folder);
    List<String> merges = Files.readAllLines(folder.resolve("merges.txt"));
    assertThat(merges.subList(0, 3)).containsExactly("#version: 0.2", "Ġ 0", "Ġ 1");
    assertThat(merges.get(11)).isEqualTo("Ġ0 0");
    assertThat(merges.get(111)).isEqualTo("0 0");
    assertThat(merges).hasSize(1 + vocabulary.size() - 257);
    assertThat(folder.resolve("vocab.json")).content().contains("\"ĠMary\"", "<|endoftext|>");
    assertThat(folder.resolve("tokenizer.json")).content().contains("ByteLevel", "\"Ġ 0\"");
  }

  private static List<String> pieces(String text) {
    return Arrays.stream(vocabulary.encode(text)).mapToObj(vocabulary::decode).toList();
  }
}
