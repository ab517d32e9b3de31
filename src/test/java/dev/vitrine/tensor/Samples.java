package dev.vitrine.tensor;

import java.util.List;
import java.util.Random;

/** Tensors that tests are made of. */
public final class Samples {
  /** The tokens of the sentence that all of this literature quotes. */
  public static final List<String> TOKENS =
      List.of("When", " Mary", " and", " John", " went", " to", " the", " store");

  private Samples() {}

  /** Floats of a normal distribution. */
  public static Tensor floats(long seed, Dimension... dimensions) {
    float[] data = new float[count(dimensions)];
    Random random = new Random(seed);
    for (int i = 0; i < data.length; i++) {
      data[i] = (float) random.nextGaussian();
    }
    return Tensor.of(data, dimensions);
  }

  /** Doubles of a normal distribution. */
  public static Tensor doubles(long seed, Dimension... dimensions) {
    double[] data = new double[count(dimensions)];
    Random random = new Random(seed);
    for (int i = 0; i < data.length; i++) {
      data[i] = random.nextGaussian();
    }
    return Tensor.of(data, dimensions);
  }

  /** The elements 0, 1, 2, … */
  public static Tensor counting(Dimension... dimensions) {
    float[] data = new float[count(dimensions)];
    for (int i = 0; i < data.length; i++) {
      data[i] = i;
    }
    return Tensor.of(data, dimensions);
  }

  /** An attention pattern over {@link #TOKENS}: each query looks at itself and at the first. */
  public static Tensor pattern() {
    int n = TOKENS.size();
    float[] data = new float[n * n];
    for (int query = 0; query < n; query++) {
      data[query * n] += 0.25f;
      data[query * n + query] += 0.75f;
    }
    return Tensor.of(data, Axis.QUERY.of(TOKENS), Axis.KEY.of(TOKENS));
  }

  /** An origin with a name and nothing else. */
  public static Origin named(String name) {
    return () -> name;
  }

  private static int count(Dimension... dimensions) {
    int count = 1;
    for (Dimension dimension : dimensions) {
      count *= dimension.size();
    }
    return count;
  }
}
