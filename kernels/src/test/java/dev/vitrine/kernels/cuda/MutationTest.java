package dev.vitrine.kernels.cuda;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vitrine.kernels.Backend;
import dev.vitrine.kernels.Backends;
import dev.vitrine.kernels.DeviceException;
import dev.vitrine.kernels.cuda.device.Ptx;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The tests of the kernels are tested: faults are planted in them, and each must be found by the
 * trial that every device has to pass, run on the software driver in both orders of warps.
 *
 * <p>All faults are in one library, each behind a condition, and one is switched on at a time.
 */
@Tag("software-cuda")
@SuppressWarnings("NullAway.Init") // JUnit calls plant() first
final class MutationTest {
  private static final Pattern BARRIER = Pattern.compile("__syncthreads\\(\\);");

  private static final String TENSOR = "tensor.cuh";

  @TempDir static Path folder;

  private static final List<Fault> FAULTS = new ArrayList<>();
  private static Path library;

  /** A fault, its number, and where it is. */
  private record Fault(int number, String file, String what) {}

  /** A place in a source, its expression between « and », and what stands there instead. */
  private record Slip(String file, String what, String place, String instead) {}

  private static final List<Slip> SLIPS =
      List.of(
          new Slip(
              "products.cu",
              "reads a row too many",
              "«row0 + r < rows» && k < depth",
              "row0 + r <= rows"),
          new Slip(
              "products.cu",
              "writes a row too many",
              "if («r < rows» && c < columns)",
              "r <= rows"),
          new Slip("products.cu", "writes a column too many", "&& «c < columns»)", "c <= columns"),
          new Slip(
              "products.cu",
              "overruns shared memory",
              "«i < DEPTH * TILE»;",
              "i < DEPTH * TILE + 1"),
          new Slip(
              "products.cu",
              "adds what lies behind a block",
              "if («depth == DEPTH»)",
              "depth <= DEPTH"),
          new Slip(
              "products.cu",
              "leaves the bias out",
              "«bias ? total + bias[column] : total»;",
              "total"),
          new Slip("products.cu", "takes a row beyond the end", "i / depth : «rows - 1»;", "rows"),
          new Slip("products.cu", "gathers beyond the end", "if («i < in»)", "i <= in"),
          new Slip(
              "products.cu",
              "copies one too many",
              "if («i >= (long long)rows * columns»)",
              "i > (long long)rows * columns"),
          new Slip(
              "rows.cu",
              "lets lanes race for a sum",
              "if («threadIdx.x == 0») folded",
              "threadIdx.x < 32"),
          new Slip(
              "contract.cuh",
              "shuffles with half a warp",
              "if («threadIdx.x < 32») {\n    partial",
              "threadIdx.x < 16"),
          new Slip(
              "rows.cu",
              "writes a column too many",
              "«c < n»; c += THREADS) to[c] = from[c] - max - log",
              "c <= n"),
          new Slip(
              "contract.cuh", "adds an exponential too many", "«i < count»; i += 16", "i <= count"),
          new Slip(
              "contract.cuh",
              "overruns a chunk",
              "count = «n - from < CHUNK ? n - from : CHUNK»",
              "n - from"),
          new Slip(
              "rows.cu",
              "does not fuse",
              "«__fmaf_rn(x[row * x_stride + c], gain[c], bias[c])»",
              "x[row * x_stride + c] * gain[c] + bias[c]"),
          new Slip(
              "contract.cuh",
              "forgets the greatest of half a warp",
              "«i < THREADS / 16»",
              "i < THREADS / 16 - 1"),
          new Slip(
              "attention.cu",
              "looks into the future",
              "visible = «key < keys_of(part, i)»",
              "key <= keys_of(part, i)"),
          new Slip("attention.cu", "mixes up queries", "int i = «blockIdx.z»;", "blockIdx.z & ~1"),
          new Slip("attention.cu", "leaves its own key out", "(row, row, «keys»);", "keys - 1"),
          new Slip("attention.cu", "misses a key", "«k < common»; k++", "k < common - 1"),
          new Slip(
              "attention.cu",
              "begins a block too early",
              "from = «blockIdx.z * BLOCK»;",
              "blockIdx.z * (BLOCK - 1)"),
          new Slip(
              "attention.cu",
              "stores a row too many",
              "if («first + i < part.count») out",
              "first + i <= part.count"),
          new Slip("attention.cu", "leaves a block of keys out", "«b < blocks»;", "b < blocks - 1"),
          new Slip(
              "attention.cu",
              "adds up an element too many",
              "«item < part.count * head_size»;",
              "item <= part.count * head_size"),
          new Slip(TENSOR, "reads a row too many", "there = «r < rows && k < to»;", "k < to"),
          new Slip(TENSOR, "reads a column too many", "there = «j < columns» &&", "j <= columns"),
          new Slip(TENSOR, "writes a row too many", "if («r < rows» && c", "r <= rows"),
          new Slip(TENSOR, "leaves the bias out", "«bias ? number + bias[c] : number»;", "number"),
          new Slip(TENSOR, "reads a number too many", "there && «k + 1 < to» ?", "k < to"),
          new Slip(TENSOR, "packs a weight too many", "high = «k + 1 < end» ?", "k < end"),
          new Slip(TENSOR, "swaps fragments", "a[m][1] = «xs[r + 8][word]»;", "xs[r][word + 4]"),
          new Slip(TENSOR, "mixes up columns", "j = «column + 8 * n + group»;", "column + 8 * n"),
          new Slip(TENSOR, "stores rows together", "+ «i % 4 / 2 * 8»;", "i % 4 / 2"),
          new Slip(
              TENSOR,
              "overruns shared memory",
              "«i < TILE * WORDS»; i += THREADS) {\n        int r",
              "i < TILE * WORDS + WORDS"),
          new Slip(TENSOR, "gathers the neighbour", "«i % block % 2» ?", "1 - i % block % 2"));

