package dev.vitrine.weights.bytes;

import dev.vitrine.weights.Dtype;
import dev.vitrine.weights.TensorWriter;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/** What the writers of all formats have in common: the order of calls, and the encoding. */
public abstract class SequentialWriter implements TensorWriter {

  private static final int CHUNK = 8192;

  /** A tensor to be written, {@code size} elements of it. */
  protected record Declaration(String name, Dtype dtype, List<Long> shape, long size) {
    /** The number of bytes that it takes. */
    public long bytes() {
      return size / dtype.blockElements() * dtype.blockBytes();
    }
  }

  private final Destination destination;
  private final Map<String, String> metadata = new LinkedHashMap<>();
  private final List<Declaration> declarations = new ArrayList<>();
  private final Set<String> names = new HashSet<>();
  private boolean begun;
  private int current;
  private long written;

  /** A writer that writes there, and closes it. */
  protected SequentialWriter(Destination destination) {
    this.destination = destination;
  }

  /** Refuses a dtype or a name that the format does not have. */
  protected abstract void check(String name, Dtype dtype);

  /** Writes what comes before all tensors. */
  protected abstract void begin(List<Declaration> declarations, Map<String, String> metadata);

  /** Writes what comes before the elements of a tensor. */
  protected abstract void beginTensor(Declaration declaration);

  /** Writes elements, encoded. */
  protected abstract void elements(byte[] bytes, int count);

  /** Writes what comes after the elements of a tensor. */
  protected abstract void endTensor(Declaration declaration);

  /** Writes what comes after all tensors. */
  protected abstract void end();

  @Override
  public final void metadata(String key, String value) {
    checkNotBegun();
    metadata.put(key, value);
  }

  @Override
  public final void declare(String name, Dtype dtype, long... shape) {
    checkNotBegun();
    check(name, dtype);
    if (!names.add(name)) {
      throw new IllegalArgumentException("tensor '" + name + "' is declared twice");
    }
    List<Long> lengths = LongStream.of(shape).boxed().toList();
    declarations.add(new Declaration(name, dtype, lengths, size(name, dtype, shape)));
  }

  private static long size(String name, Dtype dtype, long... shape) {
    try {
      long size = 1;
      for (long length : shape) {
        size = Math.multiplyExact(size, Objects.checkIndex(length, Long.MAX_VALUE));
      }
      Math.multiplyExact(size, (long) dtype.blockBytes());
      return size;
    } catch (ArithmeticException | IndexOutOfBoundsException e) {
      throw new IllegalArgumentException("tensor '" + name + "' has an impossible shape", e);
    }
  }

  private void checkNotBegun() {
    if (begun) {
      throw new IllegalStateException("tensors and metadata are declared before all writing");
    }
  }

  @Override
  public final void write(String name, float[] elements, int from, int count) {
    Objects.checkFromIndexSize(from, count, elements.length);
    write(
        name,
        count,
        (dtype, i, bytes, at) -> Encoding.encode(dtype, elements[from + i], bytes, at));
  }

  @Override
  public final void write(String name, double[] elements, int from, int count) {
    Objects.checkFromIndexSize(from, count, elements.length);
    write(
        name,
        count,
        (dtype, i, bytes, at) -> Encoding.encode(dtype, elements[from + i], bytes, at));
  }

  @Override
  public final void write(String name, long[] elements, int from, int count) {
    Objects.checkFromIndexSize(from, count, elements.length);
    write(
        name,
        count,
        (dtype, i, bytes, at) -> Encoding.encode(dtype, elements[from + i], bytes, at));
  }

  private interface Encoder {
    void encode(Dtype dtype, int i, byte[] bytes, int at);
  }

  private void write(String name, int count, Encoder encoder) {
    Declaration tensor = next();
    if (tensor == null || !tensor.name().equals(name)) {
      throw new IllegalStateException(
          "tensor '"
              + name
              + "' cannot be written now; next is "
              + (tensor == null ? "none" : "'" + tensor.name() + "'"));
    }
    if (count > tensor.size() - written) {
      throw new IllegalArgumentException(
          "tensor '" + name + "' has " + tensor.size() + " elements, not " + (written + count));
    }
    Dtype dtype = tensor.dtype();
    if (count % dtype.blockElements() != 0) {
      throw new IllegalArgumentException(
          "tensor '" + name + "' is written in blocks of " + dtype.blockElements());
    }
    int chunk = Math.min(count, CHUNK);
    byte[] bytes = new byte[chunk / dtype.blockElements() * dtype.blockBytes()];
    byte[] floats = new byte[dtype.quantised() ? chunk * Float.BYTES : 0];
    for (int done = 0; done < count; done += CHUNK) {
      int some = Math.min(CHUNK, count - done);
      for (int i = 0; i < some; i++) {
        if (dtype.quantised()) {
          encoder.encode(Dtype.F32, done + i, floats, i);
        } else {
          encoder.encode(dtype, done + i, bytes, i);
        }
      }
      if (dtype.quantised()) {
        Encoding.quantise(floats, some, bytes);
      }
      elements(bytes, some / dtype.blockElements() * dtype.blockBytes());
    }
    written += count;
    finishTensorIfWhole(tensor);
  }

  /** The tensor to be written now, or null after the last; tensors without elements are passed. */
  private @Nullable Declaration next() {
    if (!begun) {
      begun = true;
      begin(Collections.unmodifiableList(declarations), Collections.unmodifiableMap(metadata));
      startTensors();
    }
    return current < declarations.size() ? declarations.get(current) : null;
  }

  private void startTensors() {
    while (current < declarations.size()) {
      Declaration tensor = declarations.get(current);
      beginTensor(tensor);
      if (tensor.size() > 0) {
        return;
      }
      endTensor(tensor);
      current++;
    }
  }

  private void finishTensorIfWhole(Declaration tensor) {
    if (written == tensor.size()) {
      endTensor(tensor);
      current++;
      written = 0;
      startTensors();
    }
  }

  @Override
  public final void finish() {
    Declaration tensor = next();
    if (tensor != null) {
      throw new IllegalStateException(
          "tensor '"
              + tensor.name()
              + "' has "
              + tensor.size()
              + " elements, of which "
              + written
              + " are written");
    }
    end();
    destination.commit();
  }

  @Override
  public final void close() {
    destination.close();
  }
}
