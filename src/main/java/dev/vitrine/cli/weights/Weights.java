package dev.vitrine.cli.weights;

import dev.vitrine.cli.options.UsageException;
import dev.vitrine.cli.terminal.Terminal;
import dev.vitrine.cli.verbs.Verb;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The verbs on files of weights. */
@Command(
    name = "weights",
    description = "Fetch, inspect, verify and convert files of weights.",
    subcommands = {Fetch.class, Inspect.class, Verify.class, Convert.class},
    commandListHeading = "%nVerbs:%n",
    footer = {"", "vitrine weights VERB --help says more."})
public final class Weights implements Verb {
  @Option(names = "--help", usageHelp = true, description = "Print this help.")
  @SuppressWarnings("UnusedVariable") // picocli asks for it
  private boolean help;

  @Option(names = "--debug", description = "Show the stack trace of an error.")
  @SuppressWarnings("UnusedVariable")
  private boolean debug;

  /** For picocli. */
  public Weights() {}

  @Override
  public int run(Terminal terminal) {
    throw new UsageException(
        "say what to do with weights: fetch, inspect, verify, convert (vitrine weights --help says"
            + " more)");
  }
}
