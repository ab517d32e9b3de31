package dev.vitrine.weights.torch;

import dev.vitrine.weights.Dtype;
import java.util.List;
import java.util.Map;

/** What a pickle of tensors may hold. */
sealed interface Pickled {

  /** {@code None}. */
  enum Nothing implements Pickled {
    NONE
  }

  /** A text. */
  record Text(String value) implements Pickled {}

  /** An integer, or a truth as 0 or 1. */
  record Whole(long value) implements Pickled {}

  /** A number with a fraction. */
  record Fraction(double value) implements Pickled {}

  /** A tuple or a list; a list may still grow. */
  record Sequence(List<Pickled> items) implements Pickled {}

  /** A dictionary; only texts can be looked up. */
  record Dictionary(Map<String, Pickled> items) implements Pickled {}

  /** A name of Python that may be used. */
  record Global(String name) implements Pickled {}

  /** Where the elements of tensors lie. */
  record Elements(String key, Dtype dtype, long size) implements Pickled {}

  /** A tensor. */
  record Tensor(Elements elements, long offset, List<Long> shape, List<Long> strides)
      implements Pickled {}
}
