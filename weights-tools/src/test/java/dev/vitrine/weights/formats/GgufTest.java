package dev.vitrine.weights.formats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.vitrine.weights.Checkpoint;
import dev.vitrine.weights.Dtype;
import dev.vitrine.weights.StoredTensor;
import dev.vitrine.weights.WeightsException;
import dev.vitrine.weights.bytes.Storage;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Blocks become the very floats that the gguf package makes; broken files have their line. */
class GgufTest {

  private static final int VERSION = 4;
  private static final int TENSORS = 8;
  private static final int PAIRS = 16;

  /** A file with one tensor named x, and the metadata k = "v" and l = ["a", "b"]. */
  private static final class File {
    private final ByteBuffer bytes = ByteBuffer.allocate(1 << 16).order(ByteOrder.LITTLE_ENDIAN);
    private int axes;
    private int shape;
    private int type;
    private int offset;

    File(int ggmlType, long[] innermostFirst, byte[] data) {
      put("GGUF").putInt(3).putLong(1).putLong(2);
      text("k").putInt(8);
      text("v");
      text("l").putInt(9).putInt(8).putLong(2);
      text("a");
      text("b");
      text("x");
      axes = bytes.position();
      bytes.putInt(innermostFirst.length);
      shape = bytes.position();
      for (long length : innermostFirst) {
        bytes.putLong(length);
      }
      type = bytes.position();
      bytes.putInt(ggmlType);
      offset = bytes.position();
      bytes.putLong(0);
      bytes.position(Math.ceilDiv(bytes.position(), 32) * 32);
      bytes.put(data);
    }

    private ByteBuffer put(String text) {
      return bytes.put(text.getBytes(StandardCharsets.UTF_8));
    }

    private ByteBuffer text(String text) {
      bytes.putLong(text.length());
      return put(text);
    }

    Checkpoint open() {
      byte[] all = new byte[bytes.position()];
      bytes.get(0, all);
      return Checkpoint.open(Storage.of("x.gguf", all));
    }
  }

  @ParameterizedTest
  @CsvSource({
    "Q8_0, 8",
    "Q4_0, 2",
    "Q4_1, 3",
    "Q5_0, 6",
    "Q5_1, 7",
    "Q4_K, 12",
    "Q5_K, 13",
    "Q6_K, 14"
  })
  void blocksBecomeTheFloatsOfPython(Dtype dtype, int ggmlType) throws IOException {
    try (Checkpoint python = Checkpoint.open(Storage.of("blocks", resource()))) {
      long[] integers = python.tensor(dtype + "/blocks").longs();
      float[] expected = python.tensor(dtype + "/floats").floats();
      byte[] blocks = new byte[integers.length];
      for (int i = 0; i < blocks.length; i++) {
        blocks[i] = (byte) integers[i];
      }
      long row = expected.length / 2;
      StoredTensor tensor = new File(ggmlType, new long[] {row, 2}, blocks).open().tensor("x");
      assertThat(tensor.dtype()).isEqualTo(dtype);
      assertThat(tensor.shape()).containsExactly(2L, row);
      float[] actual = tensor.floats();
      for (int i = 0; i < expected.length; i++) {
        assertThat(Float.floatToRawIntBits(actual[i]))
            .as("element %d", i)
            .isEqualTo(Float.floatToRawIntBits(expected[i]));
        assertThat(tensor.doubles()[i]).isEqualTo((double) expected[i]);
        i += i > 600 ? 30 : 0; // the first blocks whole, then a sample
      }
      float[] part = new float[100];
      tensor.read(33, 99, part, 1);
      for (int i = 0; i < 99; i++) {
        assertThat(part[i + 1]).isEqualTo(expected[33 + i]);
      }
    }
  }

  private static byte[] resource() throws IOException {
    try (InputStream stream = GgufTest.class.getResourceAsStream("/gguf/blocks.safetensors")) {
      return Objects.requireNonNull(stream).readAllBytes();
    }
  }

  @Test
  void metadataAreTextAndLists() {
    Checkpoint file = floats();
    assertThat(file.metadata()).containsEntry("k", "v");
    assertThat(file.list("l")).containsExactly("a", "b");
    assertThat(file.list("m")).isEmpty();
    assertThat(file.format()).isEqualTo("GGUF version 3");
  }

  private static Checkpoint floats() {
    return new File(0, new long[] {2, 1}, new byte[8]).open();
  }

  @Test
  void eachFaultHasItsLine() {
    refuses(file -> file.bytes.putInt(VERSION, 1), "is GGUF version 1; only versions 2 and 3");
    refuses(file -> file.bytes.putInt(VERSION, 3 << 24), "is GGUF of big-endian machines");
    refuses(file -> file.bytes.putLong(TENSORS, -1), "claims 18446744073709551615 tensors and 2");
    refuses(file -> file.bytes.putLong(PAIRS, 1L << 40), "more than it can hold");
    refuses(file -> file.bytes.putLong(24, 1L << 40), "has a name of 1099511627776 bytes");
    refuses(file -> file.bytes.putInt(33, 99), "metadata 'k' is of unknown type 99");
    refuses(file -> file.bytes.putLong(37, -5), "metadata 'k' has 18446744073709551611 bytes");
    refuses(file -> file.bytes.putInt(59, 9), "metadata 'l' is a list of unknown type 9");
    refuses(file -> file.bytes.putLong(63, 1L << 50), "claims 1125899906842624 texts");
    refuses(file -> file.bytes.put(54, (byte) 'k'), "has the metadata 'k' twice");
    refuses(file -> file.bytes.putInt(file.axes, 5), "tensor 'x' has 5 axes");
    refuses(file -> file.bytes.putLong(file.shape, -1), "impossibly large shape [1, -1]");
    refuses(file -> file.bytes.putLong(file.shape, Long.MAX_VALUE), "impossibly large shape");
    refuses(file -> file.bytes.putLong(file.shape, 3), "ends beyond the file, which is truncated");
    refuses(file -> file.bytes.putInt(file.type, 10), "is of ggml type 10; read are F32");
    refuses(file -> file.bytes.putInt(file.type, 8), "cannot be cut into blocks of Q8_0");
    refuses(file -> file.bytes.putLong(file.offset, 5), "lies at byte 5 of the data, no multiple");
    refuses(file -> file.bytes.putLong(file.offset, 64), "ends beyond the file");
    refuses(file -> file.bytes.putLong(file.offset, -32), "lies at byte 18446744073709551584");
    refuses(file -> file.bytes.position(file.offset), "wants 8 bytes at byte");
  }

  private static void refuses(Consumer<File> change, String line) {
    File file = new File(0, new long[] {2, 1}, new byte[8]);
    change.accept(file);
    assertThatThrownBy(file::open)
        .isInstanceOf(WeightsException.class)
        .hasMessageStartingWith("x.gguf: ")
        .hasMessageContaining(line);
  }
}
