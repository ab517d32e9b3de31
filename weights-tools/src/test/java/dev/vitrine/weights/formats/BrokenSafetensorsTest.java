package dev.vitrine.weights.formats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.vitrine.weights.Checkpoint;
import dev.vitrine.weights.HandMade;
import dev.vitrine.weights.StoredTensor;
import dev.vitrine.weights.WeightsException;
import java.nio.charset.StandardCharsets;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Every way in which a safetensors file can be broken has its line. */
class BrokenSafetensorsTest {

  static Stream<Arguments> files() {
    return Stream.of(
        arguments(new byte[0], "is empty (0 bytes); fetch it again"),
        arguments(new byte[9], "has only 9 bytes, too few for safetensors"),
        arguments(text("version https://git-lfs.github.com/spec/v1\noid"), "Git LFS pointer"),
        arguments(text("<!DOCTYPE html><html>not found</html>"), "is a web page, not weights"),
        arguments(text("\u0089HDF\r\n\u001a\nxxxxxxxxxxxxx"), "is HDF5 (TensorFlow)"),
        arguments(text("just some text, long enough"), "is of no known format"),
        arguments(HandMade.safetensors(0, text("{}")), "is of no known format"),
        arguments(HandMade.safetensors(-1, text("{}")), "is of no known format"),
        arguments(HandMade.safetensors(Long.MAX_VALUE, text("{}")), "is of no known format"),
        arguments(HandMade.safetensors(16_777_217, text("{}")), "is of no known format"),
        arguments(HandMade.safetensors("[] "), "is of no known format"),
        arguments(HandMade.safetensors(100, text("{}")), "ends inside its header (100 bytes"),
        arguments(HandMade.safetensors(1, text("{}")), "is of no known format"),
        arguments(HandMade.safetensors("{\"x\":"), "is broken JSON: Unexpected end-of-input"),
        arguments(HandMade.safetensors("{} {}"), "has something after the JSON object"),
        arguments(HandMade.safetensors("{x:1}"), "is broken JSON: Unexpected character ('x'"),
        arguments(
            HandMade.safetensors(4, new byte[] {'{', (byte) 0xff, '"', '}'}), "is not valid UTF-8"),
        arguments(HandMade.safetensors("{\"x\":1}"), "'x' is 1 instead of an object"),
        arguments(HandMade.safetensors("{\"x\":null}"), "header entry 'x' is null"),
        arguments(
            HandMade.safetensors(
                "{\"x\":{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[0,0]},"
                    + "\"x\":{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[0,0]}}"),
            "Duplicate field 'x'"),
        arguments(one("\"F32\"", "[1]", "[0,4],\"more\":1"), "unknown key 'more'"),
        arguments(one("null", "[1]", "[0,4]"), "tensor 'x' has no dtype"),
        arguments(one("7", "[1]", "[0,4]"), "'x.dtype' is 7 instead of a string"),
        arguments(one("\"F8_E4M3\"", "[4]", "[0,4]"), "dtype F8_E4M3; known are F64, F32"),
        arguments(one("\"f32\"", "[1]", "[0,4]"), "is of dtype f32"),
        arguments(one("\"F32\"", "1", "[0,4]"), "'x.shape' is 1 instead of a list of integers"),
        arguments(one("\"F32\"", "[1.0]", "[0,4]"), "instead of a list of integers"),
        arguments(one("\"F32\"", "[\"1\"]", "[0,4]"), "instead of a list of integers"),
        arguments(one("\"F32\"", "[-1]", "[0,4]"), "negative length in its shape [-1]"),
        arguments(one("\"F32\"", "[4611686018427387904,2]", "[0,4]"), "impossibly large shape"),
        arguments(one("\"F32\"", "[1e3]", "[0,4]"), "instead of a list of integers"),
        arguments(
            one("\"F32\"", "[99999999999999999999]", "[0,4]"), "instead of a list of integers"),
        arguments(one("\"F32\"", "[2]", "[0,4]"), "has shape [2] of F32, but 4 bytes"),
        arguments(one("\"F32\"", "[]", "[0,3]"), "has shape [] of F32, but 3 bytes"),
        arguments(one("\"F32\"", "[1]", "[0]"), "impossible data_offsets [0]"),
        arguments(one("\"F32\"", "[1]", "[4,0]"), "impossible data_offsets [4, 0]"),
        arguments(one("\"F32\"", "[1]", "[-4,0]"), "impossible data_offsets [-4, 0]"),
        arguments(one("\"F32\"", "[2]", "[0,8]"), "ends at byte 8 of the data, of which there"),
        arguments(
            one("\"F32\"", "[1]", "[9223372036854775800,9223372036854775804]"),
            "the file is truncated"),
        arguments(one("\"U8\"", "[3]", "[1,4]"), "tensor 'x' leaves a gap after the header"),
        arguments(one("\"U8\"", "[3]", "[0,3]"), "has 1 bytes that belong to no tensor"),
        arguments(two("[0,3]", "[2,4]", 3, 2), "tensor 'b' overlaps 'a'"),
        arguments(two("[0,1]", "[2,4]", 1, 2), "tensor 'b' leaves a gap after 'a'"),
        arguments(two("[0,4]", "[0,4]", 4, 4), "overlaps"),
        arguments(
            HandMade.safetensors("{\"__metadata__\":{\"a\":1}}"),
            "'__metadata__.a' is 1 instead of a string"),
        arguments(HandMade.safetensors("{\"__metadata__\":[]}"), "instead of an object"),
        arguments(
            HandMade.safetensors("{\"x\":" + "[".repeat(100) + "]".repeat(100) + "}"),
            "nesting depth"),
        arguments(
            HandMade.safetensors("{\"x\":" + "9".repeat(1000) + "}"), "is broken JSON: Number"),
        arguments(HandMade.safetensors("{\"a\\nb\":1}"), "'a?b' is 1 instead of an object"));
  }

