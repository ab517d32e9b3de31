package dev.vitrine.weights.formats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.vitrine.weights.HandMade;
import dev.vitrine.weights.StoredTensor;
import dev.vitrine.weights.WeightsException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Every dtype is widened exactly. */
class WideningTest {

  private static final double[] DOUBLES = {
    0,
    -0.0,
    1,
    -1.5,
    Math.PI,
    1e-310,
    Double.MIN_VALUE,
    Double.MAX_VALUE,
    0x1p24 + 1,
    Double.POSITIVE_INFINITY,
    Double.NEGATIVE_INFINITY,
    Double.NaN
  };

  @Test
  void f64() {
    ByteBuffer data = HandMade.bytes(8 * DOUBLES.length);
    for (double value : DOUBLES) {
      data.putDouble(value);
    }
    StoredTensor tensor = HandMade.tensor("F64", "[3,4]", HandMade.array(data));
    assertThat(tensor.doubles()).isEqualTo(DOUBLES);
    float[] rounded = new float[DOUBLES.length];
    for (int i = 0; i < rounded.length; i++) {
      rounded[i] = (float) DOUBLES[i];
    }
    assertThat(tensor.floats()).isEqualTo(rounded);
  }

  @Test
  void f32KeepsEveryBit() {
    int[] patterns = {0, 0x80000000, 1, 0x807fffff, 0x7f7fffff, 0x7f800000, 0xff800000, 0x3f800001};
    ByteBuffer data = HandMade.bytes(4 * patterns.length);
    for (int pattern : patterns) {
      data.putInt(pattern);
    }
    StoredTensor tensor = HandMade.tensor("F32", "[2,4]", HandMade.array(data));
    for (int i = 0; i < patterns.length; i++) {
      assertThat(Float.floatToRawIntBits(tensor.floats()[i])).isEqualTo(patterns[i]);
      assertThat(tensor.doubles()[i]).isEqualTo(Float.intBitsToFloat(patterns[i]));
    }
  }

  @Test
  void f16HasAllItsNumbers() {
    StoredTensor tensor = HandMade.tensor("F16", "[65536]", allShorts());
    double[] expected = new double[1 << 16];
    float[] floats = new float[1 << 16];
    for (int pattern = 0; pattern < 1 << 16; pattern++) {
      expected[pattern] = half(pattern);
      floats[pattern] = (float) expected[pattern];
    }
    assertThat(tensor.doubles()).isEqualTo(expected);
    assertThat(tensor.floats()).isEqualTo(floats);
  }

  /** The definition of binary16. */
  private static double half(int pattern) {
    int exponent = (pattern >> 10) & 31;
    int fraction = pattern & 1023;
    double sign = pattern >> 15 == 0 ? 1 : -1;
    return switch (exponent) {
      case 0 -> sign * Math.scalb((double) fraction, -24);
      case 31 -> fraction == 0 ? sign * Double.POSITIVE_INFINITY : Double.NaN;
      default -> sign * Math.scalb((double) (1024 + fraction), exponent - 25);
    };
  }

  @Test
  void bf16IsTheUpperHalfOfFloat() {
    StoredTensor tensor = HandMade.tensor("BF16", "[256,256]", allShorts());
    float[] floats = new float[1 << 16];
    double[] doubles = new double[1 << 16];
    for (int pattern = 0; pattern < 1 << 16; pattern++) {
      floats[pattern] = Float.intBitsToFloat(pattern << 16);
      doubles[pattern] = floats[pattern];
    }
    assertThat(tensor.floats()).isEqualTo(floats);
    assertThat(tensor.doubles()).isEqualTo(doubles);
  }

  private static byte[] allShorts() {
    ByteBuffer data = HandMade.bytes(2 << 16);
    for (int pattern = 0; pattern < 1 << 16; pattern++) {
      data.putShort((short) pattern);
    }
    return HandMade.array(data);
  }

  @ParameterizedTest
  @CsvSource({
    "I64, 8, -9223372036854775808, 9223372036854775807",
    "I32, 4, -2147483648, 2147483647",
    "I16, 2, -32768, 32767",
    "I8, 1, -128, 127",
    "U8, 1, 0, 255",
    "BOOL, 1, 0, 1"
  })
  void integers(String dtype, int bytes, long least, long most) {
    ByteBuffer data = HandMade.bytes(2 * bytes + 8);
    data.putLong(0, least).putLong(bytes, most);
    byte[] two = Arrays.copyOf(HandMade.array(data), 2 * bytes);
    StoredTensor tensor = HandMade.tensor(dtype, "[2]", two);
    assertThat(tensor.longs()).containsExactly(least, most);
    assertThat(tensor.doubles()).containsExactly((double) least, (double) most);
    assertThat(tensor.floats()).containsExactly((float) least, (float) most);
  }

  @Test
  void fractionsAreNoIntegers() {
    StoredTensor tensor = HandMade.tensor("F32", "[1]", new byte[4]);
    assertThatThrownBy(tensor::longs)
        .isInstanceOf(WeightsException.class)
        .hasMessage("x.safetensors: tensor 'x' is F32, not integers");
  }

  @Test
  void readsAnyPartAndNoMore() {
    int size = 20_000; // more than one chunk
    ByteBuffer data = HandMade.bytes(4 * size);
    for (int i = 0; i < size; i++) {
      data.putFloat(i);
    }
    StoredTensor tensor = HandMade.tensor("F32", "[20000]", HandMade.array(data));
    float[] part = new float[10_002];
    tensor.read(9_000, 10_000, part, 1);
    assertThat(part[0]).isZero();
    assertThat(part[1]).isEqualTo(9_000);
    assertThat(part[10_000]).isEqualTo(18_999);
    assertThat(part[10_001]).isZero();
    assertThatThrownBy(() -> tensor.read(19_999, 2, part, 0))
        .isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> tensor.read(0, 4, part, 10_000))
        .isInstanceOf(IndexOutOfBoundsException.class);
  }
}
