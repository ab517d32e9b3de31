package dev.vitrine.cli.options;

import picocli.CommandLine.Option;

/** Flags that every verb has. */
public final class OutputOptions {
  @Option(names = "--json", description = "Print JSON.")
  private boolean json;

  // Read by Main, as an error may come before the flags are known.
  @Option(names = "--debug", description = "Show the stack trace of an error.")
  @SuppressWarnings("UnusedVariable")
  private boolean debug;

  @Option(names = "--help", usageHelp = true, description = "Print this help.")
  @SuppressWarnings("UnusedVariable") // picocli asks for it
  private boolean help;

  /** For picocli. */
  public OutputOptions() {}

  /** Whether to print JSON. */
  public boolean json() {
    return json;
  }
}
