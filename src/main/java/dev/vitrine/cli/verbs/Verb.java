package dev.vitrine.cli.verbs;

import dev.vitrine.cli.terminal.Terminal;

/** Something that the command line does. */
@FunctionalInterface
public interface Verb {

  /** Does it; the exit code. */
  int run(Terminal terminal);
}
