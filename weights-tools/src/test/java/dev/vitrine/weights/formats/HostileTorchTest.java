package dev.vitrine.weights.formats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.vitrine.weights.Checkpoint;
import dev.vitrine.weights.WeightsException;
import dev.vitrine.weights.bytes.Storage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** A pickle is a program: only the one that lists tensors is run. */
class HostileTorchTest {

  private static final String FLOATS =
      "(X\u0007\0\0\0storagectorch\nFloatStorage\nX\u0001\0\0\u00000";
  private static final String REBUILD = "ctorch._utils\n_rebuild_tensor_v2\n(" + FLOATS;
  private static final String NAME = "}X\u0001\0\0\0w";

  /** One tensor of this offset, shape and strides in a storage that claims four elements. */
  private static String tensor(String offset, String shape, String strides) {
    return NAME
        + REBUILD
        + "X\u0003\0\0\0cpuK\u0004tQ"
        + offset
        + shape
        + strides
        + "\u0089ccollections\nOrderedDict\n)RtRs.";
  }

  private static final String SOUND = tensor("K\0", "K\u0002K\u0002\u0086", "K\u0002K\u0001\u0086");

  static Stream<Arguments> programs() {
    return Stream.of(
        arguments(
            "cos\nsystem\n(X\u0002\0\0\0lstR.", "uses Python's 'os.system', which no tensors"),
        arguments("c__builtin__\neval\n.", "uses Python's '__builtin__.eval'"),
        arguments("ctorch\nload\n.", "uses Python's 'torch.load'"),
        arguments("X\u0002\0\0\0osX\u0006\0\0\0system\u0093.", "uses Python's 'os.system'"),
        arguments("(i__main__\nX\n.", "uses the pickle instruction 0x69 ('i')"),
        arguments("\u0081.", "uses the pickle instruction 0x81,"),
        arguments("\u0082\u0001.", "uses the pickle instruction 0x82"),
        arguments("o.", "uses the pickle instruction 0x6f ('o')"),
        arguments("P1\n.", "uses the pickle instruction 0x50 ('P')"),
        arguments("}", "wants 1 bytes at byte"),
        arguments(".", "broken pickle (nothing on the stack"),
        arguments("t.", "broken pickle (no mark on the stack"),
        arguments("h\u0005.", "broken pickle (nothing is remembered as 5"),
        arguments("K\u0001.", "holds no dictionary of tensors; save the model's state_dict()"),
        arguments("X\u00ff\u00ff\u00ff\u007f.", "wants 2147483647 bytes"),
        arguments("T\u00ff\u00ff\u00ff\u00ff.", "wants 18446744073709551615 bytes"),
        arguments("\u0080\u0009.", "broken pickle (protocol 9"),
        arguments("K\u0001K\u0001s.", "broken pickle"),
        arguments(NAME + "K\u0001R.", "no sequence where one belongs"),
        arguments("K\u0001)R.", "a call of what is no function"),
        arguments("K\u0001Q.", "no sequence where one belongs"),
        arguments(tensor("K\u0001", "K\u0004\u0085", "K\u0001\u0085"), "does not fit its storage"),
        arguments(tensor("K\0", "K\u0005\u0085", "K\u0001\u0085"), "does not fit its storage"),
        arguments(tensor("K\0", "K\u0002\u0085", "K\u0004\u0085"), "does not fit its storage"),
        arguments(tensor("K\0", "K\u0005\u0085", "K\0\u0085"), "does not fit its storage"),
        arguments(tensor("K\0", "K\u0002\u0085", ")"), "does not fit its storage"),
        arguments(
            tensor("J\u00ff\u00ff\u00ff\u00ff", "K\u0001\u0085", "K\u0001\u0085"), "does not fit"),
        arguments(
            SOUND.replace("cpuK\u0004t", "cpuK\u0005t"),
            "lies in a storage of 5 elements, of which there are only 16 bytes"),
        arguments(SOUND.replace("X\u0001\0\0\u00000X", "X\u0001\0\0\u00001X"), "lacks 'data/1'"));
  }

  @ParameterizedTest
  @MethodSource("programs")
  void eachIsRefusedByName(String program, String line) {
    assertThatThrownBy(() -> open(Map.of("a/data.pkl", latin(program), "a/data/0", new byte[16])))
        .isInstanceOf(WeightsException.class)
        .hasMessageContaining(line)
        .hasMessageStartingWith("x.bin");
  }

  @Test
  void theSoundOneIsRead() throws IOException {
    byte[] data = {0, 0, (byte) 0x80, 0x3f, 0, 0, 0, 0x40, 0, 0, 0, 0, 0, 0, 0, 0};
    try (Checkpoint file = open(Map.of("a/data.pkl", latin(SOUND), "a/data/0", data))) {
      assertThat(file.tensor("w").doubles()).containsExactly(1, 2, 0, 0);
    }
    String transposed = tensor("K\0", "K\u0002K\u0002\u0086", "K\u0001K\u0002\u0086");
    try (Checkpoint file = open(Map.of("a/data.pkl", latin(transposed), "a/data/0", data))) {
      assertThat(file.tensor("w").doubles()).containsExactly(1, 0, 2, 0);
      assertThat(file.tensor("w").shape()).containsExactly(2L, 2L);
    }
  }

  @Test
  void otherZipsAndOtherByteOrdersAreRefused() {
    assertThatThrownBy(() -> open(Map.of("readme.txt", new byte[3])))
        .hasMessage("x.bin: is a zip, but neither of PyTorch nor of NumPy; check the path");
    Map<String, byte[]> big = new TreeMap<>(Map.of("a/data.pkl", latin(SOUND)));
    big.put("a/byteorder", latin("big"));
    assertThatThrownBy(() -> open(big)).hasMessageContaining("is not little-endian");
  }

  @Test
  void aBombIsNotUnpacked() throws IOException {
    byte[] zip = zip(Map.of("a/data.pkl", latin(SOUND), "a/data/0", new byte[1 << 20]));
    // The directory claims that it unpacks to less than it does.
    int at = new String(zip, StandardCharsets.ISO_8859_1).lastIndexOf("PK\u0001\u0002");
    zip[at + 26] = 0;
    assertThatThrownBy(() -> Checkpoint.open(Storage.of("x.bin", zip)))
        .isInstanceOf(WeightsException.class)
        .hasMessageContaining("unpacks to more than the directory says");
    zip[at + 27] = 0x7f;
    assertThatThrownBy(() -> Checkpoint.open(Storage.of("x.bin", zip)))
        .isInstanceOf(WeightsException.class)
        .hasMessageContaining("bytes, more than is read; save it uncompressed");
  }

  private static byte[] latin(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }

  private static Checkpoint open(Map<String, byte[]> entries) throws IOException {
    return Checkpoint.open(Storage.of("x.bin", zip(entries)));
  }

  private static byte[] zip(Map<String, byte[]> entries) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
      for (Map.Entry<String, byte[]> entry : new TreeMap<>(entries).entrySet()) {
        zip.putNextEntry(new ZipEntry(entry.getKey()));
        zip.write(entry.getValue());
      }
    }
    return bytes.toByteArray();
  }
}
