package dev.vitrine.analysis.experiment;

import dev.vitrine.model.Gpt2;
import dev.vitrine.tensor.Axis;
import dev.vitrine.tensor.Nearest;
import dev.vitrine.tensor.Tensor;
import dev.vitrine.text.Tokens;
import dev.vitrine.trace.Batch;
import dev.vitrine.trace.edit.Edit;
import dev.vitrine.trace.edit.Target;
import dev.vitrine.weights.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Edits written in JSON:
 *
 * <pre>
 *   {"edits":   [{"site": "blocks.1.attn.hook_z", "where": {"head": 1, "pos": [3, -1]},
 *                 "op": "set", "value": 0}],
 *    "tokens":  {"clean": [[5, 3, 8]], "corrupted": [[5, 7, 8]]},
 *    "tensors": "vectors.safetensors"}
 * </pre>
 *
 * <p>{@code where} names indices by axis; an axis that it leaves out is meant whole. The
 * operations: {@code set} with a {@code value}, a number or {@code "-inf"}; {@code scale} with a
 * {@code value}; {@code set_tensor} and {@code add_tensor} with the name of a {@code tensor} of the
 * file beside it, whose last axes are the site's last (add takes a {@code scale} too); {@code mean}
 * of the region {@code over} axes; {@code copy_from} and {@code mean_from} the same region of the
 * unedited run on {@code tokens}. Instead of {@code edits} there may be {@code runs}, a list of
 * objects that have a {@code name}, {@code edits} and the name of their {@code tokens}; without
 * runs, the tokens named {@code prompt} are the prompt.
 *
 * <p>A tensor may stand in the edit itself, as {@code values} in row-major order and their {@code
 * shape}. An edit that copies may have {@code edits} of its own: those of the run that it copies
 * from.
 */
public final class EditsFile {
  private static final List<String> OPERATIONS =
      List.of("set", "scale", "set_tensor", "add_tensor", "mean", "copy_from", "mean_from");

  /** The tokens that are the prompt where no run says which. */
  static final String PROMPT = "prompt";

  private final Path file;
  private final JsonObject root;
  private final JsonObject run;
  private final Map<String, Batch> traces = new HashMap<>();

  private EditsFile(Path file, JsonObject root, JsonObject run) {
    this.file = file;
    this.root = root;
    this.run = run;
  }

  /**
   * Reads a file.
   *
   * @param run which of its runs, where it has runs; null where it has but one list of edits
   * @throws IllegalArgumentException if it cannot be read or has no such run; says what it has
   * @throws dev.vitrine.weights.WeightsException if it is no such JSON; says where
   */
  public static EditsFile read(Path file, @Nullable String run) {
    byte[] bytes;
    try {
      bytes = Files.readAllBytes(file);
    } catch (NoSuchFileException e) {
      throw new IllegalArgumentException(file + ": there is no such file", e);
    } catch (IOException e) {
      throw new IllegalArgumentException(file + ": cannot be read: " + e.getMessage(), e);
    }
    JsonObject root = JsonObject.parse(file.toString(), bytes);
    if (!root.has("runs")) {
      if (!root.has("edits")) {
        throw new IllegalArgumentException(
            file + ": has no \"edits\", a list of {\"site\", \"op\", …}, and no \"runs\" of such");
      }
      if (run != null) {
        throw new IllegalArgumentException(file + ": has no runs, so none named \"" + run + "\"");
      }
      return new EditsFile(file, root, root);
    }
    Map<String, JsonObject> runs = new LinkedHashMap<>();
    root.objects("runs").forEach(each -> runs.put(each.text("name").orElse(""), each));
    boolean only = run == null && runs.size() == 1;
    JsonObject chosen = only ? runs.values().iterator().next() : run == null ? null : runs.get(run);
    if (chosen == null) {
      List<String> near = run == null ? List.of() : Nearest.names(run, runs.keySet(), 3);
      throw new IllegalArgumentException(
          "%s: %s; %s"
              .formatted(
                  file,
                  run == null ? "has several runs: say which" : "has no run \"" + run + "\"",
                  near.isEmpty()
                      ? "it has " + String.join(", ", runs.keySet())
                      : "the nearest are " + String.join(", ", near)));
    }
    return new EditsFile(file, root, chosen);
  }

  /** The names of the runs of a file, in order; none where it has but one list of edits. */
  public static List<String> runs(Path file) throws IOException {
    JsonObject root = JsonObject.parse(file.toString(), Files.readAllBytes(file));
    return root.has("runs")
        ? root.objects("runs").stream().map(run -> run.text("name").orElse("")).toList()
        : List.of();
  }

  /** The prompts that the run names, if it names any. */
  public Optional<List<Tokens>> prompts(Gpt2 model) {
    if (run.isText("tokens")) {
      return run.text("tokens").map(name -> tokens(model, name));
    }
    return root.has("runs")
        ? Optional.empty()
        : root.object("tokens")
            .filter(tokens -> tokens.has(PROMPT))
            .map(_ -> tokens(model, PROMPT));
  }

