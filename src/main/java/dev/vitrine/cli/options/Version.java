package dev.vitrine.cli.options;

import java.util.Objects;

/** The version of this program. */
public final class Version {
  private Version() {}

  /** As the jar says it; outside a jar there is none. */
  public static String text() {
    return Objects.requireNonNullElse(
        Version.class.getPackage().getImplementationVersion(), "unreleased");
  }
}
