package dev.vitrine.kernels;

import dev.vitrine.kernels.cuda.Operands;
import dev.vitrine.kernels.cuda.ProvenCuda;
import dev.vitrine.kernels.cuda.device.CudaDriver;
import dev.vitrine.kernels.f32.F32Backend;
import dev.vitrine.kernels.f32.Kernels;
import dev.vitrine.kernels.reference.ReferenceBackend;
import dev.vitrine.kernels.scalar.ScalarKernels;
import dev.vitrine.kernels.simd.Ensemble;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * The backends there are, and the choice among them. A backend is chosen once; one that is refused
 * says why and what to do about it.
 */
public final class Backends {

  private static final System.Logger LOG = System.getLogger(Backends.class.getName());

  /** In the order that {@code auto} tries them. */
  private static final List<Provider> PROVIDERS =
      List.of(
          new Provider("cuda", true, () -> refusal(CudaDriver.problem()), _ -> ProvenCuda.open()),
          new Provider("simd", true, Backends::refuseSimd, threads -> f32("simd", simd(), threads)),
          new Provider(
              "scalar", true, Backends::refuseScalar, threads -> f32("scalar", scalar(), threads)),
          new Provider("reference", true, () -> null, ReferenceBackend::new),
          onTensorCores(Operands.BF16),
          onTensorCores(Operands.F16));

  private Backends() {}

  private record Provider(
      String name, boolean automatic, Check check, IntFunction<Backend> opener) {}

  private static Provider onTensorCores(Operands operands) {
    return new Provider(
        operands.backend(),
        false,
        () -> refusal(CudaDriver.problem(operands.capability())),
        _ -> ProvenCuda.open(operands));
  }

  @FunctionalInterface
  private interface Check {
    @Nullable Refusal refusal();
  }

  private record Refusal(String reason, String remedy) {}

  /**
   * Whether a backend can run here.
   *
   * @param name the name by which {@link #open} knows it
   * @param automatic whether {@code auto} may choose it; one that it may not computes otherwise
   *     than its contract or its definition has it, and must be asked for
   * @param available whether it can run
   * @param reason why it cannot, or an empty string
   * @param remedy what to do so that it can, or an empty string
   */
  public record Choice(
      String name, boolean automatic, boolean available, String reason, String remedy) {}

  /** The names of all backends, without finding out what can run here. */
  public static List<String> names() {
    return PROVIDERS.stream().map(Provider::name).toList();
  }

  /**
   * Whether the backend of that name rounds in a way of its own, so that no other gives its bits,
   * though all may be in single precision: {@code cuda-bf16} and {@code cuda-f16}.
   */
  public static boolean hasOwnBits(String name) {
    return PROVIDERS.stream()
        .anyMatch(provider -> provider.name.equals(name) && !provider.automatic);
  }

  /** Whether the backend of that name can run here; asks no other. */
  public static boolean isAvailable(String name) {
    return PROVIDERS.stream()
        .anyMatch(provider -> provider.name.equals(name) && provider.check.refusal() == null);
  }

  /** Every backend in the order that {@code auto} tries them, with the reason of each refusal. */
  public static List<Choice> choices() {
    List<Choice> choices = new ArrayList<>();
    for (Provider provider : PROVIDERS) {
      Refusal refusal = provider.check.refusal();
      choices.add(
          refusal == null
              ? new Choice(provider.name, provider.automatic, true, "", "")
              : new Choice(
                  provider.name, provider.automatic, false, refusal.reason, refusal.remedy));
    }
    return List.copyOf(choices);
  }

  /**
   * Opens a backend.
   *
   * @param name {@code auto} for the best that can run here, or the name of one of {@link #choices}
   * @param threads how many threads share the work, the caller's own among them; 0 for as many as
   *     there are physical cores
   * @throws IllegalArgumentException if there is no backend of that name
   * @throws BackendUnavailableException if it cannot run here
   * @throws DeviceException if its device failed
   */
  public static Backend open(String name, int threads) {
    if (threads < 0) {
      throw new IllegalArgumentException("threads must be 0 or more, not " + threads);
    }
    if (name.equals("auto")) {
      return openBest(threads);
    }
    for (Provider provider : PROVIDERS) {
      if (provider.name.equals(name)) {
        Refusal refusal = provider.check.refusal();
        if (refusal != null) {
          throw new BackendUnavailableException(name, refusal.reason, refusal.remedy);
        }
        return provider.opener.apply(threads);
      }
    }
    throw new IllegalArgumentException(
        "there is no backend \"%s\"; did you mean \"%s\"?".formatted(name, nearest(name)));
  }

  private static Backend openBest(int threads) {
    for (Provider provider : PROVIDERS) {
      if (provider.automatic && provider.check.refusal() == null) {
        try {
          return provider.opener.apply(threads);
        } catch (BackendUnavailableException e) {
          LOG.log(System.Logger.Level.WARNING, e.getMessage());
        }
      }
    }
    throw new AssertionError("reference is never refused");
  }

  private static Backend f32(String name, Kernels kernels, int threads) {
    return new F32Backend(name, kernels, threads == 0 ? Machine.physicalCores() : threads);
  }

  /** By itself, so that the class is first touched when the Vector API is known to be there. */
  private static Kernels simd() {
    return Ensemble.kernels();
  }

  private static Kernels scalar() {
    return new ScalarKernels();
  }

  private static @Nullable Refusal refusal(CudaDriver.@Nullable Problem problem) {
    return problem == null ? null : new Refusal(problem.reason(), problem.remedy());
  }

  private static @Nullable Refusal refuseSimd() {
    if (!Machine.hasVectorModule()) {
      return new Refusal(
          "the Vector API is not loaded", "start java with --add-modules=jdk.incubator.vector");
    }
    if (!Machine.hasC2()) {
      return new Refusal(
          "vectors are slow without HotSpot's C2 compiler",
          "use a HotSpot JDK, without -Xint or -XX:TieredStopAtLevel, or the scalar backend");
    }
    return refuseScalar();
  }

  private static @Nullable Refusal refuseScalar() {
    return Machine.FUSED
        ? null
        : new Refusal(
            "fused multiply-add is not in hardware, or switched off, and is slow in software",
            "remove -XX:-UseFMA and -XX:UseAVX=0 if they are set, or use the reference backend");
  }

  private static String nearest(String name) {
    List<String> names = new ArrayList<>(names());
    names.add("auto");
    return names.stream()
        .min(Comparator.comparingInt(candidate -> distance(name, candidate)))
        .orElseThrow();
  }

  /** How many characters must be inserted, deleted or replaced to make one name of the other. */
  private static int distance(String a, String b) {
    int[] above = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) {
      above[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      int[] row = new int[b.length() + 1];
      row[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int replaced = above[j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        row[j] = Math.min(replaced, Math.min(above[j], row[j - 1]) + 1);
      }
      above = row;
    }
    return above[b.length()];
  }
}
