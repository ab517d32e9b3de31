package dev.vitrine.cli.edit;

import dev.vitrine.analysis.experiment.EditsFile;
import dev.vitrine.cli.options.PromptOptions;
import dev.vitrine.cli.options.UsageException;
import dev.vitrine.cli.terminal.Terminal;
import dev.vitrine.model.Gpt2;
import dev.vitrine.tensor.Axis;
import dev.vitrine.text.Tokens;
import dev.vitrine.trace.Batch;
import dev.vitrine.trace.Trace;
import dev.vitrine.trace.edit.Edit;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/**
 * What to change in a run. Edits apply in the order in which they stand on the command line,
 * whatever their flags.
 */
public final class EditOptions {
  private static final String TARGET = "TARGET";

  /** A flag as it was met: the order of all of them is the order of the edits. */
  private record Met(String flag, String argument) {}

  /** An edit, and which group of prompts it takes values from; of some none. */
  private record Step(@Nullable EditFlag edit, int from) {}

  private final List<Met> met = new ArrayList<>();
  private final List<Step> steps = new ArrayList<>();
  private final List<List<Met>> sources = new ArrayList<>();
  private final Map<Integer, Batch> traces = new HashMap<>();
  private @Nullable String run;
  private @Nullable EditsFile file;

  /** For picocli. */
  public EditOptions() {}

  // Picocli calls these once for each time that a flag is met, with all its arguments so far.

  @Option(
      order = 1,
      names = "--zero",
      paramLabel = TARGET,
      description =
          "Set a site to 0, or that part of it which indices by axis name:"
              + " \"blocks.3.attn.hook_z[head=1,position=-1]\"; * stands for every layer.")
  void zero(String... all) {
    meet("--zero", all);
  }

  @Option(
      order = 2,
      names = "--set",
      paramLabel = "TARGET=VALUE",
      description = "Set it to a number (-inf and nan too), or to a tensor: TARGET=FILE#TENSOR.")
  void set(String... all) {
    meet("--set", all);
  }

  @Option(
      order = 3,
      names = "--scale",
      paramLabel = "TARGET=FACTOR",
      description = "Multiply it by a number.")
  void scale(String... all) {
    meet("--scale", all);
  }

  @Option(
      order = 4,
      names = "--add",
      paramLabel = "TARGET=FILE#TENSOR",
      description =
          "Add a tensor of a .safetensors or .npz, or a multiple: TARGET=2.0*FILE#TENSOR.")
  void add(String... all) {
    meet("--add", all);
  }

  @Option(
      order = 5,
      names = "--mean",
      paramLabel = TARGET,
      description = "Set it to its mean over positions and prompts.")
  void mean(String... all) {
    meet("--mean", all);
  }

  @Option(
      order = 6,
      names = "--patch",
      paramLabel = TARGET,
      description = "Set it to what it is on the prompt that --from names.")
  void patch(String... all) {
    meet("--patch", all);
  }

  @Option(
      order = 7,
      names = "--mean-from",
      paramLabel = TARGET,
      description = "Set it to its mean on the prompts that --from names.")
  void meanFrom(String... all) {
    meet("--mean-from", all);
  }

  @Option(
      order = 8,
      names = "--freeze",
      paramLabel = TARGET,
      description = "Keep it as it is without edits: \"blocks.*.attn.hook_pattern\".")
  void freeze(String... all) {
    meet("--freeze", all);
  }

  @Option(
      order = 9,
      names = "--from",
      paramLabel = "PROMPT",
      description =
          "Where --patch and --mean-from before it take values from; for several prompts repeat"
              + " it, one for each.")
  void from(String... all) {
    meet("--from", all);
  }

  @Option(
      order = 10,
      names = "--from-ids",
      paramLabel = "5,3,8",
      description = "The same as token ids.")
  void fromIds(String... all) {
    meet("--from-ids", all);
  }

