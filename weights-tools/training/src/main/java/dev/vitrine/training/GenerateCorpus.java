package dev.vitrine.training;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;

import dev.vitrine.training.bpe.TokenizerFiles;
import dev.vitrine.training.bpe.Vocabulary;
import dev.vitrine.training.bpe.VocabularyTrainer;
import dev.vitrine.training.corpus.Dice;
import dev.vitrine.training.corpus.HeldOutWriter;
import dev.vitrine.training.corpus.RowWriter;
import dev.vitrine.training.corpus.Sources;
import dev.vitrine.training.corpus.Sources.Weighted;
import dev.vitrine.training.corpus.TextEncoder;
import dev.vitrine.training.world.Lexicon;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Writes everything that training needs into a folder: {@code tokenizer.json}, {@code vocab.json},
 * {@code merges.txt}, {@code rows.bin}, {@code marks.bin}, {@code sources.txt}, {@code
 * heldout.json} and {@code sample.txt}.
 */
public final class GenerateCorpus {

  /** The size of the built-in model's vocabulary. */
  public static final int VOCABULARY = 3392;

  private static final int CERTAIN = 10_000;
  private static final int LIKELY = 100;

  /** How many of the words, from the first, are common. */
  private static final int COMMON = 1662;

  private static final long HELD_OUT_SEED = 2;
  private static final int PROMPTS = 300;
  private static final int SAMPLES = 60;

  private GenerateCorpus() {}

  /**
   * Arguments: folder, number of rows, seed of the rows, and the share of repetitions if it is not
   * the usual one.
   */
  public static void main(String[] arguments) throws IOException {
    if (arguments.length < 3) {
      throw new IllegalArgumentException("usage: GenerateCorpus FOLDER ROWS SEED [REPETITIONS]");
    }
    Path folder = Path.of(arguments[0]);
    long rows = Long.parseLong(arguments[1]);
    long seed = Long.parseLong(arguments[2]);
    double repetition =
        arguments.length > 3 ? Double.parseDouble(arguments[3]) : Sources.REPETITION;
    Vocabulary vocabulary = vocabulary();
    TokenizerFiles.write(vocabulary, folder);
    new HeldOutWriter(PROMPTS, new Dice(HELD_OUT_SEED))
        .write(folder.resolve("heldout.json"), vocabulary.endOfText());
    RowWriter writer = rows(vocabulary, seed, repetition);
    List<Weighted> sources =
        Sources.all(new TextEncoder(vocabulary), vocabulary.endOfText(), repetition);
    Files.write(
        folder.resolve("sources.txt"), sources.stream().map(s -> s.source().name()).toList());
    writer.write(folder.resolve("rows.bin"), folder.resolve("marks.bin"), rows);
    Files.writeString(folder.resolve("sample.txt"), sample(vocabulary, seed, repetition));
  }

  /** Rows of the corpus with this seed. */
  public static RowWriter rows(Vocabulary vocabulary, long seed, double repetition) {
    return new RowWriter(
        Sources.all(new TextEncoder(vocabulary), vocabulary.endOfText(), repetition),
        vocabulary.endOfText(),
        new Dice(seed));
  }

  /** The vocabulary of the corpus. It depends on the list of words alone, and on no passage. */
  public static Vocabulary vocabulary() throws IOException {
    VocabularyTrainer trainer = new VocabularyTrainer();
    trainer.read(Lexicon.singleTokens(), CERTAIN);
    try (InputStream stream = GenerateCorpus.class.getResourceAsStream("words.txt")) {
      List<String> words =
          new String(requireNonNull(stream).readAllBytes(), UTF_8).lines().toList();
      trainer.read(words.subList(0, COMMON), LIKELY);
      trainer.read(words, 1);
    }
    return trainer.train(VOCABULARY);
  }

  private static String sample(Vocabulary vocabulary, long seed, double repetition) {
    StringBuilder text = new StringBuilder();
    RowWriter writer = rows(vocabulary, seed, repetition);
    for (int i = 0; i < SAMPLES; i++) {
      text.append(vocabulary.decode(writer.next().ids())).append("\n====\n");
    }
    return text.toString();
  }
}
