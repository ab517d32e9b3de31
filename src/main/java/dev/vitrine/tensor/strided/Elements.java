package dev.vitrine.tensor.strided;

/** The numbers under a tensor, shared by all its views: an array of floats or of doubles. */
public sealed interface Elements {
  /** New elements, all zero. */
  static Elements allocate(boolean isDouble, long count) {
    if (count > Integer.MAX_VALUE - 8) {
      throw new IllegalArgumentException(count + " elements are more than one array can hold");
    }
    return isDouble ? new Doubles(new double[(int) count]) : new Floats(new float[(int) count]);
  }

  /** The element at a place in the array. */
  double get(int index);

  /** Stores a value, rounded to a float where these are floats; only for new elements. */
  void set(int index, double value);

  /** The length of the array. */
  int length();

  /** Whether these are doubles. */
  boolean isDouble();

  /** Single precision. */
  final class Floats implements Elements {
    private final float[] values;

    /** Over an array, which is not copied. */
    public Floats(float[] values) {
      this.values = values;
    }

    @Override
    public double get(int index) {
      return values[index];
    }

    @Override
    public void set(int index, double value) {
      values[index] = (float) value;
    }

    @Override
    public int length() {
      return values.length;
    }

    @Override
    public boolean isDouble() {
      return false;
    }
  }

  /** Double precision. */
  final class Doubles implements Elements {
    private final double[] values;

    /** Over an array, which is not copied. */
    public Doubles(double[] values) {
      this.values = values;
    }

    @Override
    public double get(int index) {
      return values[index];
    }

    @Override
    public void set(int index, double value) {
      values[index] = value;
    }

    @Override
    public int length() {
      return values.length;
    }

    @Override
    public boolean isDouble() {
      return true;
    }
  }
}
