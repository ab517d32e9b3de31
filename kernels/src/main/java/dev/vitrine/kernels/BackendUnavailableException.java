package dev.vitrine.kernels;

/** A backend that exists but cannot run here; the message says why, and what to do about it. */
public final class BackendUnavailableException extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final String reason;
  private final String remedy;

  /** Says that the backend of that name cannot run here, why, and what to do about it. */
  public BackendUnavailableException(String name, String reason, String remedy) {
    super("backend %s cannot run here: %s; %s".formatted(name, reason, remedy));
    this.reason = reason;
    this.remedy = remedy;
  }

  /** Why it cannot run. */
  public String reason() {
    return reason;
  }

  /** What to do about it. */
  public String remedy() {
    return remedy;
  }
}
