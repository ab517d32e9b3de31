package dev.vitrine.cli;

import dev.vitrine.cli.options.UsageException;
import dev.vitrine.kernels.BackendUnavailableException;
import dev.vitrine.tensor.Nearest;
import dev.vitrine.text.TokenizerException;
import dev.vitrine.weights.WeightsException;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CancellationException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** Turns what went wrong into one line and an exit code. */
final class Errors {
  private static final int WRONG_HERE = 1;
  private static final int WRONG_COMMAND_LINE = 2;

  private Errors() {}

  /** Prints the line; the exit code. */
  static int report(Throwable e, boolean debug, PrintStream err) {
    String message = message(e);
    if (message != null) {
      err.println("vitrine: " + oneLine(message));
    }
    if (debug) {
      e.printStackTrace(err);
    }
    err.flush();
    return e instanceof UsageException ? WRONG_COMMAND_LINE : WRONG_HERE;
  }

  /** What to say, or null if nothing needs saying. */
  private static @Nullable String message(Throwable e) {
    return switch (e) {
      case UncheckedIOException io -> output(io);
      case OutOfMemoryError _ ->
          "out of memory: give Java more, such as VITRINE_JAVA_OPTS=-Xmx8g, or a shorter prompt";
      case UsageException _,
          WeightsException _,
          TokenizerException _,
          BackendUnavailableException _,
          CancellationException _,
          IllegalArgumentException _,
          IllegalStateException _ ->
          said(e);
      case IndexOutOfBoundsException _ when isOurs(e) -> said(e);
      default -> "this is a fault of the program: " + e + " (--debug says where)";
    };
  }

  /** An index that the user named is said in words of ours; the library's are faults of ours. */
  private static boolean isOurs(Throwable e) {
    return e.getClass().equals(IndexOutOfBoundsException.class) && !said(e).startsWith("Index ");
  }

  private static String said(Throwable e) {
    String message = e.getMessage();
    return message == null ? e.toString() : message;
  }

  private static @Nullable String output(UncheckedIOException e) {
    IOException cause = e.getCause();
    String message = cause == null ? said(e) : said(cause);
    // Who reads a pipe and has enough, such as head, knows it.
    boolean closed = message.toLowerCase(Locale.ROOT).contains("broken pipe");
    return closed ? null : "the output cannot be written: " + message;
  }

  /** No control character of a file name or a prompt reaches the terminal. */
  private static String oneLine(String message) {
    StringBuilder line = new StringBuilder();
    message
        .codePoints()
        .map(c -> c == '\n' || c == '\t' ? ' ' : Character.isISOControl(c) ? '?' : c)
        .forEach(line::appendCodePoint);
    return line.toString().strip();
  }

  /** What is wrong with a command line, and what may have been meant. */
  static String explain(ParameterException e, CommandLine root) {
    CommandLine command = e.getCommandLine();
    if (e instanceof UnmatchedArgumentException unmatched && !unmatched.getUnmatched().isEmpty()) {
      String argument = unmatched.getUnmatched().getFirst();
      if (argument.startsWith("-")) {
        String flag =
            argument.contains("=") ? argument.substring(0, argument.indexOf('=')) : argument;
        return "there is no flag %s%s"
            .formatted(flag, suggestion(flag, flags(command), " (see " + help(command) + ")"));
      }
      if (!command.getSubcommands().isEmpty()) {
        List<String> verbs = new ArrayList<>(command.getSubcommands().keySet());
        return "there is no verb \"%s\"%s"
            .formatted(
                argument, suggestion(argument, verbs, "; there are " + String.join(", ", verbs)));
      }
      return "\"%s\" is one argument too many; a text with spaces goes in quotes"
          .formatted(argument);
    }
    String message = String.valueOf(e.getMessage());
    String first = message.substring(0, 1).toLowerCase(Locale.ROOT);
    return first + message.substring(1) + " (see " + help(command) + ")";
  }

  private static String help(CommandLine command) {
    return command.getCommandSpec().qualifiedName() + " --help";
  }

  private static List<String> flags(CommandLine command) {
    return command.getCommandSpec().optionsMap().keySet().stream().sorted().toList();
  }

  private static String suggestion(String wrong, List<String> known, String otherwise) {
    List<String> nearest = Nearest.names(wrong, known, 1);
    return nearest.isEmpty() ? otherwise : "; did you mean " + nearest.getFirst() + "?";
  }
}
