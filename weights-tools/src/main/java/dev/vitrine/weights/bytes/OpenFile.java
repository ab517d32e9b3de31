package dev.vitrine.weights.bytes;

import dev.vitrine.weights.WeightsException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Objects;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * A file that is read in pieces, at any place and by several threads at once.
 *
 * <p>Not mapped: pages of a mapping count as the process's own until they are unmapped, and threads
 * that read at different places would each need a window of their own. In pieces of 64 to 256 KiB,
 * which stay in the nearest caches, a file came as fast as mapped to one thread and 1.1 to 1.5
 * times as fast to two; in pieces of 4 MiB at half the speed (a Xeon, the file in the page cache).
 */
final class OpenFile implements Storage {

  private static final int PIECE = 128 << 10;

  private final Path file;
  private final FileChannel channel;
  private final long length;

  /** As many as there were threads reading at once. */
  private final ConcurrentLinkedQueue<ByteBuffer> buffers = new ConcurrentLinkedQueue<>();

  private OpenFile(Path file, FileChannel channel, long length) {
    this.file = file;
    this.channel = channel;
    this.length = length;
  }

  static OpenFile open(Path file) {
    if (Files.isDirectory(file)) {
      throw new WeightsException(file + ": is a directory, not a file");
    }
    try {
      FileChannel channel = FileChannel.open(file, StandardOpenOption.READ);
      try {
        return new OpenFile(file, channel, channel.size());
      } catch (IOException e) {
        channel.close();
        throw e;
      }
    } catch (NoSuchFileException e) {
      throw new WeightsException(file + ": there is no such file; check the path", e);
    } catch (AccessDeniedException e) {
      throw new WeightsException(file + ": may not be read; check its permissions", e);
    } catch (IOException e) {
      throw failure(file, e);
    }
  }

  @Override
  public String origin() {
    return file.toString();
  }

  @Override
  public long length() {
    return length;
  }

  @Override
  public void read(long offset, byte[] into, int at, int count) {
    Objects.checkFromIndexSize(offset, count, length);
    Objects.checkFromIndexSize(at, count, into.length);
    pieces(offset, count, (piece, done) -> piece.get(into, at + (int) done, piece.remaining()));
  }

  @Override
  public void read(long offset, float[] into, int at, int count) {
    Objects.checkFromIndexSize(offset, (long) count * Float.BYTES, length);
    Objects.checkFromIndexSize(at, count, into.length);
    pieces(
        offset,
        (long) count * Float.BYTES,
        (piece, done) ->
            piece
                .asFloatBuffer()
                .get(into, at + (int) (done / Float.BYTES), piece.remaining() / Float.BYTES));
  }

  private interface Piece {
    void take(ByteBuffer piece, long done);
  }

  private void pieces(long offset, long count, Piece take) {
    ByteBuffer buffer = buffers.poll();
    if (buffer == null) {
      buffer = ByteBuffer.allocateDirect(PIECE).order(ByteOrder.LITTLE_ENDIAN);
    }
    for (long done = 0; done < count; done += PIECE) {
      buffer.clear().limit((int) Math.min(PIECE, count - done));
      fill(buffer, offset + done);
      take.take(buffer.flip(), done);
    }
    buffers.add(buffer);
  }

  private void fill(ByteBuffer buffer, long from) {
    try {
      while (buffer.hasRemaining()) {
        if (channel.read(buffer, from + buffer.position()) < 0) {
          throw new WeightsException(file + ": became shorter while it was read; fetch it again");
        }
      }
    } catch (ClosedChannelException e) {
      throw new WeightsException(file + ": is closed already; open it again", e);
    } catch (IOException e) {
      throw failure(file, e);
    }
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      throw failure(file, e);
    }
  }

  private static WeightsException failure(Path file, IOException e) {
    return new WeightsException(file + ": cannot be read (" + e.getMessage() + ")", e);
  }
}
