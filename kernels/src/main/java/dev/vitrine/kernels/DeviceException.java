package dev.vitrine.kernels;

/**
 * A device that refused or failed: its memory is full, or what runs on it broke. The message says
 * which, and what to do.
 */
public class DeviceException extends IllegalStateException {
  private static final long serialVersionUID = 1;

  public DeviceException(String message) {
    super(message);
  }
}
