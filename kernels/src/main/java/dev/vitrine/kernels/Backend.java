package dev.vitrine.kernels;

import java.util.List;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The operations that a transformer needs, on arrays that the backend owns.
 *
 * <p>Each operation treats every row by itself: what comes out in a row depends on nothing but that
 * row's own inputs, bit for bit, whatever rows stand beside it and however many threads there are.
 * In f32 the order of additions and every approximation is fixed by {@code kernels/CONTRACT.md}, so
 * that all f32 backends give the very same bits; {@code reference} gives the mathematical
 * definition in double precision.
 *
 * <p>A backend serves many threads at once. Outputs may not overlap inputs unless an operation says
 * so. Shapes that do not fit are an {@link IllegalArgumentException} that names both.
 */
public interface Backend extends AutoCloseable {

  /**
   * The name by which it is chosen: {@code reference}, {@code simd}, {@code scalar}, {@code cuda};
   * {@code cuda-bf16} and {@code cuda-f16}, which round what they multiply and keep no contract.
   */
  String name();

  /** What it is and runs on, in one line for people. */
  String description();

  /** Whether elements are doubles (true) or floats. */
  boolean isDouble();

  // ---- arrays

  /** A new array {@code [rows, columns]} of zeros. */
  Array rows(int rows, int columns);

  /**
   * A new array {@code [positions, heads · headSize]} of zeros for the keys of one sequence, laid
   * out as {@link #attend} reads it. It is filled by {@link #copy} from an array of rows.
   */
  Array keys(int positions, int heads, int headSize);

  /** As {@link #keys}, for the values of one sequence. */
  default Array values(int positions, int heads, int headSize) {
    return rows(positions, Math.multiplyExact(heads, headSize));
  }

  /** Writes {@code count} elements to {@code row}, from column {@code column} on. */
  void write(Array array, int row, int column, int count, float[] from, int at);

  /** Writes {@code count} elements to {@code row}; an f32 backend rounds them to nearest. */
  void write(Array array, int row, int column, int count, double[] from, int at);

  /** Reads {@code count} elements of {@code row}; a double backend rounds them to nearest. */
  void read(Array array, int row, int column, int count, float[] into, int at);

  /** Reads {@code count} elements of {@code row}, widened exactly. */
  void read(Array array, int row, int column, int count, double[] into, int at);

  /**
   * The elements of an array, row after row from the beginning on, where they are at hand as floats
   * and nothing much lies beside them; null elsewhere. They are not copied: who takes them must not
   * change them, nor the array.
   */
  default float @Nullable [] floats(Array array) {
    return null;
  }

  /**
   * Copies rows {@code fromRow … fromRow + count - 1} of one array to another with as many columns,
   * whichever of {@link #rows}, {@link #keys} and {@link #values} made them.
   */
  void copy(Array from, int fromRow, Array to, int toRow, int count);

  // ---- weights

  /**
   * Packs a weight whose source is {@code [in, out]} (as Hugging Face's Conv1D has it).
   *
   * @param block the length of the blocks that {@link #product} cuts the input axis into
   */
  Matrix pack(Source source, int block);

  /**
   * Packs a weight whose source is {@code [out, in]} (as an embedding table is, seen as
   * unembedding).
   */
  Matrix packTransposed(Source source, int block);

  /**
   * {@link #pack(Source, int)} with reduced weights. A backend that does not hold them reduced
   * computes with the same numbers all the same.
   */
  default Matrix pack(Source source, int block, Precision precision) {
    return pack(Reduced.of(source, precision, block, false), block);
  }

  /** {@link #packTransposed(Source, int)} with reduced weights. */
  default Matrix packTransposed(Source source, int block, Precision precision) {
    return packTransposed(Reduced.of(source, precision, block, true), block);
  }

  /**
   * Runs parts of a work that may be done in any order, such as packing one weight each, on as many
   * threads as the backend has and can pack on at once. All are done when it returns.
   */
  default void share(int parts, IntConsumer part) {
    for (int index = 0; index < parts; index++) {
      part.accept(index);
    }
  }

  /**
   * Copies column {@code columns[r]} of {@code matrix} to row {@code r} of {@code out}: the
   * embedding reads its rows out of the packed unembedding.
   *
   * <p>{@code out[r, i] = matrix[i, columns[r]]}
   */
  void gather(Matrix matrix, int[] columns, Array out);

  // ---- operations

  /** {@code out[r, c] = a[r, c] + b[r, c]}; {@code out} may be {@code a} or {@code b}. */
  void add(Array a, Array b, Array out);

