package dev.vitrine.kernels.cuda;

import dev.vitrine.kernels.cuda.device.CudaDriver;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import jcuda.Pointer;
import jcuda.driver.CUcontext;
import jcuda.driver.CUdevice;
import jcuda.driver.CUmodule;
import jcuda.driver.CUresult;
import jcuda.driver.JCudaDriver;
import org.junit.jupiter.api.Assumptions;

/**
 * A CUDA driver in software, {@code src/test/cuda}, that runs the kernels on the processor: built
 * by the C++ compiler at hand, and loaded into this process in place of NVIDIA's.
 */
@SuppressWarnings("restricted")
public final class SoftwareCuda {
  private static final Path SCRIPT = Path.of("src/test/cuda/build.sh").toAbsolutePath();
  private static final Path FOLDER = Path.of("target/software-cuda").toAbsolutePath();
  private static final Path DRIVER = FOLDER.resolve("libcuda.so.1");

  private SoftwareCuda() {}

  /** Builds and chooses it, before anything of CUDA is touched; skips the test where it cannot. */
  public static synchronized void require() {
    if (!DRIVER.toString().equals(System.getProperty(CudaDriver.LIBRARY))) {
      try {
        build(FOLDER);
      } catch (IOException e) {
        Assumptions.abort("the software driver was not built: " + e.getMessage());
      }
      System.setProperty(CudaDriver.LIBRARY, DRIVER.toString());
    }
    CudaDriver.Problem problem = CudaDriver.problem();
    Assumptions.assumeTrue(problem == null, () -> "no software driver: " + problem);
  }

  private static void build(Path folder, Path... sources) throws IOException {
    List<String> command = new ArrayList<>(List.of("sh", SCRIPT.toString(), folder.toString()));
    for (Path path : sources) {
      command.add(path.toString());
    }
    Process build = new ProcessBuilder(command).redirectErrorStream(true).start();
    String said = new String(build.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    try {
      if (build.waitFor() != 0) {
        throw new IOException(said.strip());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException(e);
    }
  }

  /** Builds kernels from other sources; the library. */
  static Path buildKernels(Path sources, Path folder) throws IOException {
    build(folder, sources, FOLDER);
    return folder.resolve("kernels.so");
  }

  /** Has modules that are loaded from now on take their kernels from another library. */
  static void useKernels(Path library) {
    try (Arena arena = Arena.ofConfined()) {
      call("software_cuda_kernels", arena.allocateFrom(library.toString()));
    }
  }

  /** Has them take the project's own kernels. */
  static void useOwnKernels() {
    useKernels(FOLDER.resolve("kernels.so"));
  }

  /** Whether warps and lanes run from the last to the first. */
  static void runBackwards(boolean on) {
    call("software_cuda_backwards", on ? 1 : 0);
  }

  /** Which compute capability it has, 80 for 8.0. */
  static void setCapability(int capability) {
    call("software_cuda_capability", capability);
  }

  /** How much memory the device has. */
  static void setMemory(long bytes) {
    call("software_cuda_memory", bytes);
  }

  /** What a launch failed of. */
  static String lastFault() {
    MemorySegment text =
        (MemorySegment) invoke("software_cuda_fault", FunctionDescriptor.of(ValueLayout.ADDRESS));
    return text.reinterpret(1000).getString(0);
  }

  /** Switches on one of the faults that were planted in a library, or with 0 none. */
  static void plant(Path kernels, int fault) {
    try (Arena arena = Arena.ofConfined()) {
      SymbolLookup.libraryLookup(kernels, arena)
          .find("mutant")
          .orElseThrow()
          .reinterpret(Integer.BYTES)
          .set(ValueLayout.JAVA_INT, 0, fault);
    }
  }

  /** Loads some PTX and forgets it; empty, or what was wrong. */
  static String load(String ptx) {
    CUcontext context = new CUcontext();
    JCudaDriver.cuInit(0);
    JCudaDriver.cuCtxCreate(context, 0, new CUdevice());
    try {
      byte[] image = (ptx + "\0").getBytes(StandardCharsets.ISO_8859_1);
      CUmodule module = new CUmodule();
      int result =
          JCudaDriver.cuModuleLoadDataEx(
              module, Pointer.to(image), 0, new int[0], Pointer.to(new int[0]));
      return result == CUresult.CUDA_SUCCESS ? "" : lastFault();
    } finally {
      JCudaDriver.cuCtxDestroy(context);
    }
  }

  private static void call(String function, Object argument) {
    MemoryLayout type =
        argument instanceof Integer
            ? ValueLayout.JAVA_INT
            : argument instanceof Long ? ValueLayout.JAVA_LONG : ValueLayout.ADDRESS;
    invoke(function, FunctionDescriptor.ofVoid(type), argument);
  }

  private static Object invoke(String function, FunctionDescriptor type, Object... arguments) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment address =
          SymbolLookup.libraryLookup(DRIVER, arena).find(function).orElseThrow();
      return Linker.nativeLinker().downcallHandle(address, type).invokeWithArguments(arguments);
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
  }
}
