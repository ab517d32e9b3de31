package dev.vitrine.kernels.cuda.device;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Whether a CUDA backend can run here, found out once, and in the order in which people can help
 * it: a driver, JCuda, a device. Where there is no driver no library is touched, so that nobody
 * without a GPU sees a warning.
 */
public final class CudaDriver {
  /** Names a driver library, such as {@code /usr/lib/wsl/lib/libcuda.so.1}, instead of a search. */
  public static final String LIBRARY = "vitrine.cuda.library";

  private static final String JCUDA = "jcuda.driver.JCudaDriver";

  /** What shows that the kernel's half of a driver is loaded, on Linux and inside of WSL. */
  private static final List<String> DEVICES = List.of("/dev/nvidiactl", "/dev/dxg");

  private CudaDriver() {}

  /**
   * Why there is no CUDA here.
   *
   * @param reason what is missing
   * @param remedy what to do about it
   */
  public record Problem(String reason, String remedy) {}

  /** Why no CUDA backend can run here, or null if one can. */
  public static @Nullable Problem problem() {
    return Found.PROBLEM;
  }

  /** Why none can run here that needs a compute capability, 80 for 8.0, or null if it can. */
  public static @Nullable Problem problem(int capability) {
    Problem problem = problem();
    return problem == null ? Device.tooOld(capability) : problem;
  }

  /** Asked once: a class whose initialiser failed stays broken. */
  private static final class Found {
    static final @Nullable Problem PROBLEM = search();
  }

  @SuppressWarnings("restricted") // only what the user named is loaded
  private static @Nullable Problem search() {
    String library = System.getProperty(LIBRARY);
    if (library == null && !hasDriver()) {
      return new Problem(
          "there is no NVIDIA driver on this machine",
          "install one (nvidia-smi shows it), or use another backend");
    }
    if (!hasJCuda()) {
      return new Problem(
          "JCuda is not on the class path",
          "add org.jcuda:jcuda:12.6.0 with the natives of this system, or use another backend");
    }
    try {
      if (library != null) {
        System.load(Path.of(library).toAbsolutePath().toString());
      }
      return touch();
    } catch (LinkageError | IOException e) {
      return new Problem(
          "the CUDA driver cannot be loaded (" + firstLine(e) + ")",
          "name its library with -D" + LIBRARY + "=, or use another backend");
    }
  }

  private static boolean hasDriver() {
    if (System.getProperty("os.name", "").toLowerCase(Locale.ROOT).contains("win")) {
      String root = System.getenv().getOrDefault("SystemRoot", "C:\\Windows");
      return Files.exists(Path.of(root, "System32", "nvcuda.dll"));
    }
    return DEVICES.stream().map(Path::of).anyMatch(Files::exists);
  }

  private static boolean hasJCuda() {
    try {
      Class.forName(JCUDA, false, CudaDriver.class.getClassLoader());
      return true;
    } catch (ClassNotFoundException e) {
      return false;
    }
  }

  /**
   * JCuda unpacks its library under a fixed name in the folder for temporary files, and loads what
   * already lies there: it gets a folder where nobody else can have laid anything.
   */
  private static @Nullable Problem touch() throws IOException {
    Path folder = Files.createTempDirectory("vitrine-jcuda");
    String before = System.setProperty("java.io.tmpdir", folder.toString());
    try {
      return Device.problem();
    } finally {
      if (before != null) {
        System.setProperty("java.io.tmpdir", before);
      }
      delete(folder);
    }
  }

  /** Where a loaded library cannot be deleted, as on Windows, it stays behind. */
  private static void delete(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.toList()) {
        file.toFile().delete();
      }
    }
    folder.toFile().delete();
  }

  private static String firstLine(Throwable e) {
    return String.valueOf(e.getMessage()).lines().findFirst().orElse(e.toString());
  }
}
