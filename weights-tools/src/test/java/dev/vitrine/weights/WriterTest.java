package dev.vitrine.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.vitrine.weights.npz.NpzWriter;
import dev.vitrine.weights.safetensors.SafetensorsWriter;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Stream;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What is written is what is read, and no file is ever half there. */
class WriterTest {

  @TempDir Path folder;

  @Test
  void whatIsWrittenIsRead() {
    Path file = folder.resolve("x.safetensors");
    double[] doubles = {Math.PI, -0.0, Double.MIN_VALUE};
    float[] many = new float[20_000];
    Arrays.setAll(doubles, i -> doubles[i]);
    for (int i = 0; i < many.length; i++) {
      many[i] = 1f / (i + 1);
    }
    try (TensorWriter writer = SafetensorsWriter.create(file)) {
      writer.metadata("tokens", "[\"é\\n\", \"\\u0000\"]");
      writer.declare("blocks.0.hook_z", Dtype.F64, 1, 3);
      writer.declare("empty", Dtype.F32, 0, 5);
      writer.declare("ids", Dtype.I64, 2);
      writer.declare("many", Dtype.F32, 2, 10_000);
      writer.declare("one", Dtype.BOOL);
      writer.declare("last", Dtype.F32, 0);
      writer.write("blocks.0.hook_z", doubles);
      writer.write("ids", new long[] {-1, Long.MAX_VALUE});
      writer.write("many", many, 0, 12_345);
      writer.write("many", many, 12_345, many.length - 12_345);
      writer.write("one", new long[] {1});
      writer.finish();
    }
    try (Checkpoint read = Checkpoint.open(file)) {
      assertThat(read.metadata()).containsEntry("tokens", "[\"é\\n\", \"\\u0000\"]");
      assertThat(read.tensor("blocks.0.hook_z").doubles()).isEqualTo(doubles);
      assertThat(read.tensor("blocks.0.hook_z").shape()).containsExactly(1L, 3L);
      assertThat(read.tensor("ids").longs()).containsExactly(-1, Long.MAX_VALUE);
      assertThat(read.tensor("many").floats()).isEqualTo(many);
      assertThat(read.tensor("one").longs()).containsExactly(1);
      assertThat(read.tensor("empty").doubles()).isEmpty();
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"F16", "BF16"})
  void halvesRoundToNearestEven(Dtype dtype) {
    // The neighbours of 1 are further apart than these; ties go to the even one.
    double step = dtype == Dtype.F16 ? 0x1p-10 : 0x1p-7;
    double[] values = {
      1 + step / 2,
      1 + 3 * step / 2,
      Math.nextUp(1 + step / 2),
      Math.nextDown(1 + 3 * step / 2),
      1e300,
      Double.NaN,
      -1 - step / 2,
      Math.nextDown(-1 - step / 2)
    };
    double[] expected = {
      1, 1 + 2 * step, 1 + step, 1 + step, Double.POSITIVE_INFINITY, Double.NaN, -1, -1 - step
    };
    Path file = folder.resolve("x.safetensors");
    try (TensorWriter writer = SafetensorsWriter.create(file)) {
      writer.declare("x", dtype, values.length);
      writer.write("x", values);
      writer.finish();
    }
    try (Checkpoint read = Checkpoint.open(file)) {
      assertThat(read.tensor("x").doubles()).isEqualTo(expected);
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"F16", "BF16", "F32", "F64"})
  void whatADtypeHoldsComesBackExactly(Dtype dtype) {
    float[] patterns = new float[1 << 16];
    for (int i = 0; i < patterns.length; i++) {
      float half = Float.float16ToFloat((short) i);
      patterns[i] = dtype == Dtype.BF16 ? Float.intBitsToFloat(i << 16) : half;
    }
    double[] doubles = new double[patterns.length];
    Arrays.setAll(doubles, i -> patterns[i]);
    Path file = folder.resolve("x.safetensors");
    try (TensorWriter writer = SafetensorsWriter.create(file)) {
      writer.declare("floats", dtype, patterns.length);
      writer.declare("doubles", dtype, patterns.length);
      writer.write("floats", patterns);
      writer.write("doubles", doubles);
      writer.finish();
    }
    try (Checkpoint read = Checkpoint.open(file)) {
      assertThat(read.tensor("floats").floats()).isEqualTo(patterns);
      assertThat(read.tensor("doubles").doubles()).isEqualTo(doubles);
    }
  }

