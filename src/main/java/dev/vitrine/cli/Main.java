package dev.vitrine.cli;

import dev.vitrine.cli.circuits.CircuitsVerb;
import dev.vitrine.cli.circuits.Heads;
import dev.vitrine.cli.experiment.Ablate;
import dev.vitrine.cli.experiment.ReplayVerb;
import dev.vitrine.cli.explain.AuditVerb;
import dev.vitrine.cli.explain.Diverge;
import dev.vitrine.cli.options.UsageException;
import dev.vitrine.cli.options.Version;
import dev.vitrine.cli.patching.SweepVerb;
import dev.vitrine.cli.terminal.Terminal;
import dev.vitrine.cli.verbs.Doctor;
import dev.vitrine.cli.verbs.Dump;
import dev.vitrine.cli.verbs.Generate;
import dev.vitrine.cli.verbs.Look;
import dev.vitrine.cli.verbs.TokensVerb;
import dev.vitrine.cli.verbs.Verb;
import dev.vitrine.cli.weights.Weights;
import dev.vitrine.cli.why.WhyVerb;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import picocli.CommandLine;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;

/**
 * The command line. Exit codes: 0; 1 for what only the model or the machine can know to be wrong; 2
 * where the command line alone is wrong. An error is one line on standard error.
 */
public final class Main {
  /** The least width that picocli lays its help out in. */
  private static final int LEAST_HELP_WIDTH = 55;

  private static final int MOST_HELP_WIDTH = 100;

  private static final Map<String, Supplier<Verb>> VERBS = verbs();

  private Main() {}

  private static Map<String, Supplier<Verb>> verbs() {
    Map<String, Supplier<Verb>> verbs = new LinkedHashMap<>();
    verbs.put("look", Look::new);
    verbs.put("tokens", TokensVerb::new);
    verbs.put("generate", Generate::new);
    verbs.put("dump", Dump::new);
    verbs.put("ablate", Ablate::new);
    verbs.put("replay", ReplayVerb::new);
    verbs.put("heads", Heads::new);
    verbs.put("circuits", CircuitsVerb::new);
    verbs.put("audit", AuditVerb::new);
    verbs.put("diverge", Diverge::new);
    verbs.put("sweep", SweepVerb::new);
    verbs.put("weights", Weights::new);
    verbs.put("why", WhyVerb::new);
    verbs.put("doctor", Doctor::new);
    return verbs;
  }

  /** Runs the command and ends the process. */
  public static void main(String[] arguments) {
    System.exit(run(Terminal.system(), arguments));
  }

  /** Runs a command; its exit code. */
  public static int run(Terminal terminal, String... arguments) {
    boolean debug = List.of(arguments).contains("--debug");
    try {
      int code = execute(terminal, arguments);
      terminal.flush();
      return code;
    } catch (Exception | OutOfMemoryError | StackOverflowError | LinkageError e) {
      return Errors.report(e, debug, terminal.err());
    }
  }

  private static int execute(Terminal terminal, String... arguments) {
    CommandLine root = commandLine(terminal, arguments);
    ParseResult parsed;
    try {
      parsed = root.parseArgs(arguments);
    } catch (ParameterException e) {
      throw new UsageException(Errors.explain(e, root));
    }
    List<CommandLine> commands = parsed.asCommandLineList();
    CommandLine last = commands.getLast();
    if (last.isUsageHelpRequested()) {
      Ansi ansi = terminal.colour() ? Ansi.ON : Ansi.OFF;
      terminal.print(last.getUsageMessage(ansi));
      return 0;
    }
    if (((Vitrine) root.getCommand()).version()) {
      terminal.line("vitrine " + Version.text());
      return 0;
    }
    if (commands.size() == 1) {
      throw new UsageException(
          "say what to do: "
              + String.join(", ", root.getSubcommands().keySet())
              + " (vitrine --help says more)");
    }
    return ((Verb) last.getCommand()).run(terminal);
  }

  private static CommandLine commandLine(Terminal terminal, String... arguments) {
    CommandLine root = new CommandLine(new Vitrine());
    // Picocli reads the flags of every verb that it is told of, which a command waits for.
    Supplier<Verb> named = arguments.length == 0 ? null : VERBS.get(arguments[0]);
    if (named != null) {
      root.addSubcommand(named.get());
    } else {
      VERBS.values().forEach(verb -> root.addSubcommand(verb.get()));
    }
    int width = Math.min(terminal.width(), MOST_HELP_WIDTH);
    root.getSubcommands().values().forEach(verb -> HelpText.group(verb, width));
    root.setUsageHelpWidth(Math.max(width, LEAST_HELP_WIDTH));
    return root;
  }
}
