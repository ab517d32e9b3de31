package dev.vitrine.analysis.divergence;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vitrine.analysis.FaultyBackend;
import dev.vitrine.analysis.FaultyBackend.Fault;
import dev.vitrine.golden.GoldenCase;
import dev.vitrine.kernels.Activation;
import dev.vitrine.kernels.Array;
import dev.vitrine.kernels.Backend;
import dev.vitrine.kernels.Backends;
import dev.vitrine.kernels.Source;
import dev.vitrine.model.Gpt2;
import dev.vitrine.text.Tokens;
import dev.vitrine.trace.RandomGpt2;
import dev.vitrine.trace.Site;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A planted fault is found at its exact site, and its cause named; noise is called noise. */
@Tag("golden")
class DivergenceTest {
  static final int D = 24;
  static final int NEURONS = 40;

  @TempDir
  @SuppressWarnings("NullAway.Init")
  static Path folder;

  @BeforeAll
  static void model() throws IOException {
    write(folder);
  }

  /** A model in which every part has a size of its own. */
  static void write(Path directory) throws IOException {
    new RandomGpt2(3, 3, 8, NEURONS, 32, 50).write(directory, new Random(5));
  }

  static Stream<GoldenCase> cases() {
    return GoldenCase.ofKind("forward", "forward_tl");
  }

  static Gpt2 load(Path path, String backend) {
    return Gpt2.load(path.toString(), Backends.open(backend, 1));
  }

  static Divergence compare(Side left, Side right, Tokens tokens, Gpt2 exact, Side gauge) {
    return Divergence.between(left, right, tokens, exact, gauge, site -> {});
  }

  // ---- noise