  private static byte[] text(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }

  private static String header(String dtype, String shape, String offsets) {
    return "{\"x\":{\"dtype\":%s,\"shape\":%s,\"data_offsets\":%s}}"
        .formatted(dtype, shape, offsets);
  }

  /** One tensor and four bytes of data. */
  private static byte[] one(String dtype, String shape, String offsets) {
    return HandMade.safetensors(header(dtype, shape, offsets), new byte[4]);
  }

  /** Two tensors of bytes, and four bytes of data. */
  private static byte[] two(String first, String second, int firstSize, int secondSize) {
    String header =
        ("{\"a\":{\"dtype\":\"U8\",\"shape\":[%d],\"data_offsets\":%s},"
                + "\"b\":{\"dtype\":\"U8\",\"shape\":[%d],\"data_offsets\":%s}}")
            .formatted(firstSize, first, secondSize, second);
    return HandMade.safetensors(header, new byte[4]);
  }

  @ParameterizedTest
  @MethodSource("files")
  void eachFaultHasItsLine(byte[] file, String line) {
    assertThatThrownBy(() -> HandMade.open(file))
        .isInstanceOf(WeightsException.class)
        .hasMessageStartingWith("x.safetensors")
        .hasMessageContaining(line)
        .satisfies(e -> assertThat(e.getMessage()).doesNotContain("\n"));
  }

  @Test
  void acceptsWhatIsOddButSound() {
    String header =
        "{\"b\":{\"shape\":[],\"data_offsets\":[0,1],\"dtype\":\"U8\"},"
            + "\"empty\":{\"dtype\":\"F64\",\"shape\":[3,0],\"data_offsets\":[1,1]},"
            + "\"é\":{\"dtype\":\"BOOL\",\"shape\":[3],\"data_offsets\":[1,4]},"
            + "\"__metadata__\":{\"k\":\"v\"}}   ";
    Checkpoint file = HandMade.open(HandMade.safetensors(header, new byte[] {9, 0, 1, 2}));
    assertThat(file.tensor("b").longs()).containsExactly(9);
    assertThat(file.tensor("empty").doubles()).isEmpty();
    assertThat(file.tensor("é").longs()).containsExactly(0, 1, 1);
    assertThat(file.metadata()).containsEntry("k", "v");
    assertThat(file.tensors()).extracting(StoredTensor::name).containsExactly("b", "empty", "é");
  }

  @Test
  void acceptsAFileWithoutTensors() {
    assertThat(HandMade.open(HandMade.safetensors("{}")).tensors()).isEmpty();
  }
}
