package dev.vitrine.kernels;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vitrine.kernels.simd.TakingOver;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Vectors of 128, 256 and 512 bits give the same floats, interpreted as well as compiled. */
final class WidthsTest {

  @Test
  void everyVectorWidthGivesTheSame() throws IOException, InterruptedException {
    String expected;
    try (Backend scalar = Backends.open("scalar", 1)) {
      expected = Long.toHexString(Fingerprint.of(scalar));
    }
    for (String flag : List.of("UseAVX=1", "UseAVX=2", "UseAVX=3", "MaxVectorSize=32")) {
      String said = fingerprint("-XX:" + flag);
      System.out.println(flag + ": " + said);
      if (!said.startsWith("unavailable")) {
        assertThat(said).as(flag).endsWith(": " + expected);
      }
    }
  }

  @Test
  void withoutFusedMultiplyAddAFastBackendIsRefusedWithARemedy()
      throws IOException, InterruptedException {
    assertThat(fingerprint("-XX:-UseFMA"))
        .startsWith("unavailable: backend simd cannot run here: fused multiply-add")
        .contains("remove -XX:-UseFMA");
  }

  @Test
  void withoutTheOptimisingCompilerVectorsAreRefused() throws IOException, InterruptedException {
    assertThat(fingerprint("-XX:TieredStopAtLevel=1")).startsWith("unavailable").contains("C2");
  }

  @Test
  void withoutTheVectorModuleItsNameIsSaid() throws IOException, InterruptedException {
    assertThat(run(List.of()))
        .startsWith("unavailable")
        .contains("--add-modules=jdk.incubator.vector");
  }

  @Test
  void bitsStayTheSameWhileVectorsTakeOver() throws IOException, InterruptedException {
    String expected;
    try (Backend scalar = Backends.open("scalar", 1)) {
      expected = Long.toHexString(Fingerprint.of(scalar));
    }
    String flag = "--add-modules=jdk.incubator.vector";
    assertThat(run(List.of(flag), TakingOver.class.getName()))
        .startsWith("vectors took over")
        .endsWith(": " + expected);
  }

  private static String fingerprint(String flag) throws IOException, InterruptedException {
    return run(List.of("--add-modules=jdk.incubator.vector", "-Dvitrine.rehearsal=off", flag));
  }

  private static String run(List<String> flags) throws IOException, InterruptedException {
    return run(flags, Fingerprint.class.getName(), "simd");
  }

  /** The last line that the program says. */
  private static String run(List<String> flags, String... program)
      throws IOException, InterruptedException {
    String classPath = System.getProperty("surefire.test.class.path");
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("-XX:+IgnoreUnrecognizedVMOptions");
    command.addAll(flags);
    command.addAll(
        List.of("-cp", classPath == null ? System.getProperty("java.class.path") : classPath));
    command.addAll(List.of(program));
    Process java =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
    List<String> lines =
        new String(java.getInputStream().readAllBytes(), StandardCharsets.UTF_8).lines().toList();
    assertThat(java.waitFor()).isZero();
    return lines.getLast();
  }
}