  @Test
  void npzIsAZipOfNumpyArrays() throws IOException {
    Path file = folder.resolve("x.npz");
    try (TensorWriter writer = NpzWriter.create(file)) {
      writer.metadata("model", "é");
      writer.declare("blocks.0.hook_z", Dtype.F32, 1, 2);
      writer.declare("one", Dtype.I64);
      writer.write("blocks.0.hook_z", new double[] {1, -2});
      writer.write("one", new long[] {5});
      writer.finish();
    }
    try (ZipFile zip = new ZipFile(file.toFile())) {
      byte[] array = entry(zip, "blocks.0.hook_z.npy");
      assertThat(array).hasSize(128 + 8);
      assertThat(new String(array, 1, 127, StandardCharsets.ISO_8859_1))
          .startsWith("NUMPY\u0001\u0000v\u0000{'descr': '<f4', 'fortran_order': False, ")
          .contains("'shape': (1, 2), }  ")
          .endsWith(" \n");
      assertThat(Arrays.copyOfRange(array, 128, 136))
          .containsExactly(0, 0, 0x80, 0x3f, 0, 0, 0, 0xc0);
      assertThat(new String(entry(zip, "one.npy"), StandardCharsets.ISO_8859_1))
          .contains("'<i8'", "'shape': ()");
      assertThat(entry(zip, "__metadata__.npy")).hasSize(128 + 4 * "{\"model\":\"é\"}".length());
    }
  }

  private static byte[] entry(ZipFile zip, String name) throws IOException {
    try (InputStream stream = zip.getInputStream(zip.getEntry(name))) {
      return stream.readAllBytes();
    }
  }

  @Test
  void npzHasNoBf16() {
    try (TensorWriter writer = NpzWriter.create(folder.resolve("x.npz"))) {
      assertThatThrownBy(() -> writer.declare("x", Dtype.BF16, 1))
          .isInstanceOf(WeightsException.class)
          .hasMessageContaining("which NumPy does not have");
    }
  }

  @Test
  void theOldFileStaysUntilTheNewOneIsWhole() throws IOException {
    Path file = folder.resolve("x.safetensors");
    Files.writeString(file, "old");
    try (TensorWriter writer = SafetensorsWriter.create(file)) {
      writer.declare("x", Dtype.F32, 2);
      writer.write("x", new float[1]);
      assertThatThrownBy(writer::finish)
          .isInstanceOf(IllegalStateException.class)
          .hasMessage("tensor 'x' has 2 elements, of which 1 are written");
    }
    assertThat(file).hasContent("old");
    assertThat(files()).containsExactly("x.safetensors");
    try (TensorWriter writer = SafetensorsWriter.create(file)) {
      writer.finish();
    }
    Checkpoint.open(file).close();
    assertThat(files()).containsExactly("x.safetensors");
  }

  private Stream<String> files() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(path -> path.getFileName().toString()).toList().stream();
    }
  }

  @Test
  void misuseIsRefused() {
    try (TensorWriter writer = SafetensorsWriter.create(folder.resolve("x"))) {
      writer.declare("a", Dtype.F32, 1);
      writer.declare("b", Dtype.U8, 1);
      assertThatThrownBy(() -> writer.declare("a", Dtype.F32, 1)).hasMessageContaining("twice");
      assertThatThrownBy(() -> writer.declare("c", Dtype.F32, -1)).hasMessageContaining("shape");
      assertThatThrownBy(() -> writer.declare("c", Dtype.F32, 1L << 60, 8))
          .isInstanceOf(IllegalArgumentException.class);
      assertThatThrownBy(() -> writer.write("b", new long[1])).hasMessageContaining("next is 'a'");
      assertThatThrownBy(() -> writer.write("a", new float[2])).hasMessageContaining("1 elements");
      assertThatThrownBy(() -> writer.declare("c", Dtype.F32, 1))
          .isInstanceOf(IllegalStateException.class);
      writer.write("a", new float[1]);
      assertThatThrownBy(() -> writer.write("b", new long[] {256})).hasMessageContaining("not fit");
      assertThatThrownBy(() -> writer.write("b", new float[1])).hasMessageContaining("fractions");
    }
  }

  @Test
  void placesThatCannotBeWrittenHaveTheirLine() throws IOException {
    assertThatThrownBy(() -> SafetensorsWriter.create(folder))
        .hasMessage(folder + ": is a directory; name a file in it");
    Path nowhere = folder.resolve("no/x.safetensors");
    assertThatThrownBy(() -> SafetensorsWriter.create(nowhere))
        .isInstanceOf(WeightsException.class)
        .hasMessage(nowhere + ": there is no such directory; make it first");
  }

  @Test
  void aFullDiskHasItsLine() {
    Path full = Path.of("/dev/full");
    Assumptions.assumeTrue(Files.exists(full), "no /dev/full here");
    for (int size : new int[] {1, 1 << 20}) {
      try (TensorWriter writer = SafetensorsWriter.create(full)) {
        writer.declare("x", Dtype.F32, size);
        assertThatThrownBy(
                () -> {
                  writer.write("x", new float[size]);
                  writer.finish();
                })
            .isInstanceOf(WeightsException.class)
            .hasMessageStartingWith("/dev/full: cannot be written (No space left on device)");
      }
    }
  }
}
