package dev.vitrine.weights;

import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Collectors;

/** How a file holds the elements of a tensor; the names are those of safetensors. */
public enum Dtype {
  /** IEEE 754 binary64. */
  F64(8, true),
  /** IEEE 754 binary32. */
  F32(4, true),
  /** IEEE 754 binary16. */
  F16(2, true),
  /** The upper half of a binary32. */
  BF16(2, true),
  /** Signed, 64 bits. */
  I64(8, false),
  /** Signed, 32 bits. */
  I32(4, false),
  /** Signed, 16 bits. */
  I16(2, false),
  /** Signed, 8 bits. */
  I8(1, false),
  /** Unsigned, 8 bits. */
  U8(1, false),
  /** One byte: 0 is false, all else is true, read as 1. */
  BOOL(1, false);

  private final int bytes;
  private final boolean floating;

  Dtype(int bytes, boolean floating) {
    this.bytes = bytes;
    this.floating = floating;
  }

  /** The number of bytes of one element. */
  public int bytes() {
    return bytes;
  }

  /** Whether it holds numbers with a fraction: only these can be weights. */
  public boolean floating() {
    return floating;
  }

  /** The dtype of that name, or empty if there is none. */
  public static Optional<Dtype> named(String name) {
    return Arrays.stream(values()).filter(dtype -> dtype.name().equals(name)).findFirst();
  }

  /** All names, for messages. */
  public static String names() {
    return Arrays.stream(values()).map(Dtype::name).collect(Collectors.joining(", "));
  }
}
