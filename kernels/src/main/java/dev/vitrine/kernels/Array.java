package dev.vitrine.kernels;

/**
 * A table of numbers {@code [rows, columns]} that a {@link Backend} owns.
 *
 * <p>How and where the elements lie is the backend's own affair; they are reached through {@link
 * Backend#read} and {@link Backend#write}. An array is only ever handed to the backend that made
 * it.
 */
public interface Array {

  /** The number of rows; a row is one position of one sequence in most arrays. */
  int rows();

  /** The number of columns. */
  int columns();

  /**
   * The columns {@code from} to {@code to - 1} of the same rows, without a copy: a product of all
   * of Q, K and V is one array, and each of them is a view of it.
   *
   * @throws IndexOutOfBoundsException if the range does not lie within the columns
   */
  Array columns(int from, int to);

  /**
   * The rows {@code from} to {@code to - 1}, without a copy.
   *
   * @throws IndexOutOfBoundsException if the range does not lie within the rows
   */
  Array rows(int from, int to);
}