  @BeforeAll
  static void plant() throws IOException {
    SoftwareCuda.require();
    Path sources = Files.createDirectory(folder.resolve("sources"));
    for (String file : files()) {
      String source = plantMissingBarriers(file, Ptx.resource(file));
      for (Slip slip : SLIPS) {
        if (slip.file.equals(file)) {
          source = plant(slip, source);
        }
      }
      Files.writeString(
          sources.resolve(file),
          file.endsWith(".cu") ? "extern \"C\" int mutant;\n" + source : source);
    }
    library = SoftwareCuda.buildKernels(sources, folder.resolve("library"));
    SoftwareCuda.useKernels(library);
  }

  @AfterAll
  static void pullOut() {
    if (library != null) {
      SoftwareCuda.plant(library, 0);
      SoftwareCuda.useOwnKernels();
      SoftwareCuda.runBackwards(false);
    }
  }

  private static List<String> files() {
    return Stream.concat(Stream.of("contract.cuh", TENSOR), ptx().map(file -> file + ".cu"))
        .toList();
  }

  /** All PTX that there is. */
  private static Stream<String> ptx() {
    return Stream.concat(Ptx.FILES.stream(), Stream.of(Operands.values()).map(Operands::file));
  }

  private static String plantMissingBarriers(String file, String source) {
    return BARRIER
        .matcher(source)
        .replaceAll(barrier -> {
          long line = source.substring(0, barrier.start()).lines().count() + 1;
          int number = next(file, "the barrier at line %d is missing".formatted(line));
          return "if (mutant != %d) __syncthreads();".formatted(number);
        });
  }

  private static String plant(Slip slip, String source) {
    String original = slip.place.replace("«", "").replace("»", "");
    assertThat(source).as("where to plant: " + slip.what).contains(original);
    int number = next(slip.file, slip.what);
    String planted =
        slip.place
            .replace("«", "(mutant == %d ? (%s) : (".formatted(number, slip.instead))
            .replace("»", "))");
    return source.replace(original, planted);
  }

  private static int next(String file, String what) {
    FAULTS.add(new Fault(FAULTS.size() + 1, file, what));
    return FAULTS.size();
  }

  @Test
  void everyPlantedFaultIsFound() {
    assertThat(symptom(new Fault(0, "contract.cuh", ""))).as("no fault at all").isNull();
    assertThat(symptom(new Fault(0, TENSOR, ""))).as("no fault at all").isNull();
    List<String> missed = new ArrayList<>();
    for (Fault fault : FAULTS) {
      String symptom = symptom(fault);
      System.out.printf("%s %s: %s%n", fault.file, fault.what, symptom);
      if (symptom == null) {
        missed.add(fault.what);
      }
    }
    assertThat(missed).isEmpty();
    assertThat(FAULTS).hasSizeGreaterThan(45);
  }

  /** What was noticed of a fault, or null. */
  private static @Nullable String symptom(Fault fault) {
    Operands operands = fault.file.equals(TENSOR) ? Operands.BF16 : null;
    SoftwareCuda.plant(library, fault.number);
    for (boolean backwards : new boolean[] {false, true}) {
      SoftwareCuda.runBackwards(backwards);
      // without reuse, so that every array lies between pages that cannot be touched
      try (Backend cuda =
              operands == null ? new CudaBackend(0, false) : new CudaBackend(0, false, operands);
          Backend scalar = Backends.open("scalar", 1)) {
        String different = Trial.firstDifference(cuda, scalar, operands);
        if (different != null) {
          return different + " is wrong";
        }
      } catch (DeviceException e) {
        return e.reason() + ": " + SoftwareCuda.lastFault();
      }
    }
    return null;
  }

  @Test
  void ptxThatIsOlderThanItsSourceIsNotLoaded() {
    for (String file : ptx().toList()) {
      String ptx = Ptx.resource(file + ".ptx");
      String stale = ptx.replaceFirst(",\\s*\\.param \\.u32 \\w+\\s*\\)", ")");
      assertThat(stale).isNotEqualTo(ptx);
      assertThat(SoftwareCuda.load(ptx)).isEmpty();
      assertThat(SoftwareCuda.load(stale)).contains("has other parameters than the source");
      String renamed = ptx.replaceFirst("\\.entry (\\w+)", ".entry $1_before");
      assertThat(SoftwareCuda.load(renamed)).contains("has no source");
    }
  }
}