  @ParameterizedTest(name = "{0}")
  @MethodSource("cases")
  void roundingIsNoiseInEveryArchitecture(GoldenCase golden) {
    try (Gpt2 exact = load(golden.model(), "reference");
        Gpt2 single = load(golden.model(), "scalar")) {
      for (int[] ids : golden.tokens("main")) {
        Tokens tokens = exact.tokens(ids);
        Side left = Side.of(single.trace(tokens));
        Divergence divergence = compare(left, Side.of(exact.trace(tokens)), tokens, exact, left);
        assertThat(divergence.fault()).isEmpty();
        assertThat(divergence.causes()).isEmpty();
        assertThat(divergence.parts()).hasSize(Site.all(exact.config()).size());
        assertThat(divergence.first()).isPresent();
        Divergence itself = compare(left, Side.of(single.trace(tokens)), tokens, exact, left);
        assertThat(itself.first()).isEmpty();
      }
    }
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("cases")
  void whatPyTorchComputedDiffersByNoise(GoldenCase golden) {
    try (Gpt2 exact = load(golden.model(), "reference");
        Gpt2 single = load(golden.model(), "scalar")) {
      for (int row = 0; row < golden.tokens("main").size(); row++) {
        Path file = golden.folder().resolve("expected.safetensors");
        try (Dump dump = Dump.open(file, single, row)) {
          Tokens tokens = dump.read(single.tokens(golden.tokens("main").get(row)));
          Side own = Side.of(single.trace(tokens));
          Divergence divergence = compare(own, dump, tokens, exact, own);
          assertThat(divergence.fault()).isEmpty();
          assertThat(divergence.parts()).hasSize(dump.size());
        }
      }
    }
  }

  // ---- faults of a backend or of weights

  /** Changes the source of the n-th weight of a shape that is packed. */
  static Fault inWeight(
      int rows, int columns, int n, Function<float[], float[]> ofRow, int onlyRow) {
    int[] count = {0};
    return (sound, operation, arguments) -> {
      if (operation.equals("pack") && arguments[0] instanceof Source source) {
        boolean shape = source.rows() == rows && source.columns() == columns;
        if (shape && count[0]++ == n) {
          arguments[0] = changed(source, ofRow, onlyRow);
        }
      }
      return () -> {};
    };
  }

  private static Source changed(Source source, Function<float[], float[]> ofRow, int onlyRow) {
    return new Source() {
      @Override
      public int rows() {
        return source.rows();
      }

      @Override
      public int columns() {
        return source.columns();
      }

      @Override
      public void read(int row, int from, int count, float[] into, int at) {
        float[] whole = new float[columns()];
        source.read(row, 0, whole.length, whole, 0);
        float[] other = onlyRow < 0 || onlyRow == row ? ofRow.apply(whole) : whole;
        System.arraycopy(other, from, into, at, count);
      }
    };
  }

  static Tokens tokens(Gpt2 model) {
    return model.tokens(7, 3, 44, 3, 20, 11, 0, 49, 8, 7, 3);
  }

  private static Divergence withFault(Path path, Fault fault) {
    try (Gpt2 exact = load(path, "reference");
        Gpt2 sound = load(path, "scalar");
        Gpt2 faulty = Gpt2.load(path.toString(), FaultyBackend.of("scalar", fault))) {
      Tokens tokens = tokens(exact);
      Side left = Side.of(sound.trace(tokens));
      Side right = Side.of(faulty.trace(tokens));
      return compare(left, right, tokens, exact, left);
    }
  }

  static void assertFound(Divergence divergence, Site site, String cause) {
    Part fault = divergence.fault().orElseThrow();
    assertThat(fault.site()).isEqualTo(site);
    assertThat(divergence.first().orElseThrow().site()).isEqualTo(site);
    assertThat(fault.leftError()).isLessThanOrEqualTo(1);
    assertThat(divergence.cause()).as("%s", divergence.causes()).isPresent();
    assertThat(divergence.cause().get().statement()).startsWith(cause);
  }

  static float[] plus(float[] row, int column, float delta) {
    float[] other = row.clone();
    other[column] += delta;
    return other;
  }

  @Test
  void oneWrongWeightIsNamed() {
    assertFound(
        withFault(folder, inWeight(D, NEURONS, 1, row -> plus(row, 7, 0.01f), 5)),
        Site.mlpPre(1),
        "one weight is another: blocks.1.mlp.W_in[d_model=5,d_mlp=7] is ");
    assertFound(
        withFault(folder, inWeight(NEURONS, D, 2, row -> plus(row, 3, 0.01f), 11)),
        Site.mlpOut(2),
        "one weight is another: blocks.2.mlp.W_out[d_mlp=11,d_model=3] is ");
    assertFound(
        withFault(folder, inWeight(D, 3 * D, 0, row -> plus(row, D + 9, -0.02f), 4)),
        Site.k(0),
        "one weight is another: blocks.0.attn.W_K[head=1,d_model=4,d_head=1] is ");
    assertFound(
        withFault(folder, inWeight(D, D, 1, row -> plus(row, 2, 0.02f), 17)),
        Site.result(1),
        "one weight is another: blocks.1.attn.W_O[head=2,d_head=1,d_model=2] is ");
  }

  @Test
  void swappedHeadsAreNamed() {
    Fault swap =
        inWeight(
            D,
            3 * D,
            2,
            row -> {
              float[] other = row.clone();
              System.arraycopy(row, 0, other, 8, 8);
              System.arraycopy(row, 8, other, 0, 8);
              return other;
            },
            -1);
    // The biases stay in place, so the exchange is not whole: without them it would be.
    Divergence divergence = withFault(folder, swap);
    assertThat(divergence.fault().orElseThrow().site()).isEqualTo(Site.q(2));
    Fault whole =
        (sound, operation, arguments) ->
            operation.equals("attend") ? () -> swap(sound, (Array) arguments[4]) : () -> {};
    assertFound(withFault(folder, whole), Site.z(0), "heads 0 and 1 are swapped");
  }

  private static void swap(Backend backend, Array z) {
    for (int row = 0; row < z.rows(); row++) {
      double[] heads = new double[16];
      backend.read(z, row, 0, 16, heads, 0);
      backend.write(z, row, 0, 8, heads, 8);
      backend.write(z, row, 8, 8, heads, 0);
    }
  }

  @Test
  void aTransposedWeightIsNamed() {
    int[] count = {0};
    Fault fault =
        (sound, operation, arguments) -> {
          if (operation.equals("pack") && arguments[0] instanceof Source source) {
            if (source.rows() == D && source.columns() == D && count[0]++ == 0) {
              arguments[0] = transposed(source);
            }
          }
          return () -> {};
        };
    assertFound(withFault(folder, fault), Site.result(0), "W_O is transposed");
  }

  private static Source transposed(Source source) {
    float[][] rows = new float[source.rows()][source.columns()];
    for (int row = 0; row < rows.length; row++) {
      source.read(row, 0, source.columns(), rows[row], 0);
    }
    return new Source() {
      @Override
      public int rows() {
        return rows.length;
      }

      @Override
      public int columns() {
        return rows.length;
      }

      @Override
      public void read(int row, int from, int count, float[] into, int at) {
        for (int i = 0; i < count; i++) {
          into[at + i] = rows[from + i][row];
        }
      }
    };
  }

  /** Another epsilon in one layer norm, told by its gain: they are met in the order of depth. */
  private static Fault inEpsilon(int norm, double factor) {
    List<Array> gains = new ArrayList<>();
    return (sound, operation, arguments) -> {
      if (operation.equals("layerNorm")) {
        Array gain = (Array) arguments[1];
        if (!gains.contains(gain)) {
          gains.add(gain);
        }
        if (gains.indexOf(gain) == norm) {
          arguments[3] = factor * (double) arguments[3];
        }
      }
      return () -> {};
    };
  }

  @Test
  void aWrongEpsilonIsNamed() {
    assertFound(
        withFault(folder, inEpsilon(0, 0.1)),
        Site.ln1Scale(0),
        "epsilon is 1.0E-6 instead of 1.0E-5");
    assertFound(withFault(folder, inEpsilon(3, 0.1)), Site.ln2Scale(1), "epsilon is 1.0E-6");
    Path large = GoldenCase.root().resolve("edge_epsilon_large/model");
    assertFound(withFault(large, inEpsilon(0, 1.01)), Site.ln1Scale(0), "epsilon is 0.101 instead");
  }

  @Test
  void anotherKindOfGeluIsNamed() {
    Fault fault =
        (sound, operation, arguments) -> {
          for (int i = 0; i < arguments.length; i++) {
            arguments[i] = arguments[i] instanceof Activation ? Activation.GELU : arguments[i];
          }
          return () -> {};
        };
    assertFound(
        withFault(folder, fault), Site.mlpPost(0), "the activation is gelu instead of gelu_new");
  }
}
