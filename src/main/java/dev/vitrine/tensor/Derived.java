package dev.vitrine.tensor;

import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The origin of a tensor made from another: the same, and then an operation. */
final class Derived implements Origin {
  /** A longer chain forgets where it began, so that a loop of operations keeps no history. */
  private static final int LONGEST = 12;

  private final Origin parent;
  private final Supplier<String> operation;
  private final int length;

  private Derived(Origin parent, Supplier<String> operation, int length) {
    this.parent = parent;
    this.operation = operation;
    this.length = length;
  }

  /** The origin after an operation; unknown if the origin is unknown. */
  static @Nullable Origin from(@Nullable Origin parent, Supplier<String> operation) {
    if (parent == null) {
      return null;
    }
    int length = parent instanceof Derived derived ? derived.length + 1 : 1;
    return length > LONGEST
        ? new Derived(new Forgotten(), operation, 1)
        : new Derived(parent, operation, length);
  }

  /** The origin after an operation on two tensors. */
  static @Nullable Origin from(
      @Nullable Origin left, @Nullable Origin right, String operation, String last) {
    if (left == null && right == null) {
      return null;
    }
    Origin first = left == null ? new Unnamed() : left;
    String tail = last.isEmpty() ? "" : ", " + last;
    return from(first, () -> operation + "(" + (right == null ? "..." : right.name()) + tail + ")");
  }

  @Override
  public Origin root() {
    return parent.root();
  }

  @Override
  public String operations() {
    String before = parent.operations();
    return before.isEmpty() ? operation.get() : before + "." + operation.get();
  }

  @Override
  public String name() {
    return parent.name() + "." + operation.get();
  }

  @Override
  public String formula() {
    return parent.formula();
  }

  @Override
  public List<String> parents() {
    return List.of(root().name());
  }

  @Override
  public List<String> weights() {
    return parent.weights();
  }

  @Override
  public List<String> conventions() {
    return parent.conventions();
  }

  @Override
  public Optional<String> source() {
    return parent.source();
  }

  @Override
  public Optional<View> view() {
    return parent.view();
  }

  /** Stands where a chain was cut. */
  private record Forgotten() implements Origin {
    @Override
    public String name() {
      return "...";
    }
  }

  /** Stands for an operand without an origin. */
  private record Unnamed() implements Origin {
    @Override
    public String name() {
      return "tensor";
    }
  }
}
