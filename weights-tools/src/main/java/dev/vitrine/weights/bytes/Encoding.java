package dev.vitrine.weights.bytes;

import dev.vitrine.weights.Dtype;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** Turns numbers into the bytes of a {@link Dtype}, little-endian, rounded to nearest even. */
final class Encoding {

  private static final VarHandle SHORT = view(short[].class);
  private static final VarHandle INT = view(int[].class);
  private static final VarHandle LONG = view(long[].class);

  private Encoding() {}

  private static VarHandle view(Class<?> array) {
    return MethodHandles.byteArrayViewVarHandle(array, ByteOrder.LITTLE_ENDIAN);
  }

  static void encode(Dtype dtype, float value, byte[] into, int i) {
    switch (dtype) {
      case F64 -> LONG.set(into, 8 * i, Double.doubleToRawLongBits(value));
      case F32 -> INT.set(into, 4 * i, Float.floatToRawIntBits(value));
      case F16 -> SHORT.set(into, 2 * i, Float.floatToFloat16(value));
      case BF16 -> SHORT.set(into, 2 * i, bfloat16(value));
      default -> throw fraction(dtype);
    }
  }

  static void encode(Dtype dtype, double value, byte[] into, int i) {
    switch (dtype) {
      case F64 -> LONG.set(into, 8 * i, Double.doubleToRawLongBits(value));
      case F32 -> INT.set(into, 4 * i, Float.floatToRawIntBits((float) value));
      case F16 -> SHORT.set(into, 2 * i, Float.floatToFloat16(roundToOdd(value)));
      case BF16 -> SHORT.set(into, 2 * i, bfloat16(roundToOdd(value)));
      default -> throw fraction(dtype);
    }
  }

  static void encode(Dtype dtype, long value, byte[] into, int i) {
    boolean fits =
        switch (dtype) {
          case I64 -> true;
          case I32 -> value == (int) value;
          case I16 -> value == (short) value;
          case I8 -> value == (byte) value;
          case U8 -> value >= 0 && value < 256;
          case BOOL -> value == 0 || value == 1;
          default -> false;
        };
    if (!fits) {
      throw new IllegalArgumentException("the integer " + value + " does not fit " + dtype);
    }
    switch (dtype.bytes()) {
      case 8 -> LONG.set(into, 8 * i, value);
      case 4 -> INT.set(into, 4 * i, (int) value);
      case 2 -> SHORT.set(into, 2 * i, (short) value);
      default -> into[i] = (byte) value;
    }
  }

  /**
   * Writes blocks of {@link Dtype#Q8_0}, to the bit as the {@code gguf} package of Python does.
   *
   * @param floats {@code count} elements as {@link Dtype#F32}
   */
  static void quantise(byte[] floats, int count, byte[] into) {
    int block = Dtype.Q8_0.blockElements();
    for (int first = 0; first < count; first += block) {
      int at = first / block * Dtype.Q8_0.blockBytes();
      float most = 0;
      for (int i = 0; i < block; i++) {
        most = Math.max(most, Math.abs(floatAt(floats, first + i)));
      }
      float scale = most / 127;
      float inverse = scale == 0 ? 0 : 1 / scale;
      SHORT.set(into, at, Float.floatToFloat16(scale));
      for (int i = 0; i < block; i++) {
        float value = floatAt(floats, first + i) * inverse;
        float size = Math.abs(value);
        int whole = (int) size;
        int rounded = whole + (int) (2 * (size - whole)); // ties away from zero
        into[at + 2 + i] = (byte) (value < 0 ? -rounded : rounded);
      }
    }
  }

  private static float floatAt(byte[] floats, int i) {
    return Float.intBitsToFloat((int) INT.get(floats, 4 * i));
  }

  private static IllegalArgumentException fraction(Dtype dtype) {
    return new IllegalArgumentException("fractions cannot be written as " + dtype);
  }

  private static short bfloat16(float value) {
    int bits = Float.floatToRawIntBits(value);
    if (Float.isNaN(value)) {
      return (short)
          (bits >>> 16 | 0x40); // quiet, so that no payload bit cut off makes it infinite
    }
    return (short) ((bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16);
  }

  /**
   * A float that rounds to the same narrower number as {@code value} does: rounding twice to
   * nearest would err where the first rounding makes a tie.
   */
  private static float roundToOdd(double value) {
    float nearest = (float) value;
    if (nearest == value || Double.isNaN(value)) {
      return nearest;
    }
    float towardsZero =
        Math.abs((double) nearest) < Math.abs(value)
            ? nearest
            : value > 0 ? Math.nextDown(nearest) : Math.nextUp(nearest);
    return Float.intBitsToFloat(Float.floatToRawIntBits(towardsZero) | 1);
  }
}