  @Option(
      order = 11,
      names = "--over",
      paramLabel = "AXES",
      description =
          "What the --mean or --mean-from before it is taken over (default position,batch).")
  void over(String... all) {
    meet("--over", all);
  }

  @Option(
      order = 12,
      names = "--edits",
      paramLabel = "FILE",
      description =
          "Take edits from JSON, such as ablate --save writes; its own prompt where none is given.")
  void edits(String path) {
    meet("--edits", path);
  }

  @Option(
      order = 13,
      names = "--run",
      paramLabel = "NAME",
      description = "Which of the runs of --edits, where it has several.")
  void run(String name) {
    run = name;
  }

  private void meet(String flag, String... all) {
    met.add(new Met(flag, all[all.length - 1]));
  }

  // ---- the command line

  /** Whether anything is to be changed. */
  public boolean isNamed() {
    return !met.isEmpty();
  }

  /**
   * Checks what can be checked without a model, the prompt too: it may stand in the file of edits.
   *
   * @param most how many prompts the verb takes
   * @throws UsageException if the command line alone is wrong
   * @throws IllegalArgumentException if the file of edits cannot be read
   */
  public void check(PromptOptions prompt, String verb, int most) {
    boolean named = met.stream().anyMatch(each -> each.flag.equals("--edits"));
    if (!named || prompt.isGiven()) {
      prompt.check(verb, most);
    }
    check();
  }

  /**
   * Checks the edits alone.
   *
   * @throws UsageException if the command line alone is wrong
   * @throws IllegalArgumentException if the file of edits cannot be read
   */
  public void check() {
    boolean named = met.stream().anyMatch(each -> each.flag.equals("--edits"));
    if (run != null && !named) {
      throw new UsageException("--run " + run + " goes with --edits FILE, which has the runs");
    }
    for (int i = 0; i < met.size(); i++) {
      take(i);
    }
    for (int group = 0; group < sources.size(); group++) {
      int wanted = group;
      if (steps.stream().noneMatch(step -> step.from == wanted)) {
        Met unused = sources.get(group).getFirst();
        throw new UsageException(
            "%s is where --patch TARGET or --mean-from TARGET take values from, and nothing does"
                .formatted(unused.flag));
      }
    }
  }

  private void take(int place) {
    Met flag = met.get(place);
    String argument = flag.argument;
    switch (flag.flag) {
      case "--zero" -> plain(EditFlag.zero(argument));
      case "--set" -> plain(EditFlag.set(argument));
      case "--scale" -> plain(EditFlag.scale(argument));
      case "--add" -> plain(EditFlag.add(argument));
      case "--freeze" -> plain(EditFlag.freeze(argument));
      case "--mean" -> plain(EditFlag.mean(argument, over(place)));
      case "--patch" -> steps.add(new Step(EditFlag.patch(argument), source(place)));
      case "--mean-from" ->
          steps.add(new Step(EditFlag.meanFrom(argument, over(place)), source(place)));
      case "--edits" -> {
        file = EditsFile.read(path(argument), run);
        steps.add(new Step(null, -1));
      }
      case "--over" -> checkFollowsMean(place);
      case "--from-ids" -> PromptOptions.parse("--from-ids", argument);
      default -> {} // --from
    }
    boolean begins = isSource(flag) && (place == 0 || !isSource(met.get(place - 1)));
    if (begins) {
      sources.add(group(place));
    }
  }

  private void plain(EditFlag edit) {
    steps.add(new Step(edit, -1));
  }

  private static Path path(String text) {
    try {
      return Path.of(text);
    } catch (InvalidPathException e) {
      throw new UsageException("--edits " + text + " is no path: " + e.getReason());
    }
  }

  private static boolean isMean(Met flag) {
    return flag.flag.startsWith("--mean");
  }

  private void checkFollowsMean(int place) {
    if (place == 0 || !isMean(met.get(place - 1))) {
      throw new UsageException("--over goes right behind the --mean or --mean-from that it is of");
    }
  }

