package dev.vitrine.training;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vitrine.training.bpe.Vocabulary;
import dev.vitrine.training.corpus.Dice;
import dev.vitrine.training.corpus.Document;
import dev.vitrine.training.corpus.HeldOutWriter;
import dev.vitrine.training.corpus.RowWriter;
import dev.vitrine.training.corpus.Sources;
import dev.vitrine.training.corpus.TextEncoder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the rows that are trained on promise. */
class CorpusTest {

  private static final int ROWS = 300;

  private static Vocabulary vocabulary;

  @BeforeAll
  static void learn() throws IOException {
    vocabulary = GenerateCorpus.vocabulary();
  }

  @Test
  void the_same_seed_gives_the_same_bytes_and_another_seed_others(@TempDir Path folder)
      throws IOException {
    byte[] first = bytes(folder, 7);
    assertThat(bytes(folder, 7)).isEqualTo(first);
    assertThat(bytes(folder, 8)).isNotEqualTo(first);
    assertThat(Arrays.hashCode(first)).isEqualTo(Arrays.hashCode(bytes(folder, 7)));
    assertThat(first).hasSize(ROWS * RowWriter.LENGTH * 2);
  }

  private static byte[] bytes(Path folder, long seed) throws IOException {
    Path ids = folder.resolve("rows.bin");
    GenerateCorpus.rows(vocabulary, seed, Sources.REPETITION)
        .write(ids, folder.resolve("marks.bin"), ROWS);
    return Files.readAllBytes(ids);
  }

  @Test
  void every_row_begins_with_the_beginning_of_a_document() {
    for (Document row : rows()) {
      assertThat(row.ids()).hasSize(RowWriter.LENGTH);
      assertThat(row.ids()[0]).isNotEqualTo(vocabulary.endOfText());
      boolean repetition = row.marks()[0] / 4 == 0;
      if (!repetition) {
        assertThat(vocabulary.decode(row.ids())).matches("(?s)[\\p{L}\\d(\\[{<\"].*");
      }
    }
  }

  @Test
  void every_source_has_nearly_its_share() {
    List<Sources.Weighted> sources = sources();
    long[] tokens = new long[sources.size()];
    for (Document row : rows()) {
      for (byte mark : row.marks()) {
        tokens[mark / 4]++;
      }
    }
    double all = ROWS * RowWriter.LENGTH;
    double shares = sources.stream().mapToDouble(Sources.Weighted::share).sum();
    for (int i = 0; i < tokens.length; i++) {
      double share = sources.get(i).share() / shares;
      assertThat(tokens[i] / all)
          .as(sources.get(i).source().name())
          .isBetween(0.7 * share, 2 * share);
    }
  }

  @Test
  void only_tokens_that_nothing_announces_are_left_out_of_the_loss() {
    Dice dice = new Dice(3);
    for (Sources.Weighted weighted : sources()) {
      Document document = weighted.source().next(dice);
      byte[] marks = document.marks();
      boolean repetition = weighted.source().name().equals("induction");
      boolean random = IntStream.range(0, marks.length).anyMatch(i -> marks[i] == Document.RANDOM);
      assertThat(random).as(weighted.source().name()).isEqualTo(repetition);
    }
  }

  @Test
  void marks_change_no_token() {
    TextEncoder encoder = new TextEncoder(vocabulary);
    Dice dice = new Dice(4);
    for (Sources.Share share : Sources.SKILLS) {
      for (int i = 0; i < 200; i++) {
        String passage = share.skill().passage(dice);
        assertThat(encoder.document(passage).ids())
            .isEqualTo(vocabulary.encode(TextEncoder.plain(passage)));
      }
    }
  }

  @Test
  void held_out_prompts_are_the_same_every_time(@TempDir Path folder) throws IOException {
    Path first = folder.resolve("first.json");
    Path second = folder.resolve("second.json");
    new HeldOutWriter(20, new Dice(1)).write(first, vocabulary.endOfText());
    new HeldOutWriter(20, new Dice(1)).write(second, vocabulary.endOfText());
    assertThat(first).hasSameTextualContentAs(second);
  }

  private static List<Sources.Weighted> sources() {
    return Sources.all(new TextEncoder(vocabulary), vocabulary.endOfText(), Sources.REPETITION);
  }

  private static List<Document> rows() {
    RowWriter writer = GenerateCorpus.rows(vocabulary, 11, Sources.REPETITION);
    List<Document> rows = new ArrayList<>();
    for (int i = 0; i < ROWS; i++) {
      rows.add(writer.next());
    }
    return rows;
  }
}
