package dev.vitrine.weights;

/**
 * Writes named tensors into one file, one after another, holding none of them in memory.
 *
 * <p>All tensors are declared first, then their elements are written in the order of declaration,
 * each tensor in as many parts as is convenient. Only {@link #finish()} puts the file in its place:
 * until then a file of that name stays as it was, and {@link #close()} without it leaves nothing.
 *
 * <pre>{@code
 * try (TensorWriter writer = SafetensorsWriter.create(file)) {
 *   writer.declare("x", Dtype.F32, 2, 3);
 *   writer.write("x", new float[6]);
 *   writer.finish();
 * }
 * }</pre>
 *
 * <p>Every method throws {@link WeightsException} if the file cannot be written, such as on a full
 * disk. Not for use by several threads at once.
 */
public interface TensorWriter extends AutoCloseable {

  /**
   * Adds a text about the file, before anything is written.
   *
   * @throws IllegalStateException if something is written already
   */
  void metadata(String key, String value);

  /**
   * Announces a tensor, before anything is written.
   *
   * @param shape the lengths of its axes, outermost first; none for a single number
   * @throws IllegalArgumentException if the name is taken, or the shape impossible
   * @throws IllegalStateException if something is written already
   * @throws WeightsException if the format has no such dtype
   */
  void declare(String name, Dtype dtype, long... shape);

  /**
   * Writes the next elements of a tensor, row-major, each rounded to nearest where the dtype is
   * narrower.
   *
   * @throws IllegalStateException if another tensor is to be written now
   * @throws IllegalArgumentException if that is more than the tensor has
   */
  void write(String name, float[] elements, int from, int count);

  /** The same from doubles. */
  void write(String name, double[] elements, int from, int count);

  /**
   * The same from integers.
   *
   * @throws IllegalArgumentException also if one of them does not fit the dtype
   */
  void write(String name, long[] elements, int from, int count);

  /** Writes the whole array. */
  default void write(String name, float[] elements) {
    write(name, elements, 0, elements.length);
  }

  /** Writes the whole array. */
  default void write(String name, double[] elements) {
    write(name, elements, 0, elements.length);
  }

  /** Writes the whole array. */
  default void write(String name, long[] elements) {
    write(name, elements, 0, elements.length);
  }

  /**
   * Puts the file in its place.
   *
   * @throws IllegalStateException if a tensor is not written to its end
   */
  void finish();

  /** Drops what was written unless it was finished. */
  @Override
  void close();
}