  /** The axes that stand right behind a mean, or the usual ones. */
  private Axis[] over(int place) {
    Met next = place + 1 < met.size() ? met.get(place + 1) : null;
    if (next == null || !next.flag.equals("--over")) {
      return new Axis[] {Axis.BATCH, Axis.POSITION};
    }
    try {
      return Arrays.stream(next.argument.split(",", -1)).map(Axis::named).toArray(Axis[]::new);
    } catch (IllegalArgumentException e) {
      throw new UsageException("--over: " + e.getMessage());
    }
  }

  private static boolean isSource(Met flag) {
    return flag.flag.startsWith("--from");
  }

  /** The prompts named one right behind the other. */
  private List<Met> group(int place) {
    int end = place;
    while (end < met.size() && isSource(met.get(end))) {
      end++;
    }
    return met.subList(place, end);
  }

  /** The group of prompts that follows an edit, or else the last before it. */
  private int source(int place) {
    int group = -1;
    for (int i = 0; i < met.size(); i++) {
      if (isSource(met.get(i)) && (i == 0 || !isSource(met.get(i - 1)))) {
        group++;
        if (i > place) {
          return group;
        }
      }
    }
    if (group < 0) {
      throw new UsageException(
          met.get(place).flag
              + " needs --from PROMPT or --from-ids 5,3,8: the run that its values are taken from");
    }
    return group;
  }

  // ---- with a model

  /**
   * The prompts: those of the command line, or else those that the file of edits names.
   *
   * @throws IllegalArgumentException if there is none, or more than the verb takes
   */
  public List<Tokens> prompts(Gpt2 model, PromptOptions prompt, Terminal terminal, int most) {
    EditsFile edits = file;
    if (edits == null || prompt.isGiven()) {
      return prompt.read(model, terminal);
    }
    List<Tokens> prompts =
        edits
            .prompts(model)
            .orElseThrow(() ->
                new IllegalArgumentException(
                    "--edits names no prompt: give a text in quotes, --file or --ids"));
    if (prompts.size() > most) {
      throw new IllegalArgumentException(
          "--edits names %d prompts, and one is taken here: give one".formatted(prompts.size()));
    }
    return prompts;
  }

  /** Whether there is a prompt, on the command line or in the file of edits. */
  public boolean isPrompted(Gpt2 model, PromptOptions prompt) {
    return prompt.isGiven() || (file != null && file.prompts(model).isPresent());
  }

  /** The run of the one prompt with the edits; says on standard error which changed nothing. */
  public Trace trace(Gpt2 model, PromptOptions prompt, Terminal terminal) {
    Batch plain = model.traces(prompts(model, prompt, terminal, 1));
    Batch edited = apply(plain, prompt);
    Receipts.warn(edited, terminal.err());
    return edited.get(0);
  }

  /**
   * A plain run with the edits. One that changes nothing is said on standard error.
   *
   * @throws IllegalArgumentException if an edit cannot be meant; says why
   */
  public Batch apply(Batch plain, PromptOptions prompt) {
    Gpt2 model = plain.get(0).model();
    List<Edit> edits = new ArrayList<>();
    for (Step step : steps) {
      EditFlag written = step.edit;
      if (written == null) {
        edits.addAll(Objects.requireNonNull(file).edits(model));
      } else {
        Batch from = step.from < 0 ? plain : from(step.from, plain, prompt);
        edits.add(written.edit(model, plain, from));
      }
    }
    return plain.with(edits);
  }

  private Batch from(int group, Batch plain, PromptOptions prompt) {
    Gpt2 model = plain.get(0).model();
    return traces.computeIfAbsent(
        group,
        _ ->
            model.traces(
                sources.get(group).stream().map(each -> tokens(model, each, prompt)).toList()));
  }

  private static Tokens tokens(Gpt2 model, Met source, PromptOptions prompt) {
    return prompt.begun(
        model,
        source.flag.equals("--from-ids")
            ? model.tokens(PromptOptions.parse("--from-ids", source.argument))
            : model.tokens(source.argument));
  }
}
