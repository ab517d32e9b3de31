package dev.vitrine.kernels.cuda.device;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/**
 * NVIDIA's compiler for CUDA C as a library, where a developer has it: makes PTX of this package's
 * sources. Needs no GPU, no driver and no toolkit.
 */
@SuppressWarnings("restricted")
final class Nvrtc implements AutoCloseable {
  private static final ValueLayout.OfInt I = ValueLayout.JAVA_INT;
  private static final ValueLayout.OfLong L = ValueLayout.JAVA_LONG;
  private static final java.lang.foreign.AddressLayout P = ValueLayout.ADDRESS;

  private final Arena arena = Arena.ofConfined();
  private final SymbolLookup library;

  Nvrtc(Path path) {
    library = SymbolLookup.libraryLookup(path, arena);
  }

  /** For a compute capability; no contraction: an fma stands where the source has one. */
  static List<String> options(int capability) {
    return List.of(
        "--gpu-architecture=compute_" + capability, "-fmad=false", "-std=c++17", "-default-device");
  }

  /** Such as 12.6. */
  String version() {
    MemorySegment numbers = arena.allocate(I, 2);
    call("nvrtcVersion", List.of(P, P), numbers, numbers.asSlice(Integer.BYTES));
    return numbers.getAtIndex(I, 0) + "." + numbers.getAtIndex(I, 1);
  }

  /** The PTX of a source that may include those headers. */
  String compile(
      String name,
      String source,
      List<String> headerNames,
      List<String> headers,
      List<String> options) {
    MemorySegment program = arena.allocate(P);
    call(
        "nvrtcCreateProgram",
        List.of(P, P, P, I, P, P),
        program,
        text(source),
        text(name),
        headers.size(),
        list(headers),
        list(headerNames));
    MemorySegment handle = program.get(P, 0);
    int result =
        invoke("nvrtcCompileProgram", List.of(P, I, P), handle, options.size(), list(options));
    if (result != 0) {
      throw new IllegalArgumentException(name + ": " + output("nvrtcGetProgramLog", handle));
    }
    return output("nvrtcGetPTX", handle);
  }

  private String output(String function, MemorySegment program) {
    MemorySegment size = arena.allocate(L);
    call(function + "Size", List.of(P, P), program, size);
    MemorySegment text = arena.allocate(size.get(L, 0));
    call(function, List.of(P, P), program, text);
    return text.getString(0);
  }

  private MemorySegment text(String text) {
    return arena.allocateFrom(text, StandardCharsets.UTF_8);
  }

  private MemorySegment list(List<String> texts) {
    MemorySegment list = arena.allocate(P, texts.size());
    for (int i = 0; i < texts.size(); i++) {
      list.setAtIndex(P, i, text(texts.get(i)));
    }
    return list;
  }

  private void call(String function, List<? extends ValueLayout> types, Object... arguments) {
    int result = invoke(function, types, arguments);
    if (result != 0) {
      throw new IllegalStateException(function + " answers " + result);
    }
  }

  private int invoke(String function, List<? extends ValueLayout> types, Object... arguments) {
    MethodHandle handle =
        Linker.nativeLinker()
            .downcallHandle(
                library.find(function).orElseThrow(),
                FunctionDescriptor.of(I, types.toArray(ValueLayout[]::new)));
    try {
      return (int) handle.invokeWithArguments(arguments);
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    arena.close();
  }
}
