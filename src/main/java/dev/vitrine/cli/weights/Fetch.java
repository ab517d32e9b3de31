package dev.vitrine.cli.weights;

import dev.vitrine.cli.options.OutputOptions;
import dev.vitrine.cli.options.UsageException;
import dev.vitrine.cli.options.Version;
import dev.vitrine.cli.terminal.Json;
import dev.vitrine.cli.terminal.Terminal;
import dev.vitrine.cli.verbs.Verb;
import dev.vitrine.weights.Gpt2Weights;
import dev.vitrine.weights.WeightsException;
import dev.vitrine.weights.hub.Hub;
import dev.vitrine.weights.hub.HubSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Brings a model from the hub into the cache. */
@Command(
    name = "fetch",
    description = "Fetch a GPT-2 from the Hugging Face hub into the standard cache.",
    footer = {
      "",
      "Each file is checked against the hash that the hub publishes. What is",
      "in the cache already is checked and used; what broke off is gone on",
      "with. Then the name works as a model: vitrine look --model gpt2 …",
      "Settings are those of Hugging Face's own tools: HF_HOME, HF_HUB_CACHE",
      "(where), HF_TOKEN or the token file, HF_ENDPOINT (a mirror),",
      "HF_HUB_OFFLINE; HTTPS_PROXY, HTTP_PROXY, NO_PROXY. For a mirror or",
      "proxy with a certificate of its own, give Java its store:",
      "VITRINE_JAVA_OPTS=-Djavax.net.ssl.trustStore=FILE",
      "Prints the folder.",
      "--json:",
      "  name, folder",
      "  files        [{name, bytes}]",
      "  version, hash"
    })
public final class Fetch implements Verb {
  private static final String TUNNELS = "jdk.http.auth.tunneling.disabledSchemes";

  @Parameters(
      paramLabel = "NAME[@REVISION]",
      description = "Such as gpt2 or openai-community/gpt2-medium@main.")
  private String name = "";

  @Option(names = "--offline", description = "Ask nothing of the network: only find it.")
  private boolean offline;

  @Option(
      names = "--mirror",
      paramLabel = "URL",
      description = "Another hub of the same layout (default HF_ENDPOINT, or huggingface.co).")
  private @Nullable String mirror;

  @Mixin private OutputOptions output = new OutputOptions();

  /** For picocli. */
  public Fetch() {}

  @Override
  public int run(Terminal terminal) {
    if (!Hub.isName(name)) {
      throw new UsageException(
          "\""
              + name
              + "\" is no name of a model; it is NAME[@REVISION] or OWNER/NAME[@REVISION],"
              + " such as gpt2");
    }
    openTunnels();
    Path folder;
    try (Steps steps = Steps.ofFiles(terminal)) {
      folder = new Hub(settings()).fetch(name, steps);
    }
    if (!output.json()) {
      terminal.line(folder.toString());
      return 0;
    }
    String hash;
    try (Gpt2Weights weights = Gpt2Weights.open(folder)) {
      hash = weights.hash();
    }
    List<Path> files = files(folder);
    Json.print(
        terminal,
        json -> {
          json.writeStringField("name", name);
          json.writeStringField("folder", folder.toString());
          json.writeArrayFieldStart("files");
          for (Path file : files) {
            json.writeStartObject();
            json.writeStringField("name", String.valueOf(file.getFileName()));
            json.writeNumberField("bytes", Files.size(file));
            json.writeEndObject();
          }
          json.writeEndArray();
          json.writeStringField("version", Version.text());
          json.writeStringField("hash", hash);
        });
    return 0;
  }

  /**
   * Java sends no password to a proxy that leads to https, unless it is told before its first
   * request. Whoever puts a login into HTTPS_PROXY means it to be used.
   */
  private static void openTunnels() {
    if (System.getProperty(TUNNELS) == null) {
      System.setProperty(TUNNELS, "");
    }
  }

  private HubSettings settings() {
    HubSettings settings = HubSettings.ofEnvironment();
    if (mirror != null) {
      try {
        settings = settings.withEndpoint(mirror);
      } catch (WeightsException e) {
        throw new UsageException("--mirror takes the address of a hub, such as https://hf.example");
      }
    }
    return offline ? settings.withOffline(true) : settings;
  }

  private static List<Path> files(Path folder) {
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(Files::isRegularFile).sorted().toList();
    } catch (IOException e) {
      throw new WeightsException(folder + ": cannot be listed (" + e.getMessage() + ")", e);
    }
  }
}
