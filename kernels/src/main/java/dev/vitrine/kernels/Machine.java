package dev.vitrine.kernels;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;

/** What the processor and the virtual machine can do, as far as the choice of a backend asks. */
final class Machine {
  /** Whether {@link Math#fma} is one instruction. */
  static final boolean FUSED = measureFused();

  private Machine() {}

  /** The cores that this process may use; two hardware threads of one core count once. */
  static int physicalCores() {
    int processors = Runtime.getRuntime().availableProcessors();
    Set<String> cores = new HashSet<>();
    try (var folders = Files.newDirectoryStream(Path.of("/sys/devices/system/cpu"), "cpu[0-9]*")) {
      for (Path folder : folders) {
        cores.add(Files.readString(folder.resolve("topology/thread_siblings_list")));
      }
    } catch (IOException e) {
      return processors; // no Linux, or a container that hides it
    }
    return cores.isEmpty() ? processors : Math.min(processors, cores.size());
  }

  /** Whether the module is there that the Vector API lies in. */
  static boolean hasVectorModule() {
    return ModuleLayer.boot().findModule("jdk.incubator.vector").isPresent();
  }

  /** Whether HotSpot's optimising compiler is at work, which alone makes vectors registers. */
  static boolean hasC2() {
    String info = System.getProperty("java.vm.info", "");
    String name = System.getProperty("java.vm.name", "").toLowerCase(Locale.ROOT);
    String vendor = System.getProperty("java.vendor.version", "").toLowerCase(Locale.ROOT);
    boolean hotspot = name.contains("hotspot") || name.contains("openjdk");
    boolean compiled = info.contains("mixed mode") || info.contains("compiled mode");
    boolean onlyC1 = info.contains("emulated-client");
    return hotspot && compiled && !onlyC1 && !vendor.contains("graalvm");
  }

  /**
   * In hardware even an interpreted fma takes nanoseconds; without it, a detour through BigDecimal
   * takes microseconds. The fastest of several tries is not disturbed by other programs.
   */
  private static boolean measureFused() {
    float x = 1.1f;
    long fastest = Long.MAX_VALUE;
    for (int attempt = 0; attempt < 20; attempt++) {
      long start = System.nanoTime();
      for (int i = 0; i < 20; i++) {
        x = Math.fma(x, 0.7f, 0.3f);
      }
      fastest = Math.min(fastest, System.nanoTime() - start);
    }
    return fastest < 4_000 && x > 0;
  }
}
