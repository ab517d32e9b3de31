package dev.vitrine.analysis.tasks;

import dev.vitrine.model.Gpt2;
import dev.vitrine.tensor.Tensor;
import dev.vitrine.text.Tokens;
import dev.vitrine.trace.Batch;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.Random;
import java.util.TreeMap;

/**
 * Greater-than (Hanna et al. 2023): "The war lasted from the year 1732 to the year 17" is followed
 * by a later year.
 *
 * @param prompts what the model read
 * @param greater for each prompt, the probability of all later two-digit years
 * @param less for each prompt, the probability of the year itself and all earlier ones
 */
public record GreaterThan(List<String> prompts, List<Double> greater, List<Double> less) {

  private static final List<String> EVENTS =
      List.of("war", "journey", "voyage", "reign", "siege", "trial", "strike", "project", "plague");

  /** Keeps the lists as they are. */
  public GreaterThan {
    prompts = List.copyOf(prompts);
    greater = List.copyOf(greater);
    less = List.copyOf(less);
  }

  private record Prompt(String text, int year) {}

  /**
   * Asks a model.
   *
   * @param seed of {@link Random}, from which events and years are drawn
   * @throws IllegalStateException if it has no tokenizer, or it does not write years as a century
   *     and two digits
   */
  public static GreaterThan of(Gpt2 model, int count, long seed) {
    SingleTokens single = SingleTokens.of(model, "greater-than");
    TreeMap<Integer, Integer> years = new TreeMap<>();
    for (int year = 0; year < 100; year++) {
      OptionalInt id = single.id(twoDigits(year));
      if (id.isPresent()) {
        years.put(year, id.getAsInt());
      }
    }
    List<Prompt> prompts = prompts(single, years, count, seed);
    List<Tokens> texts = prompts.stream().map(prompt -> model.tokens(prompt.text)).toList();
    Batch batch = model.traces(texts);
    List<Double> greater = new ArrayList<>();
    List<Double> less = new ArrayList<>();
    for (int i = 0; i < prompts.size(); i++) {
      Tensor probabilities = batch.get(i).predictions().probabilities();
      int year = prompts.get(i).year;
      greater.add(sum(probabilities, years.tailMap(year, false).values()));
      less.add(sum(probabilities, years.headMap(year, true).values()));
    }
    return new GreaterThan(prompts.stream().map(Prompt::text).toList(), greater, less);
  }

  private static double sum(Tensor probabilities, Iterable<Integer> tokens) {
    double sum = 0;
    for (int token : tokens) {
      sum += probabilities.get(token);
    }
    return sum;
  }

  private static List<Prompt> prompts(
      SingleTokens single, TreeMap<Integer, Integer> years, int count, long seed) {
    Random random = new Random(seed);
    List<int[]> asked = new ArrayList<>();
    for (int century = 11; century <= 18; century++) {
      for (int year = 2; year <= 97; year++) {
        if (isWhole(single, years, century, year)) {
          asked.add(new int[] {century, year});
        }
      }
    }
    if (asked.isEmpty()) {
      throw new IllegalStateException(
          "greater-than needs a model that writes 1732 as two tokens, 17 and 32; this one does"
              + " not");
    }
    List<Prompt> prompts = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      int[] when = asked.get(random.nextInt(asked.size()));
      String text =
          "The %s lasted from the year %d%s to the year %d"
              .formatted(
                  EVENTS.get(random.nextInt(EVENTS.size())), when[0], twoDigits(when[1]), when[0]);
      prompts.add(new Prompt(text, when[1]));
    }
    return prompts;
  }

  private static boolean isWhole(
      SingleTokens single, TreeMap<Integer, Integer> years, int century, int year) {
    Tokens tokens = single.tokenizer().encode(" " + century + twoDigits(year));
    return years.containsKey(year)
        && tokens.size() == 2
        && tokens.id(1) == years.get(year)
        && single.id(" " + century).orElse(-1) == tokens.id(0);
  }

  private static String twoDigits(int number) {
    return "" + number / 10 + number % 10;
  }

  /** The mean of greater less less: from -1 to 1, 0 by chance. */
  public double difference() {
    double sum = 0;
    for (int i = 0; i < prompts.size(); i++) {
      sum += greater.get(i) - less.get(i);
    }
    return sum / prompts.size();
  }
}
