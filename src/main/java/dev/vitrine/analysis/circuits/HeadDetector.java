package dev.vitrine.analysis.circuits;

import static dev.vitrine.tensor.Axis.KEY;
import static dev.vitrine.tensor.Axis.QUERY;

import dev.vitrine.tensor.Tensor;
import dev.vitrine.text.Tokens;
import java.util.List;
import java.util.function.BiPredicate;
import java.util.function.Function;

/**
 * A kind of head, known by where it would look: a table of the places, {@code [query, key]}, which
 * {@link HeadScores} compares with where each head does look.
 *
 * @param name what the kind is called, such as {@code induction_head}
 * @param table makes the table for the tokens of a prompt
 */
public record HeadDetector(String name, Function<Tokens, Tensor> table) {

  /** Looks at the token before. */
  public static final HeadDetector PREVIOUS_TOKEN =
      new HeadDetector("previous_token_head", tokens -> where(tokens, (q, k) -> k == q - 1));

  /** Looks at earlier occurrences of the same token. */
  public static final HeadDetector DUPLICATE_TOKEN =
      new HeadDetector(
          "duplicate_token_head",
          tokens -> where(tokens, (q, k) -> k < q && tokens.id(k) == tokens.id(q)));

  /**
   * Looks at the tokens that followed earlier occurrences of the same token (Olsson et al. 2022).
   */
  public static final HeadDetector INDUCTION =
      new HeadDetector(
          "induction_head",
          tokens -> where(tokens, (q, k) -> k > 0 && k <= q && tokens.id(k - 1) == tokens.id(q)));

  /** The kinds that have names, under TransformerLens's names. */
  public static List<HeadDetector> known() {
    return List.of(PREVIOUS_TOKEN, DUPLICATE_TOKEN, INDUCTION);
  }

  /** A kind of one's own, for prompts of one length: a table {@code [query, key]}. */
  public static HeadDetector of(String name, Tensor table) {
    return new HeadDetector(name, tokens -> table);
  }

  private static Tensor where(Tokens tokens, BiPredicate<Integer, Integer> looks) {
    int size = tokens.size();
    double[] table = new double[size * size];
    for (int q = 0; q < size; q++) {
      for (int k = 0; k < size; k++) {
        table[q * size + k] = looks.test(q, k) ? 1 : 0;
      }
    }
    return Tensor.of(table, QUERY.of(tokens.strings()), KEY.of(tokens.strings()));
  }

  /**
   * Where a head of this kind would look, {@code [query, key]}.
   *
   * @throws IllegalArgumentException if a table of one's own does not fit the prompt, or looks
   *     ahead
   */
  public Tensor pattern(Tokens tokens) {
    Tensor pattern = table.apply(tokens).permute(QUERY, KEY);
    int size = tokens.size();
    if (pattern.size(QUERY) != size || pattern.size(KEY) != size) {
      throw new IllegalArgumentException(
          "%s: the table is %s, and the prompt has %d tokens: give one row and one column for each"
              .formatted(name, pattern.shapeText(), size));
    }
    for (int q = 0; q < size; q++) {
      for (int k = q + 1; k < size; k++) {
        if (pattern.get(q, k) != 0) {
          throw new IllegalArgumentException(
              "%s: the table looks ahead, from position %d to %d: leave 0 there"
                  .formatted(name, q, k));
        }
      }
    }
    return pattern;
  }
}
