package dev.vitrine.cli.verbs;

import dev.vitrine.analysis.PrecisionLoss;
import dev.vitrine.cli.options.ModelOptions;
import dev.vitrine.cli.options.OutputOptions;
import dev.vitrine.cli.options.Version;
import dev.vitrine.cli.terminal.Columns;
import dev.vitrine.cli.terminal.Json;
import dev.vitrine.cli.terminal.Style;
import dev.vitrine.cli.terminal.Terminal;
import dev.vitrine.kernels.Backend;
import dev.vitrine.kernels.BackendUnavailableException;
import dev.vitrine.kernels.Backends;
import dev.vitrine.kernels.Precision;
import dev.vitrine.model.Gpt2;
import dev.vitrine.text.Tokens;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Says what this machine has, what was chosen, and why something was refused. */
@Command(
    name = "doctor",
    description = "Show what runs here: Java, processor, backends with the reason of each refusal.",
    footer = {
      "",
      "--json: {\"machine\": {name: value}, \"backends\": [{\"name\", \"available\", \"chosen\","
          + " \"description\", \"reason\", \"remedy\"}], \"model\": {\"name\", \"description\","
          + " \"hash\", \"weights\", \"problem\"}, \"version\"}. Exit code 1 if the model cannot"
          + " be loaded."
    })
public final class Doctor implements Verb {
  /** What reduced weights are measured on. */
  private static final String TEXT =
      "When Mary and John went to the store, John gave a drink to Mary. The capital of France is"
          + " Paris. Monday, Tuesday, Wednesday, Thursday, Friday.";

  @Mixin private ModelOptions model = new ModelOptions();
  @Mixin private OutputOptions output = new OutputOptions();

  /** For picocli. */
  public Doctor() {}

  private record Found(String name, boolean chosen, String description, Backends.Choice choice) {}

  private record Loaded(String description, String hash, String precision, String problem) {}

  @Override
  public int run(Terminal terminal) {
    model.check();
    Map<String, String> machine = machine(terminal);
    List<Found> backends = backends();
    Loaded loaded = loaded();
    if (output.json()) {
      print(machine, backends, loaded, terminal);
    } else {
      draw(machine, backends, loaded, terminal);
    }
    return loaded.problem.isEmpty() ? 0 : 1;
  }

  private static Map<String, String> machine(Terminal terminal) {
    Map<String, String> machine = new LinkedHashMap<>();
    machine.put("vitrine", Version.text());
    machine.put(
        "java",
        "%s, %s, %s"
            .formatted(
                System.getProperty("java.runtime.version"),
                System.getProperty("java.vendor.version", System.getProperty("java.vendor")),
                System.getProperty("java.vm.name")));
    machine.put("java home", System.getProperty("java.home", ""));
    machine.put(
        "flags", String.join(" ", ManagementFactory.getRuntimeMXBean().getInputArguments()));
    machine.put(
        "system",
        "%s %s, %s"
            .formatted(
                System.getProperty("os.name"),
                System.getProperty("os.version"),
                System.getProperty("os.arch")));
    machine.put("processor", processor());
    machine.put("processors", String.valueOf(Runtime.getRuntime().availableProcessors()));
    machine.put("heap", "at most " + (Runtime.getRuntime().maxMemory() >> 20) + " MiB");
    machine.put(
        "terminal",
        "%d columns, %s, %s"
            .formatted(
                terminal.width(),
                terminal.unicode() ? "Unicode" : "ASCII",
                terminal.colour() ? "colours" : "no colours"));
    return machine;
  }

  private static String processor() {
    try (Stream<String> lines = Files.lines(Path.of("/proc/cpuinfo"))) {
      return lines
          .filter(line -> line.startsWith("model name"))
          .findFirst()
          .map(line -> line.substring(line.indexOf(':') + 1).strip())
          .orElse("unknown");
    } catch (IOException e) {
      return "unknown"; // no Linux
    }
  }

  private List<Found> backends() {
    List<Found> found = new ArrayList<>();
    boolean open = true;
    String name = model.chosen();
    for (Backends.Choice choice : Backends.choices()) {
      Found one = tried(choice);
      boolean chosen =
          name.equals("auto") ? open && one.choice.available() : choice.name().equals(name);
      open &= !chosen;
      found.add(new Found(one.name, chosen, one.description, one.choice));
    }
    return found;
  }

  /** Opens a backend that says it is available: a device may yet fail its trial. */
  private Found tried(Backends.Choice choice) {
    if (!choice.available()) {
      return new Found(choice.name(), false, "", choice);
    }
    try (Backend backend = Backends.open(choice.name(), model.threads())) {
      return new Found(choice.name(), false, backend.description(), choice);
    } catch (BackendUnavailableException e) {
      return new Found(
          choice.name(),
          false,
          "",
          new Backends.Choice(choice.name(), choice.automatic(), false, e.reason(), e.remedy()));
    }
  }

