package dev.vitrine.kernels;

import org.jspecify.annotations.Nullable;

/**
 * The part of an attention that belongs to one sequence: {@code count} rows of the query array,
 * which attend to that sequence's keys and values.
 *
 * <p>The query in row {@code row + i} stands at position {@code position + i} and sees the keys
 * {@code 0 … position + i}: causality is the only mask there is.
 *
 * @param row the first row of the span in the query array and in the output
 * @param count the number of rows
 * @param position the position of the first row in its sequence
 * @param keys the sequence's keys, made by {@link Backend#keys}; rows 0 to {@code position + count
 *     - 1} are filled
 * @param values the sequence's values, made by {@link Backend#values} and filled likewise
 * @param scores where to write the scores {@code [heads · count, keys]}, row {@code h · count + i}
 *     for head h and query i, {@code -inf} where the key lies after the query; null if nobody asked
 * @param pattern where to write the pattern, laid out as the scores, 0 where the key lies after the
 *     query; null if nobody asked
 */
public record Span(
    int row,
    int count,
    int position,
    Array keys,
    Array values,
    @Nullable Array scores,
    @Nullable Array pattern) {

  /** A span whose scores and pattern nobody asked for. */
  public Span(int row, int count, int position, Array keys, Array values) {
    this(row, count, position, keys, values, null, null);
  }
}