  /**
   * Layer normalisation (Ba et al. 2016), row by row over n columns:
   *
   * <pre>
   *   centred[r, c]    = x[r, c] - mean(x[r])
   *   scale[r]         = √(mean(centred[r]²) + epsilon)
   *   normalized[r, c] = centred[r, c] / scale[r]
   *   out[r, c]        = normalized[r, c] · gain[c] + bias[c]
   * </pre>
   *
   * @param gain {@code [1, n]}
   * @param bias {@code [1, n]}
   * @param scale {@code [rows, 1]}, or null if nobody asked
   * @param normalized {@code [rows, n]}, or null if nobody asked
   */
  void layerNorm(
      Array x,
      Array gain,
      Array bias,
      double epsilon,
      Array out,
      @Nullable Array scale,
      @Nullable Array normalized);

  /**
   * The middle of {@link #layerNorm} by itself, for a scale that was edited: {@code out[r, c] =
   * (x[r, c] - mean(x[r])) / scale[r]}.
   *
   * @param scale {@code [rows, 1]}
   */
  void normalize(Array x, Array scale, Array out);

  /**
   * The end of {@link #layerNorm} by itself, for a normalised row that was edited: {@code out[r, c]
   * = x[r, c] · gain[c] + bias[c]}; {@code out} may be {@code x}.
   *
   * @param gain {@code [1, n]}
   * @param bias {@code [1, n]}
   */
  void affine(Array x, Array gain, Array bias, Array out);

  /**
   * The linear layer: {@code out[r, j] = Σ_i x[r, i] · matrix[i, j] + bias[j]}.
   *
   * <p>The sum over i is cut into the matrix's blocks: a block starts at zero and adds one product
   * at a time, block sums are added in order, then the bias.
   *
   * @param bias {@code [1, out]}, or null for none
   */
  void product(Array x, Matrix matrix, @Nullable Array bias, Array out);

  /**
   * {@link #product} and {@link #activate} in one: {@code out[r, j] = activation(Σ_i x[r, i] ·
   * matrix[i, j] + bias[j])}, with the very bits that the two would give one after the other. A
   * backend that can apply the activation while the sums are at hand spares a pass over memory.
   *
   * @param bias {@code [1, out]}, or null for none
   */
  default void product(
      Array x, Matrix matrix, @Nullable Array bias, Activation activation, Array out) {
    product(x, matrix, bias, out);
    activate(activation, out, out);
  }

  /**
   * The block sums of {@link #product}, each by itself: {@code out[r, b · matrix.out() + j] = Σ_{i
   * in block b} x[r, i] · matrix[i, j]}. With W_O cut into blocks of d_head these are the heads'
   * own results, and they add up, in order, to attention's output.
   */
  void blocks(Array x, Matrix matrix, Array out);

  /** {@code out[r, c] = activation(x[r, c])}; {@code out} may be {@code x}. */
  void activate(Activation activation, Array x, Array out);

  /**
   * Causal attention of every head over each span's own keys and values; for query i of head h
   *
   * <pre>
   *   scores[h, i, k]  = scale · Σ_d q[i, h, d] · keys[k, h, d]      for k ≤ position + i, else -inf
   *   pattern[h, i, k] = exp(scores[h, i, k] - max) / Σ exp(scores[h, i, ·] - max), 0 after the query
   *   z[i, h, d]       = Σ_{k ≤ position + i} pattern[h, i, k] · values[k, h, d]
   * </pre>
   *
   * @param scale usually {@code 1/√d_head}; an f32 backend rounds it once
   * @param q {@code [rows, heads · headSize]}, head-major
   * @param z {@code [rows, heads · headSize]}
   */
  void attend(int heads, double scale, Array q, List<Span> spans, Array z);

  /**
   * The last step of {@link #attend} by itself, for a pattern that was edited: {@code z[h, i, d] =
   * Σ_{k ≤ position + i} pattern[h, i, k] · values[k, h, d]}, in the very order that {@code attend}
   * adds in. Each span's pattern is read; its keys and scores are not.
   *
   * @param z {@code [rows, heads · headSize]}
   */
  void mix(int heads, List<Span> spans, Array z);

  /**
   * {@code out[r, c] = exp(x[r, c] - max) / Σ_c' exp(x[r, c'] - max)}; {@code out} may be {@code
   * x}.
   */
  void softmax(Array x, Array out);

  /**
   * {@code out[r, c] = x[r, c] - max - log Σ_c' exp(x[r, c'] - max)}; {@code out} may be {@code x}.
   */
  void logSoftmax(Array x, Array out);

  /** Releases what the backend holds; arrays and matrices of it may not be used afterwards. */
  @Override
  void close();
}
