package dev.vitrine.trace.edit;

import dev.vitrine.tensor.Axis;
import dev.vitrine.tensor.Tensor;
import dev.vitrine.trace.Trace;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;

/**
 * What an edit does with the region that its target names. Numbers are computed in double precision
 * and rounded once where the backend computes in floats, so that an edit has the same bits on all
 * of them.
 */
public sealed interface Operation {

  /** Whether the region's old values are of no account to it. */
  default boolean overwrites() {
    return true;
  }

  /** {@code x = value}. */
  record Fill(double value) implements Operation {}

  /** {@code x = values}, whose axes are some of the region's; an axis of size 1 is repeated. */
  record Assign(Tensor values) implements Operation {}

  /** {@code x = factor · x}. */
  record Scale(double factor) implements Operation {
    @Override
    public boolean overwrites() {
      return false;
    }
  }

  /** {@code x = x + scale · values}. */
  record Add(Tensor values, double scale) implements Operation {
    @Override
    public boolean overwrites() {
      return false;
    }
  }

  /** {@code x = mean of x over some axes of the region}. */
  record Mean(Set<Axis> over) implements Operation {
    @Override
    public boolean overwrites() {
      return false;
    }
  }

  /** {@code x = function(x)}, of the region as a tensor. */
  record Compute(UnaryOperator<Tensor> function) implements Operation {
    @Override
    public boolean overwrites() {
      return false;
    }
  }

  /** {@code x = the same region of another trace}; of a batch, of the trace at the same place. */
  record Patch(List<Trace> sources) implements Operation {

    /** Keeps the traces. */
    public Patch {
      sources = List.copyOf(sources);
    }
  }

  /** {@code x = the mean of the region in other traces} over some axes. */
  record PatchMean(List<Trace> sources, Set<Axis> over) implements Operation {

    /** Keeps the traces. */
    public PatchMean {
      sources = List.copyOf(sources);
    }
  }
}
