package dev.vitrine.cli.edit;

import dev.vitrine.analysis.experiment.NamedTensor;
import dev.vitrine.cli.options.UsageException;
import dev.vitrine.model.Gpt2;
import dev.vitrine.tensor.Axis;
import dev.vitrine.tensor.Tensor;
import dev.vitrine.trace.Batch;
import dev.vitrine.trace.edit.Edit;
import dev.vitrine.trace.edit.Target;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One edit as it is written on the command line. Its syntax is checked when it is made; what it
 * names is looked up when there is a model.
 */
@FunctionalInterface
interface EditFlag {

  /** The edit, of the plain run and of the run that values are taken from. */
  Edit edit(Gpt2 model, Batch plain, Batch from);

  /** {@code --zero TARGET}. */
  static EditFlag zero(String argument) {
    Target target = target("--zero", argument);
    return (model, plain, from) -> Edit.zero(target);
  }

  /** {@code --set TARGET=VALUE} or {@code --set TARGET=FILE#TENSOR}. */
  static EditFlag set(String argument) {
    Assignment written = Assignment.of("--set", argument, "VALUE");
    if (isNumber(written.value)) {
      double value = number(written.value);
      return (model, plain, from) -> Edit.set(written.target, value);
    }
    Stored stored = Stored.of("--set", written.value, "a number, -inf, nan or FILE#TENSOR");
    return (model, plain, from) -> Edit.set(written.target, stored.read(written.target, model));
  }

  /** {@code --scale TARGET=FACTOR}. */
  static EditFlag scale(String argument) {
    Assignment written = Assignment.of("--scale", argument, "FACTOR");
    if (!isNumber(written.value)) {
      throw new UsageException("--scale takes TARGET=FACTOR, and " + notA("number", written.value));
    }
    double factor = number(written.value);
    return (model, plain, from) -> Edit.scale(written.target, factor);
  }

  /** {@code --add TARGET=FILE#TENSOR} or {@code --add TARGET=SCALE*FILE#TENSOR}. */
  static EditFlag add(String argument) {
    Assignment written = Assignment.of("--add", argument, "FILE#TENSOR");
    Matcher scaled = Written.SCALED.matcher(written.value);
    double scale = scaled.matches() ? number(scaled.group(1)) : 1;
    String file = scaled.matches() ? scaled.group(2) : written.value;
    Stored stored = Stored.of("--add", file, "FILE#TENSOR or 2.0*FILE#TENSOR");
    return (model, plain, from) ->
        Edit.add(written.target, stored.read(written.target, model), scale);
  }

  /** {@code --mean TARGET}. */
  static EditFlag mean(String argument, Axis... over) {
    Target target = target("--mean", argument);
    return (model, plain, from) -> Edit.mean(target, over);
  }

  /** {@code --mean-from TARGET}. */
  static EditFlag meanFrom(String argument, Axis... over) {
    Target target = target("--mean-from", argument);
    return (model, plain, from) -> Edit.mean(target, from, over);
  }

  /** {@code --patch TARGET}. */
  static EditFlag patch(String argument) {
    Target target = target("--patch", argument);
    return (model, plain, from) -> {
      if (from.size() > 1 && from.size() != plain.size()) {
        throw new UsageException(
            "--patch takes one --from for all prompts or one for each: there are %d for %d"
                .formatted(from.size(), plain.size()));
      }
      return Edit.patch(target, from);
    };
  }

  /** {@code --freeze TARGET}. */
  static EditFlag freeze(String argument) {
    Target target = target("--freeze", argument);
    return (model, plain, from) -> Edit.patch(target, plain);
  }

  private static Target target(String flag, String text) {
    try {
      return Target.of(text);
    } catch (IllegalArgumentException e) {
      throw new UsageException(flag + ": " + e.getMessage());
    }
  }

  private static String notA(String what, String value) {
    return value.isEmpty() ? "there is nothing behind the =" : "\"" + value + "\" is no " + what;
  }

  private static boolean isNumber(String text) {
    return Written.NUMBER.matcher(text).matches();
  }

  private static double number(String text) {
    String magnitude = text.startsWith("-") || text.startsWith("+") ? text.substring(1) : text;
    double value =
        switch (magnitude) {
          case "inf" -> Double.POSITIVE_INFINITY;
          case "nan" -> Double.NaN;
          default -> Double.parseDouble(magnitude);
        };
    return text.startsWith("-") ? -value : value;
  }

  /** How numbers are written. */
  final class Written {
    private static final String DECIMAL = "[-+]?(?:\\d+\\.?\\d*|\\.\\d+)(?:[eE][-+]?\\d+)?";
    private static final Pattern NUMBER = Pattern.compile(DECIMAL + "|[-+]?inf|nan");
    private static final Pattern SCALED = Pattern.compile("(" + DECIMAL + ")\\*(.+)");

    private Written() {}
  }

  /**
   * A target, whose brackets may hold {@code =} and commas, and what stands behind its {@code =}.
   */
  record Assignment(Target target, String value) {
    private static final Pattern TEXT = Pattern.compile("([^=\\[]+(?:\\[[^\\]]*])?)=(.*)");

    static Assignment of(String flag, String argument, String value) {
      Matcher matcher = TEXT.matcher(argument);
      if (!matcher.matches()) {
        throw new UsageException(
            "%s takes TARGET=%s, such as %s=%s, not \"%s\""
                .formatted(
                    flag,
                    value,
                    "\"blocks.1.attn.hook_z[head=3]",
                    value.equals("FILE#TENSOR") ? "v.npz#steer\"" : "0.5\"",
                    argument));
      }
      return new Assignment(EditFlag.target(flag, matcher.group(1)), matcher.group(2));
    }
  }

  /** A tensor of a file. */
  record Stored(Path file, String tensor) {

    static Stored of(String flag, String text, String wanted) {
      int mark = text.lastIndexOf('#');
      if (mark < 1 || mark == text.length() - 1) {
        throw new UsageException(
            flag + " takes " + wanted + " behind the =, and " + notA("such thing", text));
      }
      try {
        return new Stored(Path.of(text.substring(0, mark)), text.substring(mark + 1));
      } catch (InvalidPathException e) {
        throw new UsageException(flag + ": " + text + " is no path: " + e.getReason());
      }
    }

    Tensor read(Target target, Gpt2 model) {
      return NamedTensor.read(file, tensor, target, model.config());
    }
  }
}
