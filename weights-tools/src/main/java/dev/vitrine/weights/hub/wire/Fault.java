package dev.vitrine.weights.hub.wire;

import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A failure that may pass: the same request is worth sending again. */
public final class Fault extends IOException {

  private static final long serialVersionUID = 1L;

  private final @Nullable Duration wait;

  /** A failure that says what happened, and where; what was wanted is added later. */
  public Fault(String message) {
    super(message);
    this.wait = null;
  }

  /** A failure that the machine reported. */
  public Fault(String message, Throwable cause) {
    super(message, cause);
    this.wait = null;
  }

  /** A failure of a server that said how long to wait. */
  Fault(String message, Duration wait) {
    super(message);
    this.wait = wait;
  }

  /** How long the server asked to wait. */
  Optional<Duration> asked() {
    return Optional.ofNullable(wait);
  }

  /** The message, never null. */
  public String line() {
    String message = getMessage();
    return message == null ? "failed" : message;
  }
}
