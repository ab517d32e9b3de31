package dev.vitrine.kernels.cuda.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.vitrine.kernels.BackendUnavailableException;
import dev.vitrine.kernels.Backends;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/** Where there is no CUDA it is said in one line what is missing, and nothing else is said. */
final class CudaDriverTest {

  @Test
  void withoutADriverThatIsTheReason() {
    assumeNoDriver();
    assertThatThrownBy(() -> Backends.open("cuda", 0))
        .isInstanceOf(BackendUnavailableException.class)
        .hasMessage(
            "backend cuda cannot run here: there is no NVIDIA driver on this machine; install one"
                + " (nvidia-smi shows it), or use another backend");
  }

  @Test
  void withoutADriverNobodyIsWarnedOfNativeAccess() throws IOException, InterruptedException {
    assumeNoDriver();
    assertThat(choices(true)).startsWith("[cuda: there is no NVIDIA driver").hasLineCount(1);
  }

  @Test
  void withoutJCudaThatIsTheReason() throws IOException, InterruptedException {
    assertThat(choices(false, "-D" + CudaDriver.LIBRARY + "=/nowhere/libcuda.so.1"))
        .startsWith("[cuda: JCuda is not on the class path; add org.jcuda:jcuda:12.6.0")
        .hasLineCount(1);
  }

  @Test
  void aDriverThatCannotBeLoadedIsNamed() throws IOException, InterruptedException {
    assertThat(
            choices(
                true,
                "--enable-native-access=ALL-UNNAMED",
                "-D" + CudaDriver.LIBRARY + "=/nowhere/libcuda.so.1"))
        .startsWith("[cuda: the CUDA driver cannot be loaded (")
        .contains("/nowhere/libcuda.so.1")
        .hasLineCount(1);
  }

  private static void assumeNoDriver() {
    CudaDriver.Problem problem = CudaDriver.problem();
    Assumptions.assumeTrue(
        problem != null && problem.reason().contains("driver"), "there is a CUDA driver here");
  }

  /** What a program of its own says, on both its outputs. */
  private static String choices(boolean jcuda, String... flags)
      throws IOException, InterruptedException {
    String classPath = System.getProperty("surefire.test.class.path");
    String whole = classPath == null ? System.getProperty("java.class.path") : classPath;
    String path =
        Arrays.stream(whole.split(java.io.File.pathSeparator, -1))
            .filter(entry -> jcuda || !entry.contains("jcuda"))
            .collect(Collectors.joining(java.io.File.pathSeparator));
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of(flags));
    command.addAll(List.of("-cp", path, Asking.class.getName()));
    Process java = new ProcessBuilder(command).redirectErrorStream(true).start();
    String said = new String(java.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(java.waitFor()).as(said).isZero();
    return said.strip();
  }

  /** Prints why CUDA is refused. */
  static final class Asking {
    private Asking() {}

    public static void main(String[] arguments) {
      System.out.println(
          Backends.choices().stream()
              .filter(choice -> choice.name().equals("cuda"))
              .map(choice -> choice.name() + ": " + choice.reason() + "; " + choice.remedy())
              .toList());
    }
  }
}
