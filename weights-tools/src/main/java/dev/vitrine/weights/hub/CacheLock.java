package dev.vitrine.weights.hub;

import dev.vitrine.weights.WeightsException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** Lets one thread of one process write a file of the cache; the others wait. */
final class CacheLock implements AutoCloseable {

  private static final System.Logger LOG = System.getLogger(CacheLock.class.getName());
  private static final Duration POLL = Duration.ofMillis(50);

  /** A lock of the system is the process's: its threads need one of their own. */
  private static final Map<Path, ReentrantLock> THREADS = new ConcurrentHashMap<>();

  private final ReentrantLock thread;
  private final FileChannel channel;

  private CacheLock(ReentrantLock thread, FileChannel channel) {
    this.thread = thread;
    this.channel = channel;
  }

  /**
   * Waits until nobody else holds it.
   *
   * @throws WeightsException if the file cannot be locked, or the thread is interrupted
   */
  static CacheLock of(Path file) {
    ReentrantLock thread =
        THREADS.computeIfAbsent(file.toAbsolutePath().normalize(), path -> new ReentrantLock());
    try {
      thread.lockInterruptibly();
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
    FileChannel channel = null;
    try {
      Files.createDirectories(file.getParent());
      channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      await(file, channel);
      return new CacheLock(thread, channel);
    } catch (IOException | RuntimeException e) {
      close(channel);
      thread.unlock();
      if (e instanceof RuntimeException own) {
        throw own;
      }
      throw new WeightsException(
          file
              + ": cannot be locked ("
              + e.getMessage()
              + "); set HF_HUB_CACHE to a folder that you may write",
          e);
    }
  }

  private static void await(Path file, FileChannel channel) throws IOException {
    boolean said = false;
    try {
      // The channel holds the lock until it is closed.
      while (!locked(channel)) {
        if (!said) {
          LOG.log(System.Logger.Level.INFO, "waiting for another process, which holds " + file);
          said = true;
        }
        Thread.sleep(POLL);
      }
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  private static boolean locked(FileChannel channel) throws IOException {
    try {
      return channel.tryLock() != null;
    } catch (OverlappingFileLockException e) {
      // Held by this process, but by another class loader's copy of this class.
      return false;
    }
  }

  private static WeightsException interrupted(InterruptedException e) {
    Thread.currentThread().interrupt();
    return new WeightsException("the fetch was interrupted; fetch again to go on", e);
  }

  private static void close(@Nullable FileChannel channel) {
    try {
      if (channel != null) {
        channel.close();
      }
    } catch (IOException e) {
      // The system frees the lock at the latest when the process ends.
    }
  }

  @Override
  public void close() {
    close(channel);
    thread.unlock();
  }
}
