package dev.vitrine.weights.hub.wire;

import dev.vitrine.weights.WeightsException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpHeaders;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/** What a server answered. Its body is read piece by piece, and a server that stalls is left. */
public final class Reply implements AutoCloseable {

  /** Fewer bytes than this within the time of a stall are as good as none. */
  private static final int ALIVE = 1024;

  private static final int PIECE = 1 << 16;

  private final HttpResponse<InputStream> response;
  private final List<HttpHeaders> earlier;
  private final Duration stall;
  private final Thread watcher;
  private volatile boolean reading;
  private volatile boolean stalled;
  private volatile long deadline;
  private long until;
  private int sinceRenewed;
  private long returned = System.nanoTime();

  Reply(HttpResponse<InputStream> response, List<HttpHeaders> earlier, Duration stall) {
    this.response = response;
    this.earlier = List.copyOf(earlier);
    this.stall = stall;
    this.until = returned + stall.toNanos();
    this.deadline = until;
    this.watcher = Thread.ofVirtual().name("hub-stall").unstarted(this::watch);
  }

  /** The status, such as 200. */
  public int status() {
    return response.statusCode();
  }

  /** Where it came from, after redirects. */
  public URI uri() {
    return response.uri();
  }

  /** The host that answered, for messages: an address after a redirect may hold secrets. */
  public String host() {
    return Wire.place(uri());
  }

  /** A header of the answer. */
  public Optional<String> header(String name) {
    return response.headers().firstValue(name);
  }

  /** A header of the answer or of the redirects before it, the first that has it. */
  public Optional<String> along(String name) {
    for (HttpHeaders headers : earlier) {
      Optional<String> value = headers.firstValue(name);
      if (value.isPresent()) {
        return value;
      }
    }
    return header(name);
  }

  /** A text as a length, or empty if it is none. */
  public static OptionalLong length(Optional<String> text) {
    return text.filter(digits -> digits.matches("[0-9]{1,18}")).stream()
        .mapToLong(Long::parseLong)
        .findFirst();
  }

  /** Whether it is a page for people. */
  public boolean page() {
    return header("content-type").filter(type -> type.startsWith("text/html")).isPresent();
  }

  /**
   * Reads what comes next.
   *
   * @return how many bytes, or -1 at the end
   * @throws Fault if the server breaks off or stalls
   */
  public int read(byte[] into) throws Fault {
    if (watcher.getState() == Thread.State.NEW) {
      watcher.start();
    }
    // What the caller did meanwhile is no stall of the server.
    until += System.nanoTime() - returned;
    deadline = until;
    reading = true;
    try {
      int count = response.body().read(into);
      sinceRenewed += Math.max(count, 0);
      if (sinceRenewed >= ALIVE) {
        sinceRenewed = 0;
        until = System.nanoTime() + stall.toNanos();
        deadline = until;
      }
      return count;
    } catch (IOException e) {
      if (Thread.currentThread().isInterrupted()) {
        throw new WeightsException("the fetch was interrupted; fetch again to go on", e);
      }
      throw new Fault(
          host() + (stalled ? " sends nothing for " + stall.toSeconds() + " s" : " broke off"), e);
    } finally {
      reading = false;
      returned = System.nanoTime();
    }
  }

  /**
   * Reads all, which is no more than {@code limit} bytes.
   *
   * @throws Fault if the server breaks off or stalls
   * @throws WeightsException if it is more
   */
  public byte[] all(int limit) throws Fault {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    byte[] piece = new byte[PIECE];
    for (int count = read(piece); count >= 0; count = read(piece)) {
      if (count > limit - bytes.size()) {
        throw new WeightsException(
            host() + ": sends more than " + limit + " bytes of description; it is refused");
      }
      bytes.write(piece, 0, count);
    }
    return bytes.toByteArray();
  }

  private void watch() {
    try {
      while (true) {
        long left = deadline - System.nanoTime();
        if (left <= 0 && reading) {
          stalled = true;
          close(response);
          return;
        }
        Thread.sleep(Duration.ofNanos(Math.max(left, 20_000_000)));
      }
    } catch (InterruptedException e) {
      // The reply is closed.
    }
  }

  @Override
  public void close() {
    watcher.interrupt();
    close(response);
  }

  static void close(HttpResponse<InputStream> response) {
    try {
      response.body().close();
    } catch (IOException e) {
      // Nothing more is wanted of it.
    }
  }
}
