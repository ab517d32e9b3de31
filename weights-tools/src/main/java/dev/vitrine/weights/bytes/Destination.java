package dev.vitrine.weights.bytes;

import dev.vitrine.weights.WeightsException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Locale;
import java.util.concurrent.ThreadLocalRandom;

/**
 * A file to be: written under another name beside its place, which it takes when it is whole.
 *
 * <p>What is no regular file, such as a pipe or a device, is written to directly. Errors are {@link
 * WeightsException}s, so that layers in between need not translate them.
 */
public final class Destination extends OutputStream {

  private static final int BUFFER = 1 << 16;

  private final Path file;
  private final Path written;
  private final FileChannel channel;
  private final ByteBuffer buffer = ByteBuffer.allocate(BUFFER);
  private boolean committed;

  private Destination(Path file, Path written, FileChannel channel) {
    this.file = file;
    this.written = written;
    this.channel = channel;
  }

  /**
   * Begins a file.
   *
   * @throws WeightsException if it cannot be written there
   */
  public static Destination of(Path file) {
    if (Files.isDirectory(file)) {
      throw new WeightsException(file + ": is a directory; name a file in it");
    }
    try {
      if (Files.exists(file) && !Files.isRegularFile(file)) {
        return new Destination(file, file, FileChannel.open(file, StandardOpenOption.WRITE));
      }
      Path target = file.toAbsolutePath();
      if (Files.isSymbolicLink(target)) {
        target = target.toRealPath();
      }
      Path part = target.resolveSibling("." + target.getFileName() + "." + suffix() + ".part");
      return new Destination(
          target,
          part,
          FileChannel.open(part, StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW));
    } catch (NoSuchFileException e) {
      throw new WeightsException(file + ": there is no such directory; make it first", e);
    } catch (AccessDeniedException e) {
      throw new WeightsException(file + ": may not be written; check the permissions", e);
    } catch (IOException e) {
      throw failure(file, e);
    }
  }

  private static String suffix() {
    return String.format(Locale.ROOT, "%08x", ThreadLocalRandom.current().nextInt());
  }

  /** The name of the file to be. */
  public String origin() {
    return file.toString();
  }

  @Override
  public void write(int b) {
    write(new byte[] {(byte) b}, 0, 1);
  }

  @Override
  public void write(byte[] bytes, int from, int count) {
    int done = 0;
    while (done < count) {
      if (!buffer.hasRemaining()) {
        flush();
      }
      int some = Math.min(count - done, buffer.remaining());
      buffer.put(bytes, from + done, some);
      done += some;
    }
  }

  @Override
  public void flush() {
    buffer.flip();
    try {
      while (buffer.hasRemaining()) {
        channel.write(buffer);
      }
    } catch (IOException e) {
      throw failure(file, e);
    }
    buffer.clear();
  }

  /**
   * Puts the file in its place.
   *
   * @throws WeightsException if that cannot be done
   */
  public void commit() {
    flush();
    try {
      if (!written.equals(file)) {
        // Else a crash could leave a file of the right name and length, full of zeros.
        channel.force(true);
      }
      channel.close();
      if (!written.equals(file)) {
        move();
      }
      committed = true;
    } catch (IOException e) {
      throw failure(file, e);
    }
  }

  private void move() throws IOException {
    try {
      Files.move(written, file, StandardCopyOption.ATOMIC_MOVE);
    } catch (AtomicMoveNotSupportedException e) {
      Files.move(written, file, StandardCopyOption.REPLACE_EXISTING);
    }
  }

  /** Drops what was written, unless it is committed. */
  @Override
  public void close() {
    if (committed) {
      return;
    }
    try {
      channel.close();
      if (!written.equals(file)) {
        Files.deleteIfExists(written);
      }
    } catch (IOException e) {
      throw failure(file, e);
    }
  }

  private static WeightsException failure(Path file, IOException e) {
    return new WeightsException(
        file + ": cannot be written (" + e.getMessage() + "); nothing was left there", e);
  }
}
