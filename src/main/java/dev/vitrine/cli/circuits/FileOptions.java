package dev.vitrine.cli.circuits;

import dev.vitrine.cli.options.UsageException;
import dev.vitrine.cli.terminal.Terminal;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.function.Supplier;
import picocli.CommandLine.Option;

/** Files that a table or a picture also goes to. */
final class FileOptions {
  @Option(names = "--csv", paramLabel = "FILE", description = "Write the scores as a table too.")
  private String csv = "";

  @Option(names = "--svg", paramLabel = "FILE", description = "Draw them as a picture too.")
  private String svg = "";

  /**
   * Checks the names.
   *
   * @throws UsageException if one is no path
   */
  void check() {
    path("--csv", csv);
    path("--svg", svg);
  }

  /** Whether any file is asked for. */
  boolean isAsked() {
    return !csv.isEmpty() || !svg.isEmpty();
  }

  private static Path path(String flag, String name) {
    try {
      return Path.of(name);
    } catch (InvalidPathException e) {
      throw new UsageException(flag + " " + name + " is no path: " + e.getReason());
    }
  }

  /** Writes what was asked for, and says where it is. */
  void write(Terminal terminal, Supplier<String> table, Supplier<String> picture) {
    write(terminal, "--csv", csv, table);
    write(terminal, "--svg", svg, picture);
  }

  private static void write(Terminal terminal, String flag, String name, Supplier<String> content) {
    if (name.isEmpty()) {
      return;
    }
    try {
      Files.writeString(path(flag, name), content.get(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new IllegalArgumentException(
          name + ": cannot be written: " + e.getMessage() + "; choose another " + flag, e);
    }
    terminal.err().println("wrote " + name);
  }
}