  private String why() {
    boolean small = model.backend().equals("auto") && model.chosen().equals("scalar");
    return small ? " (chosen: the model is small, vectors would not warm up)" : " (chosen)";
  }

  private Loaded loaded() {
    try (Gpt2 loaded = model.load()) {
      return new Loaded(loaded.toString(), loaded.hash(), precision(loaded), "");
    } catch (RuntimeException e) {
      return new Loaded("", "", "", String.valueOf(e.getMessage()));
    }
  }

  /** How weights are held, and what it loses on a text where that is anything. */
  private String precision(Gpt2 loaded) {
    String precision = loaded.precision().toString();
    if (loaded.precision() == Precision.F32) {
      return precision;
    }
    try (Gpt2 whole = Gpt2.load(model.model(), Backends.open(loaded.backend().name(), 0))) {
      Tokens text = whole.tokenizer().isPresent() ? whole.tokens(TEXT) : whole.tokens(0, 1, 2, 3);
      Tokens read = text.first(Math.min(text.size(), whole.config().context()));
      return precision + ": " + PrecisionLoss.of(whole, loaded, read);
    }
  }

  private void draw(
      Map<String, String> machine, List<Found> backends, Loaded loaded, Terminal terminal) {
    Style style = Style.of(terminal);
    machine.forEach((name, value) -> entry(name, value, terminal, style));
    terminal.line("");
    terminal.line(style.heading("Backends"));
    Map<String, String> refusals = new LinkedHashMap<>();
    for (Found found : backends) {
      String name = (found.chosen ? "* " : "  ") + found.name;
      String why = found.choice.reason() + "; " + found.choice.remedy();
      String before = found.choice.available() ? null : refusals.putIfAbsent(why, found.name);
      entry(
          name,
          found.choice.available()
              ? found.description + (found.chosen ? why() : "")
              : "refused" + (before == null ? ": " + why : ", as " + before),
          terminal,
          style);
    }
    terminal.line("");
    terminal.line(style.heading("Model"));
    boolean sound = loaded.problem.isEmpty();
    entry("  name", model.model(), terminal, style);
    entry(
        sound ? "  shape" : "  problem",
        sound ? loaded.description : loaded.problem,
        terminal,
        style);
    if (sound) {
      entry("  hash", loaded.hash, terminal, style);
      entry("  precision", loaded.precision, terminal, style);
    }
  }

  /** A name, and a value broken into lines where it is long. */
  private static void entry(String name, String value, Terminal terminal, Style style) {
    int names = 12;
    int room = Math.max(16, terminal.width() - names - 1);
    String start = style.faint(Columns.left(name, names)) + " ";
    StringBuilder line = new StringBuilder();
    for (String word : value.split(" ", -1)) {
      String rest = word;
      if (!line.isEmpty() && line.length() + 1 + rest.length() > room) {
        terminal.line(start + line);
        start = " ".repeat(names + 1);
        line.setLength(0);
      }
      while (rest.length() > room) {
        terminal.line(start + rest.substring(0, room));
        start = " ".repeat(names + 1);
        rest = rest.substring(room);
      }
      line.append(line.isEmpty() ? "" : " ").append(rest);
    }
    terminal.line(start + line);
  }

  private void print(
      Map<String, String> machine, List<Found> backends, Loaded loaded, Terminal terminal) {
    Json.print(
        terminal,
        json -> {
          json.writeObjectFieldStart("machine");
          for (Map.Entry<String, String> entry : machine.entrySet()) {
            json.writeStringField(entry.getKey().replace(' ', '_'), entry.getValue());
          }
          json.writeEndObject();
          json.writeArrayFieldStart("backends");
          for (Found found : backends) {
            json.writeStartObject();
            json.writeStringField("name", found.name);
            json.writeBooleanField("available", found.choice.available());
            json.writeBooleanField("chosen", found.chosen);
            json.writeStringField("description", found.description);
            json.writeStringField("reason", found.choice.reason());
            json.writeStringField("remedy", found.choice.remedy());
            json.writeEndObject();
          }
          json.writeEndArray();
          json.writeObjectFieldStart("model");
          json.writeStringField("name", model.model());
          json.writeStringField("description", loaded.description);
          json.writeStringField("hash", loaded.hash);
          json.writeStringField("weights", loaded.precision);
          json.writeStringField("problem", loaded.problem);
          json.writeEndObject();
          json.writeStringField("version", Version.text());
        });
  }
}
