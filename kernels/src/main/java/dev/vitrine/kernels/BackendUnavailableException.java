package dev.vitrine.kernels;

/** A backend that exists but cannot run here; the message says why, and what to do about it. */
public final class BackendUnavailableException extends RuntimeException {
  private static final long serialVersionUID = 1;

  public BackendUnavailableException(String message) {
    super(message);
  }
}
