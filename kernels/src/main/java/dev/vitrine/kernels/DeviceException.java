package dev.vitrine.kernels;

/**
 * A device that refused or failed: its memory is full, or what runs on it broke. The message says
 * which, and what to do.
 */
public final class DeviceException extends IllegalStateException {
  private static final long serialVersionUID = 1;

  private final String reason;

  public DeviceException(String reason, String remedy) {
    super(reason + ": " + remedy);
    this.reason = reason;
  }

  /** What went wrong, without what to do about it. */
  public String reason() {
    return reason;
  }
}