  private List<Tokens> tokens(Gpt2 model, String name) {
    JsonObject all =
        root.object("tokens")
            .orElseThrow(
                () -> wrong("names tokens \"" + name + "\" and has none", List.of(), name));
    if (!all.has(name)) {
      List<String> known = new ArrayList<>();
      all.keys().forEach(known::add);
      throw wrong("has no tokens named \"" + name + "\"", known, name);
    }
    List<Tokens> tokens = new ArrayList<>();
    for (List<Long> row : all.rows(name)) {
      tokens.add(
          model.tokens(
              row.stream().mapToInt(id -> (int) Math.min(id, Integer.MAX_VALUE)).toArray()));
    }
    return tokens;
  }

  /** The unedited run on some tokens of the file, computed once. */
  private Batch traces(Gpt2 model, String name) {
    return traces.computeIfAbsent(name, _ -> model.traces(tokens(model, name)));
  }

  /**
   * The edits of the run, in order.
   *
   * @throws IllegalArgumentException if an operation, an axis, tokens or a tensor are not there
   */
  public List<Edit> edits(Gpt2 model) {
    return edits(model, run);
  }

  private List<Edit> edits(Gpt2 model, JsonObject owner) {
    List<Edit> edits = new ArrayList<>();
    for (JsonObject each : owner.objects("edits")) {
      edits.add(edit(model, each));
    }
    return edits;
  }

  private Edit edit(Gpt2 model, JsonObject edit) {
    Target target = target(edit);
    String operation = edit.text("op").orElse("");
    return switch (operation) {
      case "set" -> Edit.set(target, value(edit));
      case "scale" -> Edit.scale(target, value(edit));
      case "set_tensor" -> Edit.set(target, tensor(model, edit, target));
      case "add_tensor" -> Edit.add(target, tensor(model, edit, target), edit.number("scale", 1));
      case "mean" -> Edit.mean(target, over(edit));
      case "copy_from" -> Edit.patch(target, source(model, edit));
      case "mean_from" -> Edit.mean(target, source(model, edit), over(edit));
      default -> throw wrong("has no operation \"" + operation + "\"", OPERATIONS, operation);
    };
  }

  private Target target(JsonObject edit) {
    String site =
        edit.text("site").orElseThrow(() -> wrong("has an edit without a site", List.of(), ""));
    Map<Axis, List<Integer>> where = new LinkedHashMap<>();
    edit.object("where")
        .ifPresent(named ->
            named
                .keys()
                .forEach(axis ->
                    where.put(
                        Axis.named(axis),
                        named.oneOrMore(axis).stream().map(Math::toIntExact).toList())));
    return new Target(site, where);
  }

  private double value(JsonObject edit) {
    if (!edit.has("value")) {
      throw wrong("has an edit without a value", List.of(), "");
    }
    if (!edit.isText("value")) {
      return edit.number("value", Double.NaN);
    }
    return switch (edit.text("value").orElse("")) {
      case "-inf", "-Infinity" -> Double.NEGATIVE_INFINITY;
      case "inf", "Infinity" -> Double.POSITIVE_INFINITY;
      case "nan", "NaN" -> Double.NaN;
      default -> throw wrong("has a value that is no number", List.of(), "");
    };
  }

  private Axis[] over(JsonObject edit) {
    return edit.has("over")
        ? edit.texts("over").stream().map(Axis::named).toArray(Axis[]::new)
        : new Axis[] {Axis.BATCH, Axis.POSITION};
  }

  private Batch source(Gpt2 model, JsonObject edit) {
    String name =
        edit.text("tokens")
            .orElseThrow(() -> wrong("has an edit that copies and names no tokens", List.of(), ""));
    Batch plain = traces(model, name);
    return edit.has("edits") ? plain.with(edits(model, edit)) : plain;
  }

  private Tensor tensor(Gpt2 model, JsonObject edit, Target target) {
    if (edit.has("values")) {
      double[] values = edit.numbers("values").stream().mapToDouble(Double::doubleValue).toArray();
      List<Long> shape = edit.has("shape") ? edit.longs("shape") : List.of((long) values.length);
      String label = file + ": the values for " + target;
      return NamedTensor.of(label, values, shape, target, model.config());
    }
    String name =
        edit.text("tensor")
            .orElseThrow(
                () -> wrong("has an edit that needs a tensor and names none", List.of(), ""));
    return NamedTensor.read(tensors(), name, target, model.config());
  }

  private Path tensors() {
    String beside =
        root.text("tensors")
            .orElseGet(() ->
                String.valueOf(file.getFileName()).replaceAll("\\.json$", "") + ".safetensors");
    return file.resolveSibling(beside);
  }

  private IllegalArgumentException wrong(String what, List<String> known, String name) {
    List<String> near = Nearest.names(name, known, 1);
    String hint =
        !near.isEmpty()
            ? "; did you mean \"" + near.getFirst() + "\"?"
            : known.isEmpty() ? "" : "; there are " + String.join(", ", known);
    return new IllegalArgumentException(file + ": " + what + hint);
  }
}
