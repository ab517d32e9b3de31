package dev.vitrine.weights.bytes;

import dev.vitrine.weights.WeightsException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Objects;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A file of which one window is mapped at a time.
 *
 * <p>Pages that were read count as the process's own until they are unmapped: GPT-2 small, mapped
 * whole and packed, takes nearly twice the memory that it takes in windows of this size. Elements
 * are copied out under a lock; the copy is far faster than the disk.
 */
final class MappedFile implements Storage {

  static final long WINDOW_BYTES = 16L << 20;

  private final Path file;
  private final FileChannel channel;
  private final long length;
  private final ReentrantLock lock = new ReentrantLock();
  private @Nullable Arena arena;
  private MemorySegment window = MemorySegment.NULL;
  private long start;

  private MappedFile(Path file, FileChannel channel, long length) {
    this.file = file;
    this.channel = channel;
    this.length = length;
  }

  static MappedFile open(Path file) {
    if (Files.isDirectory(file)) {
      throw new WeightsException(file + ": is a directory, not a file");
    }
    try {
      FileChannel channel = FileChannel.open(file, StandardOpenOption.READ);
      try {
        return new MappedFile(file, channel, channel.size());
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
    lock.lock();
    try {
      int done = 0;
      while (done < count) {
        long inWindow = moveTo(offset + done);
        int some = (int) Math.min(count - done, window.byteSize() - inWindow);
        MemorySegment.copy(window, ValueLayout.JAVA_BYTE, inWindow, into, at + done, some);
        done += some;
      }
    } catch (IOException e) {
      throw failure(file, e);
    } catch (InternalError e) {
      // A page of a mapping that the file no longer reaches.
      throw new WeightsException(file + ": became shorter while it was read; fetch it again", e);
    } finally {
      lock.unlock();
    }
  }

  /** Maps the window that holds {@code offset} and returns the place of {@code offset} in it. */
  @SuppressWarnings("MustBeClosedChecker") // unmap() closes it
  private long moveTo(long offset) throws IOException {
    if (!channel.isOpen()) {
      throw new WeightsException(file + ": is closed already; open it again");
    }
    long place = offset - start;
    if (arena == null || place < 0 || place >= window.byteSize()) {
      unmap();
      start = offset - offset % WINDOW_BYTES;
      Arena next = Arena.ofShared();
      arena = next;
      window = channel.map(MapMode.READ_ONLY, start, Math.min(WINDOW_BYTES, length - start), next);
    }
    return offset - start;
  }

  private void unmap() {
    if (arena != null) {
      arena.close();
      arena = null;
    }
    window = MemorySegment.NULL;
  }

  @Override
  public void close() {
    lock.lock();
    try {
      unmap();
      channel.close();
    } catch (IOException e) {
      throw failure(file, e);
    } finally {
      lock.unlock();
    }
  }

  private static WeightsException failure(Path file, IOException e) {
    return new WeightsException(file + ": cannot be read (" + e.getMessage() + ")", e);
  }
}
