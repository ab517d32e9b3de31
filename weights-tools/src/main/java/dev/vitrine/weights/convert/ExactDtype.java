package dev.vitrine.weights.convert;

import dev.vitrine.weights.Checkpoint;
import dev.vitrine.weights.Dtype;
import dev.vitrine.weights.StoredTensor;
import java.util.EnumSet;
import java.util.Set;

/** What a checkpoint can be written as without a loss. */
public final class ExactDtype {

  private ExactDtype() {}

  /**
   * The narrowest of F16, BF16, F32 and F64 that holds all tensors exactly. A quantised number is
   * one of single precision by definition.
   */
  public static Dtype of(Checkpoint checkpoint) {
    Set<Dtype> dtypes = EnumSet.noneOf(Dtype.class);
    for (StoredTensor tensor : checkpoint.tensors()) {
      if (tensor.dtype().floating()) {
        dtypes.add(tensor.dtype());
      }
    }
    if (dtypes.contains(Dtype.F64)) {
      return Dtype.F64;
    }
    boolean half = dtypes.equals(EnumSet.of(Dtype.F16)) || dtypes.equals(EnumSet.of(Dtype.BF16));
    return half ? dtypes.iterator().next() : Dtype.F32;
  }

  /** Whether one dtype holds every number of another. */
  public static boolean holds(Dtype dtype, Dtype other) {
    return switch (dtype) {
      case F64 -> true;
      case F32 -> other != Dtype.F64;
      default -> dtype == other && !dtype.quantised();
    };
  }
}
