package dev.vitrine.kernels.cuda.device;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vitrine.kernels.cuda.Operands;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import jcuda.nvptxcompiler.JNvPTXCompiler;
import jcuda.nvptxcompiler.nvPTXCompileResult;
import jcuda.nvptxcompiler.nvPTXCompilerHandle;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The PTX that ships belongs to the CUDA C beside it, keeps the contract as far as PTX can say, and
 * is understood by every device from 2014 on; that for tensor cores by those that have them.
 *
 * <p>Where NVRTC is ({@code -Dvitrine.nvrtc=/path/to/libnvrtc.so.12}) it is made again and
 * compared; {@code -Dvitrine.ptx.write=true} keeps what was made.
 */
final class PtxTest {
  /** What drivers of CUDA 11.0 and later read; nothing that the kernels use is newer. */
  private static final String ISA = "7.0";

  private static final Path FOLDER = Path.of("src/main/resources/dev/vitrine/kernels/cuda");

  /** A file, the lowest virtual architecture that serves, and what it includes. */
  record Unit(String file, int capability, List<String> headers) {

    String source() {
      return file + ".cu";
    }

    /** Of all that it is made of. */
    String hash() {
      Stream<String> parts = Stream.concat(Stream.of(source()), headers.stream());
      return PtxTest.hash(parts.map(PtxTest::text).toArray(String[]::new));
    }

    @Override
    public String toString() {
      return file;
    }
  }

  /** Those of the contract run on every device that NVRTC 12 compiles for. */
  static List<Unit> units() {
    List<Unit> units = new ArrayList<>();
    for (String file : Ptx.FILES) {
      units.add(new Unit(file, 50, List.of("contract.cuh")));
    }
    for (Operands operands : Operands.values()) {
      units.add(
          new Unit(operands.file(), operands.capability(), List.of("contract.cuh", "tensor.cuh")));
    }
    return units;
  }

  @Test
  void noOtherShips() throws IOException {
    try (Stream<Path> files = Files.list(FOLDER)) {
      assertThat(files.map(path -> path.getFileName().toString()).filter(n -> n.endsWith(".ptx")))
          .containsExactlyInAnyOrderElementsOf(
              units().stream().map(unit -> unit.file + ".ptx").toList());
    }
  }

  @ParameterizedTest
  @MethodSource("units")
  void isMadeAnewWhereNvrtcIs(Unit unit) throws IOException {
    String path = System.getProperty("vitrine.nvrtc");
    Assumptions.assumeTrue(path != null, "-Dvitrine.nvrtc= names no NVRTC to compile with");
    try (Nvrtc nvrtc = new Nvrtc(Path.of(path))) {
      List<String> options = Nvrtc.options(unit.capability);
      String compiled =
          nvrtc.compile(
              unit.source(),
              text(unit.source()),
              unit.headers,
              unit.headers.stream().map(PtxTest::text).toList(),
              options);
      String made =
          "// Made of %s, %s by NVRTC %s with %s\n// sha256 %s\n%s"
              .formatted(
                  unit.source(),
                  String.join(", ", unit.headers),
                  nvrtc.version(),
                  String.join(" ", options),
                  unit.hash(),
                  compiled.replaceFirst("\\.version \\S+", ".version " + ISA));
      Path ptx = FOLDER.resolve(unit.file + ".ptx");
      if (Boolean.getBoolean("vitrine.ptx.write")) {
        Files.writeString(ptx, made);
      }
      assertThat(text(unit.file + ".ptx"))
          .as("another release may differ in registers")
          .isEqualTo(made);
    }
  }

  @ParameterizedTest
  @MethodSource("units")
  void belongsToItsSource(Unit unit) {
    String ptx = text(unit.file + ".ptx");
    assertThat(ptx)
        .as(unit.source() + " has changed: make its PTX again, as this test's comment says")
        .contains("// sha256 " + unit.hash() + "\n")
        .contains("\n.target sm_" + unit.capability + "\n");
    Matcher kernels = Pattern.compile("(?m)^KERNEL\\((\\w+)\\)").matcher(text(unit.source()));
    assertThat(Ptx.of(ptx).kernels().keySet())
        .containsExactlyInAnyOrderElementsOf(kernels.results().map(m -> m.group(1)).toList());
  }

