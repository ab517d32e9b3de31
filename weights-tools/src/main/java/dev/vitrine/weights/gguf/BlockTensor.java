package dev.vitrine.weights.gguf;

import dev.vitrine.weights.Dtype;
import dev.vitrine.weights.StoredTensor;
import dev.vitrine.weights.WeightsException;
import dev.vitrine.weights.bytes.Storage;
import java.util.List;
import java.util.Objects;

/**
 * A tensor of quantised blocks, which lie one after another along its last axis.
 *
 * @param offset where its first byte lies; whoever makes it has checked that all bytes are there
 */
record BlockTensor(String name, Dtype dtype, List<Long> shape, Storage storage, long offset)
    implements StoredTensor {

  @Override
  public void read(long from, int count, float[] into, int at) {
    Objects.checkFromIndexSize(at, count, into.length);
    blocks(
        from, count, (block, first, n, done) -> System.arraycopy(block, first, into, at + done, n));
  }

  @Override
  public void read(long from, int count, double[] into, int at) {
    Objects.checkFromIndexSize(at, count, into.length);
    blocks(
        from,
        count,
        (block, first, n, done) -> {
          for (int i = 0; i < n; i++) {
            into[at + done + i] = block[first + i];
          }
        });
  }

  @Override
  public void read(long from, int count, long[] into, int at) {
    throw new WeightsException(
        storage.origin() + ": tensor '" + name + "' is " + dtype + ", not integers");
  }

  private interface Block {
    /** Takes {@code count} elements of a block, after {@code done} that came before. */
    void take(float[] block, int first, int count, int done);
  }

  private void blocks(long from, int count, Block block) {
    Objects.checkFromIndexSize(from, count, size());
    byte[] bytes = new byte[dtype.blockBytes()];
    float[] elements = new float[dtype.blockElements()];
    int done = 0;
    while (done < count) {
      long number = (from + done) / elements.length;
      int first = (int) ((from + done) % elements.length);
      int some = Math.min(count - done, elements.length - first);
      storage.read(offset + number * bytes.length, bytes, 0, bytes.length);
      Blocks.dequantise(dtype, bytes, 0, elements, 0);
      block.take(elements, first, some, done);
      done += some;
    }
  }
}
