package dev.vitrine.weights;

import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * How a file holds the elements of a tensor; the names are those of safetensors, and for blocks
 * those of GGUF.
 */
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
  BOOL(1, false),
  /** Blocks of 32: a scale, 8 bits each. */
  Q8_0(32, 34),
  /** Blocks of 32: a scale, 4 bits each. */
  Q4_0(32, 18),
  /** Blocks of 32: a scale and a least value, 4 bits each. */
  Q4_1(32, 20),
  /** Blocks of 32: a scale, 5 bits each. */
  Q5_0(32, 22),
  /** Blocks of 32: a scale and a least value, 5 bits each. */
  Q5_1(32, 24),
  /** Blocks of 256 in eight parts with scales and least values, 4 bits each. */
  Q4_K(256, 144),
  /** Blocks of 256 in eight parts with scales and least values, 5 bits each. */
  Q5_K(256, 176),
  /** Blocks of 256 in sixteen parts with scales, 6 bits each. */
  Q6_K(256, 210);

  private final int blockElements;
  private final int blockBytes;
  private final boolean floating;

  Dtype(int bytes, boolean floating) {
    this.blockElements = 1;
    this.blockBytes = bytes;
    this.floating = floating;
  }

  Dtype(int blockElements, int blockBytes) {
    this.blockElements = blockElements;
    this.blockBytes = blockBytes;
    this.floating = true;
  }

  /**
   * The number of bytes of one element.
   *
   * @throws IllegalStateException if elements come in blocks
   */
  public int bytes() {
    if (quantised()) {
      throw new IllegalStateException(this + " comes in blocks");
    }
    return blockBytes;
  }

  /** The number of elements that are held together: 1 unless {@link #quantised()}. */
  public int blockElements() {
    return blockElements;
  }

  /** The number of bytes of {@link #blockElements()} elements. */
  public int blockBytes() {
    return blockBytes;
  }

  /** Whether elements are held in blocks of fewer bits than a number needs. */
  public boolean quantised() {
    return blockElements > 1;
  }

  /** Whether it holds numbers with a fraction: only these can be weights. */
  public boolean floating() {
    return floating;
  }

  /** The dtype of that name that is not {@link #quantised()}, or empty if there is none. */
  public static Optional<Dtype> named(String name) {
    return Arrays.stream(values())
        .filter(dtype -> !dtype.quantised() && dtype.name().equals(name))
        .findFirst();
  }

  /** The names of all that are not {@link #quantised()}, for messages. */
  public static String names() {
    return Arrays.stream(values())
        .filter(dtype -> !dtype.quantised())
        .map(Dtype::name)
        .collect(Collectors.joining(", "));
  }
}
