package dev.vitrine.weights.formats;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.vitrine.weights.Checkpoint;
import dev.vitrine.weights.Dtype;
import dev.vitrine.weights.Golden;
import dev.vitrine.weights.Gpt2Weights;
import dev.vitrine.weights.HandMade;
import dev.vitrine.weights.StoredTensor;
import dev.vitrine.weights.TensorWriter;
import dev.vitrine.weights.TinyModel;
import dev.vitrine.weights.WeightsException;
import dev.vitrine.weights.bytes.Storage;
import dev.vitrine.weights.npz.NpzWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Whatever bytes come, a reader succeeds or throws a {@link WeightsException}, and takes no more
 * memory than a small multiple of the file.
 *
 * <p>{@code -Dvitrine.fuzz=100000} tries that many inputs a reader.
 */
class FuzzTest {

  private static final int INPUTS = Integer.getInteger("vitrine.fuzz", 2000);

  /** What one input may cost: buffers of fixed size, and some objects for each byte. */
  private static final long MEMORY = 4L << 20;

  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  @TempDir Path folder;

  private interface Reader {
    void read(byte[] bytes);
  }

  @Test
  void safetensors() throws IOException {
    Path file = folder.resolve("model.safetensors");
    TinyModel tiny = new TinyModel();
    tiny.writeHuggingFace(file, "");
    byte[] config = tiny.huggingFaceConfig().getBytes(StandardCharsets.UTF_8);
    fuzz(
        Files.readAllBytes(file),
        bytes -> {
          readAll(bytes);
          Gpt2Weights.open("fuzz", config, bytes).close();
        });
  }

  @Test
  void smallSafetensors() {
    String header =
        "{\"__metadata__\":{\"a\":\"b\"},\"x\":{\"dtype\":\"F32\",\"shape\":[2,1],"
            + "\"data_offsets\":[0,8]},\"y\":{\"dtype\":\"BF16\",\"shape\":[],\"data_offsets\":[8,10]}}";
    fuzz(HandMade.safetensors(header, new byte[10]), FuzzTest::readAll);
  }

  @Test
  void configurations() throws IOException {
    Path file = folder.resolve("model.safetensors");
    TinyModel tiny = new TinyModel();
    tiny.writeHuggingFace(file, "");
    byte[] weights = Files.readAllBytes(file);
    fuzz(
        tiny.huggingFaceConfig().getBytes(StandardCharsets.UTF_8),
        bytes -> Gpt2Weights.open("fuzz", bytes, weights).close());
    TinyModel.write(file, tiny.transformerLens());
    byte[] others = Files.readAllBytes(file);
    fuzz(
        tiny.transformerLensConfig().getBytes(StandardCharsets.UTF_8),
        bytes -> Gpt2Weights.open("fuzz", bytes, others).close());
  }

  @ParameterizedTest
  @ValueSource(strings = {"bin_zip", "bin_legacy", "bin_views"})
  void torch(String format) throws IOException {
    fuzz(
        Files.readAllBytes(Golden.folder("formats").resolve(format + "/pytorch_model.bin")),
        FuzzTest::readAll);
  }

  @Test
  void npz() throws IOException {
    Path file = folder.resolve("x.npz");
    try (TensorWriter writer = NpzWriter.create(file)) {
      writer.metadata("a", "b");
      writer.declare("x", Dtype.F32, 2, 3);
      writer.declare("y", Dtype.U8, 5);
      writer.write("x", new float[6]);
      writer.write("y", new long[5]);
      writer.finish();
    }
    fuzz(Files.readAllBytes(file), FuzzTest::readAll);
  }

  @ParameterizedTest
  @ValueSource(strings = {"gguf_f32", "gguf_q8_0"})
  void gguf(String format) throws IOException {
    fuzz(
        Files.readAllBytes(Golden.folder("formats").resolve(format + "/model.gguf")),
        bytes -> {
          readAll(bytes);
          Gpt2Weights.open("fuzz", new byte[0], bytes).close();
        });
  }

  @ParameterizedTest
  @ValueSource(strings = {"model.safetensors.index.json", "2.safetensors"})
  void shards(String broken) throws IOException {
    Path index = folder.resolve("model.safetensors.index.json");
    for (String name : new String[] {"1", "2"}) {
      TinyModel.Values values = new TinyModel.Values(new long[] {2}, new float[2]);
      TinyModel.write(
          folder.resolve(name + ".safetensors"), Map.of("a" + name, values, "b" + name, values));
    }
    Files.writeString(
        index,
        "{\"metadata\":{\"total_size\":32},\"weight_map\":{\"a1\":\"1.safetensors\","
            + "\"b2\":\"2.safetensors\",\"b1\":\"1.safetensors\",\"a2\":\"2.safetensors\"}}");
    Path file = folder.resolve(broken);
    fuzz(
        Files.readAllBytes(file),
        bytes -> {
          try {
            Files.write(file, bytes);
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
          try (Checkpoint checkpoint = Checkpoint.open(index)) {
            readAll(checkpoint);
          }
        });
  }

  private static void readAll(byte[] bytes) {
    try (Checkpoint checkpoint = Checkpoint.open(Storage.of("fuzz", bytes))) {
      readAll(checkpoint);
    }
  }

  private static void readAll(Checkpoint checkpoint) {
    for (StoredTensor tensor : checkpoint.tensors()) {
      float[] some = new float[(int) Math.min(1000, tensor.size())];
      tensor.read(tensor.size() - some.length, some.length, some, 0);
    }
  }

  private static void fuzz(byte[] sound, Reader reader) {
    Random random = new Random(20250601);
    reader.read(sound);
    int refused = 0;
    for (int i = 0; i < INPUTS; i++) {
      byte[] bytes = Mutation.mutate(sound, random);
      long before = THREADS.getCurrentThreadAllocatedBytes();
      try {
        reader.read(bytes);
      } catch (WeightsException e) {
        refused++;
        assertThat(e.getMessage()).doesNotContain("\n").hasSizeLessThan(2000);
      } catch (RuntimeException | Error e) {
        throw new AssertionError("input " + i + " of " + bytes.length + " bytes", e);
      }
      assertThat(THREADS.getCurrentThreadAllocatedBytes() - before).isLessThan(MEMORY);
    }
    assertThat(refused).isGreaterThan(INPUTS / 10);
  }
}