  @ParameterizedTest
  @MethodSource("units")
  void roundsEachOperationToNearestAndFusesNone(Unit unit) {
    Matcher operations =
        Pattern.compile(
                "\\b(add|sub|mul|mad|fma|div|sqrt|rcp|ex2|lg2|tanh|rsqrt|cvt)\\.\\S*f(16|32|64)\\S*")
            .matcher(text(unit.file + ".ptx"));
    List<String> found =
        operations.results().map(java.util.regex.MatchResult::group).distinct().sorted().toList();
    // an add or mul that names no rounding may be fused by whoever assembles the PTX
    assertThat(found)
        .isSubsetOf(
            "add.rn.f32",
            "sub.rn.f32",
            "mul.rn.f32",
            "fma.rn.f32",
            "div.rn.f32",
            "rcp.rn.f32",
            "sqrt.rn.f32",
            "cvt.rn.f32.s32",
            "cvt.rn.bf16x2.f32",
            "cvt.rn.f16.f32",
            "cvt.f32.f16");
    assertThat(text(unit.file + ".ptx")).doesNotContain(".ftz").doesNotContain(".approx");
  }

  static Stream<Arguments> assemblies() {
    return units().stream()
        .flatMap(unit ->
            Stream.of(50, 60, 70, 75, 80, 86, 90)
                .filter(device -> device >= unit.capability)
                .map(device -> Arguments.of(unit, "sm_" + device)));
  }

  /** By the assembler that JCuda brings along: no GPU, no driver, no toolkit. */
  @ParameterizedTest(name = "{0} for {1}")
  @MethodSource("assemblies")
  void isAssembledForEveryDevice(Unit unit, String device) {
    byte[] image = (text(unit.file + ".ptx") + "\0").getBytes(StandardCharsets.ISO_8859_1);
    nvPTXCompilerHandle compiler = new nvPTXCompilerHandle();
    try {
      check(JNvPTXCompiler.nvPTXCompilerCreate(compiler, image.length, image));
    } catch (LinkageError e) {
      Assumptions.abort("JCuda has no natives for this system: " + e.getMessage());
    }
    try {
      // -O0: whether it is assembled, not how well
      String[] options = {"--gpu-name=" + device, "--opt-level=0"};
      int result = JNvPTXCompiler.nvPTXCompilerCompile(compiler, options.length, options);
      assertThat(result).as(errors(compiler)).isEqualTo(nvPTXCompileResult.NVPTXCOMPILE_SUCCESS);
      long[] size = {0};
      check(JNvPTXCompiler.nvPTXCompilerGetCompiledProgramSize(compiler, size));
      byte[] program = new byte[Math.toIntExact(size[0])];
      check(JNvPTXCompiler.nvPTXCompilerGetCompiledProgram(compiler, program));
      assertThat(Arrays.copyOf(program, 4)).isEqualTo(new byte[] {0x7f, 'E', 'L', 'F'});
    } finally {
      JNvPTXCompiler.nvPTXCompilerDestroy(compiler);
    }
  }

  private static void check(int result) {
    assertThat(result).isEqualTo(nvPTXCompileResult.NVPTXCOMPILE_SUCCESS);
  }

  private static String errors(nvPTXCompilerHandle compiler) {
    long[] size = {0};
    JNvPTXCompiler.nvPTXCompilerGetErrorLogSize(compiler, size);
    byte[] log = new byte[Math.toIntExact(size[0]) + 1];
    JNvPTXCompiler.nvPTXCompilerGetErrorLog(compiler, log);
    return new String(log, StandardCharsets.UTF_8).strip();
  }

  private static String text(String file) {
    try {
      return Files.readString(FOLDER.resolve(file));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String hash(String... texts) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      for (String text : texts) {
        digest.update(text.getBytes(StandardCharsets.UTF_8));
      }
      return HexFormat.of().formatHex(digest.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
