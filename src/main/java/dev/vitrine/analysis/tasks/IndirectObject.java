package dev.vitrine.analysis.tasks;

import dev.vitrine.model.Gpt2;
import dev.vitrine.tensor.Tensor;
import dev.vitrine.text.Tokens;
import dev.vitrine.trace.Batch;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * Indirect object identification (Wang et al. 2022): "When Mary and John went to the store, John
 * gave a drink to" is followed by the name that was said once. Each prompt is asked both ways, so
 * that neither name nor place in the sentence is favoured.
 *
 * @param prompts each prompt with both names
 * @param differences the logit of the right name less that of the other, for each prompt
 */
public record IndirectObject(List<Prompt> prompts, List<Double> differences) {

  private static final List<String> NAMES =
      List.of(
          "Mary", "John", "Tom", "James", "Dan", "Martin", "Amy", "Sarah", "Anna", "Paul", "Mark",
          "Laura", "Kate", "Peter", "Alice", "Bob", "David", "Susan", "Jack", "Emma");

  private static final List<String> TEMPLATES =
      List.of(
          "When F and S went to the PLACE, G gave a OBJECT to",
          "Then, F and S went to the PLACE. G gave a OBJECT to",
          "When F and S got a OBJECT at the PLACE, G decided to give it to",
          "After F and S went to the PLACE, G gave a OBJECT to",
          "While F and S were working at the PLACE, G gave a OBJECT to");

  private static final List<String> PLACES =
      List.of("store", "school", "office", "garden", "market", "restaurant");

  private static final List<String> OBJECTS = List.of("drink", "book", "ring", "letter", "ball");

  /**
   * A prompt.
   *
   * @param text what the model reads
   * @param right the token that should follow
   * @param wrong the token of the other name
   */
  public record Prompt(String text, int right, int wrong) {}

  /** Keeps the lists as they are. */
  public IndirectObject {
    prompts = List.copyOf(prompts);
    differences = List.copyOf(differences);
  }

  /**
   * Asks a model.
   *
   * @param pairs how many pairs of prompts
   * @param seed of {@link Random}, from which names, places and things are drawn
   * @throws IllegalStateException if it has no tokenizer, or fewer than two names are one token
   */
  public static IndirectObject of(Gpt2 model, int pairs, long seed) {
    List<Prompt> prompts = prompts(model, pairs, seed);
    List<Tokens> texts = prompts.stream().map(prompt -> model.tokens(prompt.text)).toList();
    Batch batch = model.traces(texts);
    List<Double> differences = new ArrayList<>();
    for (int i = 0; i < prompts.size(); i++) {
      Tensor logits = batch.get(i).logits(-1);
      differences.add(logits.get(prompts.get(i).right) - logits.get(prompts.get(i).wrong));
    }
    return new IndirectObject(prompts, differences);
  }

  /**
   * Prompts in pairs that differ in who gives.
   *
   * @throws IllegalStateException if the model has no tokenizer, or fewer than two names are one
   *     token
   */
  public static List<Prompt> prompts(Gpt2 model, int pairs, long seed) {
    SingleTokens single = SingleTokens.of(model, "indirect object identification");
    List<String> names = single.among(NAMES);
    if (names.size() < 2) {
      throw new IllegalStateException(
          "indirect object identification needs two names that are one token each to the model");
    }
    Random random = new Random(seed);
    List<Prompt> prompts = new ArrayList<>();
    for (int i = 0; i < pairs; i++) {
      int first = random.nextInt(names.size());
      int second = (first + 1 + random.nextInt(names.size() - 1)) % names.size();
      String text =
          pick(random, TEMPLATES)
              .replace("PLACE", pick(random, PLACES))
              .replace("OBJECT", pick(random, OBJECTS))
              .replace("F and S", names.get(first) + " and " + names.get(second));
      int a = single.id(" " + names.get(first)).orElseThrow();
      int b = single.id(" " + names.get(second)).orElseThrow();
      prompts.add(new Prompt(text.replace("G ", names.get(second) + " "), a, b));
      prompts.add(new Prompt(text.replace("G ", names.get(first) + " "), b, a));
    }
    return prompts;
  }

  private static String pick(Random random, List<String> list) {
    return list.get(random.nextInt(list.size()));
  }

  /** The mean difference of the logits. */
  public double logitDifference() {
    return differences.stream().mapToDouble(Double::doubleValue).average().orElse(Double.NaN);
  }

  /** In what share of the prompts the right name is above the other. */
  public double accuracy() {
    return differences.stream().mapToDouble(d -> d > 0 ? 1 : 0).average().orElse(Double.NaN);
  }
}
