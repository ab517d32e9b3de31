package dev.vitrine.kernels.cuda;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The PTX that ships belongs to the CUDA C beside it, keeps the contract as far as PTX can say, and
 * is understood by every device from 2014 on.
 *
 * <p>Where NVRTC is ({@code -Dvitrine.nvrtc=/path/to/libnvrtc.so.12}) it is made again and
 * compared; {@code -Dvitrine.ptx.write=true} keeps what was made.
 */
final class PtxTest {
  private static final String HEADER = "contract.cuh";

  /** What drivers of CUDA 11.0 and later read; nothing that the kernels use is newer. */
  private static final String ISA = "7.0";

  private static final Path FOLDER = Path.of("src/main/resources/dev/vitrine/kernels/cuda");

  static List<String> files() {
    return Ptx.FILES;
  }

  @ParameterizedTest
  @MethodSource("files")
  void isMadeAnewWhereNvrtcIs(String file) throws IOException {
    String path = System.getProperty("vitrine.nvrtc");
    Assumptions.assumeTrue(path != null, "-Dvitrine.nvrtc= names no NVRTC to compile with");
    try (Nvrtc nvrtc = new Nvrtc(Path.of(path))) {
      String header = text(HEADER);
      String source = text(file + ".cu");
      String made =
          "// Made of %s, %s by NVRTC %s with %s\n// sha256 %s\n%s"
              .formatted(
                  file + ".cu",
                  HEADER,
                  nvrtc.version(),
                  String.join(" ", Nvrtc.OPTIONS),
                  hash(source, header),
                  nvrtc
                      .compile(file + ".cu", source, HEADER, header)
                      .replaceFirst("\\.version \\S+", ".version " + ISA));
      Path ptx = FOLDER.resolve(file + ".ptx");
      if (Boolean.getBoolean("vitrine.ptx.write")) {
        Files.writeString(ptx, made);
      }
      assertThat(text(file + ".ptx")).as("another release may differ in registers").isEqualTo(made);
    }
  }

  @ParameterizedTest
  @MethodSource("files")
  void belongsToItsSource(String file) {
    String ptx = text(file + ".ptx");
    assertThat(ptx)
        .as(file + ".cu has changed: make its PTX again, as this test's comment says")
        .contains("// sha256 " + hash(text(file + ".cu"), text(HEADER)) + "\n");
    Matcher kernels = Pattern.compile("(?m)^KERNEL\\((\\w+)\\)").matcher(text(file + ".cu"));
    assertThat(Ptx.of(ptx).kernels().keySet())
        .containsExactlyInAnyOrderElementsOf(kernels.results().map(m -> m.group(1)).toList());
  }

  @ParameterizedTest
  @MethodSource("files")
  void roundsEachOperationToNearestAndFusesNone(String file) {
    Matcher operations =
        Pattern.compile(
                "\\b(add|sub|mul|mad|fma|div|sqrt|rcp|ex2|lg2|tanh|rsqrt|cvt)\\.\\S*f(16|32|64)\\S*")
            .matcher(text(file + ".ptx"));
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
            "cvt.rn.f32.s32");
    assertThat(text(file + ".ptx")).doesNotContain(".ftz").doesNotContain(".approx");
  }

  static Stream<Arguments> assemblies() {
    return Ptx.FILES.stream()
        .flatMap(file ->
            Stream.of("sm_50", "sm_60", "sm_70", "sm_75", "sm_80", "sm_86", "sm_90")
                .map(device -> Arguments.of(file, device)));
  }

  /** By the assembler that JCuda brings along: no GPU, no driver, no toolkit. */
  @ParameterizedTest(name = "{0} for {1}")
  @MethodSource("assemblies")
  void isAssembledForEveryDevice(String file, String device) {
    byte[] image = (text(file + ".ptx") + "\0").getBytes(StandardCharsets.ISO_8859_1);
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
