package dev.vitrine.weights.formats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.vitrine.weights.Checkpoint;
import dev.vitrine.weights.Dtype;
import dev.vitrine.weights.Gpt2Weights;
import dev.vitrine.weights.TensorWriter;
import dev.vitrine.weights.TinyModel;
import dev.vitrine.weights.WeightsException;
import dev.vitrine.weights.bytes.Storage;
import dev.vitrine.weights.npz.NpzWriter;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Archives of NumPy: its own, ours, and broken ones. */
class NpzTest {

  @TempDir Path folder;

  private static Checkpoint resource(String name) throws IOException {
    try (InputStream stream = NpzTest.class.getResourceAsStream("/npz/" + name)) {
      return Checkpoint.open(Storage.of(name, Objects.requireNonNull(stream).readAllBytes()));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"stored.npz", "packed.npz"})
  void whatNumpyWrites(String name) throws IOException {
    try (Checkpoint file = resource(name)) {
      float[] c = file.tensor("c").floats();
      assertThat(file.tensor("c").shape()).containsExactly(3L, 4L);
      assertThat(c[0]).isBetween(2.0409f, 2.041f);
      assertThat(c[11]).isNotZero();
      float[] f = file.tensor("f").floats(); // twice c, in Fortran's order
      for (int i = 0; i < c.length; i++) {
        assertThat(f[i]).isEqualTo(2 * c[i]);
        assertThat(file.tensor("h").floats()[i])
            .isEqualTo(Float.float16ToFloat(Float.floatToFloat16(c[i])));
      }
      assertThat(file.tensor("d").doubles()).containsExactly(c[0], c[4], c[8]);
      assertThat(file.tensor("i").longs()).containsExactly(-2, -1, 0, 1, 2);
      assertThat(file.tensor("b").shape()).isEmpty();
      assertThat(file.tensor("b").longs()).containsExactly(1);
      assertThat(file.tensor("u").longs()).containsExactly(1, 255);
      assertThat(file.tensor("e").doubles()).isEmpty();
    }
  }

  @Test
  void objectsAreRefused() {
    assertThatThrownBy(() -> resource("objects.npz"))
        .isInstanceOf(WeightsException.class)
        .hasMessageContaining("array 'o' is of type '|O' (objects: they could run code)");
  }

  @Test
  void whatWeWriteWeRead() {
    Path file = folder.resolve("x.npz");
    try (TensorWriter writer = NpzWriter.create(file)) {
      writer.metadata("model", "é\"\n𝄞");
      writer.declare("0/blocks.0.hook_z", Dtype.F64, 1, 2);
      writer.declare("ids", Dtype.I64, 1);
      writer.write("0/blocks.0.hook_z", new double[] {Math.PI, -0.0});
      writer.write("ids", new long[] {Long.MIN_VALUE});
      writer.finish();
    }
    try (Checkpoint read = Checkpoint.open(file)) {
      assertThat(read.format()).isEqualTo("npz");
      assertThat(read.metadata()).isEqualTo(Map.of("model", "é\"\n𝄞"));
      assertThat(read.tensor("0/blocks.0.hook_z").doubles()).containsExactly(Math.PI, -0.0);
      assertThat(read.tensor("ids").longs()).containsExactly(Long.MIN_VALUE);
    }
  }

  @Test
  void aModelMayLieInAnArchive() throws IOException {
    TinyModel tiny = new TinyModel();
    Map<String, TinyModel.Values> all = tiny.transformerLens();
    Files.writeString(folder.resolve("tl_config.json"), tiny.transformerLensConfig());
    try (TensorWriter writer = NpzWriter.create(folder.resolve("weights.npz"))) {
      all.forEach((name, values) -> writer.declare(name, Dtype.F32, values.shape()));
      all.forEach((name, values) -> writer.write(name, values.elements()));
      writer.finish();
    }
    try (Gpt2Weights weights = Gpt2Weights.open(folder)) {
      float[] row = new float[TinyModel.D_MODEL];
      weights.tokenEmbedding().read(1, 0, row.length, row, 0);
      assertThat(row[2]).isEqualTo(tiny.values("wte.weight")[TinyModel.D_MODEL + 2]);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "{'descr': '>f4', 'fortran_order': False, 'shape': (1,), } | is of type '>f4'; read are",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (2,), } | has shape [2] of F32, but 4",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (-1,), } | header that is not"
            + " understood",
        "{'descr': '<f4', 'shape': (1,), } | header that is not understood",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (1 1,), } | impossible shape (1 1,)",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (9999999999999999999,), } | impossible",
        "{'descr': '<f4', 'fortran_order': True, 'shape': (4294967296, 4294967296), } | impossibly",
      })
  void eachFaultHasItsLine(String header, String line) throws IOException {
    byte[] text = header.getBytes(StandardCharsets.US_ASCII);
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
      zip.putNextEntry(new ZipEntry("x.npy"));
      zip.write(new byte[] {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0, (byte) text.length, 0});
      zip.write(text);
      zip.write(new byte[4]);
    }
    assertThatThrownBy(() -> Checkpoint.open(Storage.of("x.npz", bytes.toByteArray())))
        .isInstanceOf(WeightsException.class)
        .hasMessageStartingWith("x.npz: array 'x' ")
        .hasMessageContaining(line);
  }
}
