package dev.vitrine.weights.bytes;

import dev.vitrine.weights.Dtype;
import dev.vitrine.weights.StoredTensor;
import dev.vitrine.weights.WeightsException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Objects;

/**
 * A tensor whose elements lie one after another, row-major and little-endian, in a storage.
 *
 * @param offset where its first byte lies; whoever makes it has checked that all bytes are there
 */
public record DenseTensor(String name, Dtype dtype, List<Long> shape, Storage storage, long offset)
    implements StoredTensor {

  private static final int CHUNK = 8192;
  private static final VarHandle SHORT = view(short[].class);
  private static final VarHandle INT = view(int[].class);
  private static final VarHandle LONG = view(long[].class);

  private static VarHandle view(Class<?> array) {
    return MethodHandles.byteArrayViewVarHandle(array, ByteOrder.LITTLE_ENDIAN);
  }

  @Override
  public void read(long from, int count, float[] into, int at) {
    Objects.checkFromIndexSize(at, count, into.length);
    if (dtype == Dtype.F32) {
      Objects.checkFromIndexSize(from, count, size());
      storage.read(offset + from * Float.BYTES, into, at, count);
    } else {
      chunks(from, count, (bytes, first, n) -> widen(bytes, n, into, at + first));
    }
  }

  @Override
  public void read(long from, int count, double[] into, int at) {
    Objects.checkFromIndexSize(at, count, into.length);
    chunks(from, count, (bytes, first, n) -> widen(bytes, n, into, at + first));
  }

  @Override
  public void read(long from, int count, long[] into, int at) {
    Objects.checkFromIndexSize(at, count, into.length);
    if (dtype.floating()) {
      throw new WeightsException(
          storage.origin() + ": tensor '" + name + "' is " + dtype + ", not integers");
    }
    chunks(
        from,
        count,
        (bytes, first, n) -> {
          for (int i = 0; i < n; i++) {
            into[at + first + i] = integer(bytes, i);
          }
        });
  }

  private interface Chunk {
    void take(byte[] bytes, int first, int count);
  }

  private void chunks(long from, int count, Chunk chunk) {
    Objects.checkFromIndexSize(from, count, size());
    byte[] bytes = new byte[Math.min(count, CHUNK) * dtype.bytes()];
    for (int first = 0; first < count; first += CHUNK) {
      int some = Math.min(CHUNK, count - first);
      storage.read(offset + (from + first) * dtype.bytes(), bytes, 0, some * dtype.bytes());
      chunk.take(bytes, first, some);
    }
  }

  private void widen(byte[] bytes, int count, float[] into, int at) {
    switch (dtype) {
      case F32 -> {
        for (int i = 0; i < count; i++) {
          into[at + i] = Float.intBitsToFloat((int) INT.get(bytes, 4 * i));
        }
      }
      case F16 -> {
        for (int i = 0; i < count; i++) {
          into[at + i] = Float.float16ToFloat((short) SHORT.get(bytes, 2 * i));
        }
      }
      case BF16 -> {
        for (int i = 0; i < count; i++) {
          into[at + i] = Float.intBitsToFloat((short) SHORT.get(bytes, 2 * i) << 16);
        }
      }
      case F64 -> {
        for (int i = 0; i < count; i++) {
          into[at + i] = (float) Double.longBitsToDouble((long) LONG.get(bytes, 8 * i));
        }
      }
      default -> {
        for (int i = 0; i < count; i++) {
          into[at + i] = integer(bytes, i);
        }
      }
    }
  }

  private void widen(byte[] bytes, int count, double[] into, int at) {
    switch (dtype) {
      case F64 -> {
        for (int i = 0; i < count; i++) {
          into[at + i] = Double.longBitsToDouble((long) LONG.get(bytes, 8 * i));
        }
      }
      case F32, F16, BF16 -> {
        float[] floats = new float[count];
        widen(bytes, count, floats, 0);
        for (int i = 0; i < count; i++) {
          into[at + i] = floats[i];
        }
      }
      default -> {
        for (int i = 0; i < count; i++) {
          into[at + i] = integer(bytes, i);
        }
      }
    }
  }

  private long integer(byte[] bytes, int i) {
    return switch (dtype) {
      case I64 -> (long) LONG.get(bytes, 8 * i);
      case I32 -> (int) INT.get(bytes, 4 * i);
      case I16 -> (short) SHORT.get(bytes, 2 * i);
      case I8 -> bytes[i];
      case U8 -> bytes[i] & 0xff;
      case BOOL -> bytes[i] == 0 ? 0 : 1;
      default -> throw new IllegalStateException("no integers: " + dtype);
    };
  }
}
