package dev.vitrine.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The command without a verb. */
@Command(
    name = "vitrine",
    description = "GPT-2 in pure Java, and what one sees in it.",
    synopsisHeading = "Usage: ",
    descriptionHeading = "%n",
    commandListHeading = "%nVerbs:%n",
    optionListHeading = "%nOptions:%n",
    footer = {
      "",
      "vitrine VERB --help says more. Try:",
      "  vitrine look \"When Mary and John went to the store, John gave a drink to\""
    })
final class Vitrine {
  @Option(names = "--version", description = "Print the version.")
  private boolean version;

  @Option(names = "--help", usageHelp = true, description = "Print this help.")
  @SuppressWarnings("UnusedVariable") // picocli asks for it
  private boolean help;

  @Option(names = "--debug", description = "Show the stack trace of an error.")
  @SuppressWarnings("UnusedVariable")
  private boolean debug;

  boolean version() {
    return version;
  }
}
