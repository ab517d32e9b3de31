package dev.vitrine.weights.hub;

import dev.vitrine.weights.WeightsException;
import dev.vitrine.weights.hub.wire.Patience;
import dev.vitrine.weights.hub.wire.Proxies;
import dev.vitrine.weights.hub.wire.Token;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Where models come from and where they are kept.
 *
 * @param cache the folder of the Hugging Face cache
 * @param endpoint the hub, or a mirror
 * @param token opens private models; the endpoint alone sees it
 * @param offline whether nothing is asked of the network
 * @param proxies the way to the network
 * @param connect how long making a connection may take
 * @param stall how long a server may send nothing
 * @param patience how often a request is sent again
 */
public record HubSettings(
    Path cache,
    URI endpoint,
    Optional<Token> token,
    boolean offline,
    Proxies proxies,
    Duration connect,
    Duration stall,
    Patience patience) {

  private static final String HUB = "https://huggingface.co";
  private static final int MAX_TOKEN_FILE = 1 << 14;

  /**
   * What Hugging Face's own tools read: {@code HF_HUB_CACHE}, {@code HF_HOME}, {@code
   * XDG_CACHE_HOME}, {@code HF_ENDPOINT}, {@code HF_TOKEN}, {@code HF_HUB_OFFLINE}, the proxies,
   * and the file of the token.
   *
   * @throws WeightsException if one of them is broken
   */
  public static HubSettings ofEnvironment() {
    return of(System.getenv(), Path.of(System.getProperty("user.home")));
  }

  static HubSettings of(Map<String, String> environment, Path user) {
    Variables variables = new Variables(environment, user);
    Path home =
        variables
            .path("HF_HOME")
            .orElseGet(() ->
                variables
                    .path("XDG_CACHE_HOME")
                    .orElse(user.resolve(".cache"))
                    .resolve("huggingface"));
    Path cache =
        variables
            .path("HF_HUB_CACHE")
            .or(() -> variables.path("HUGGINGFACE_HUB_CACHE"))
            .orElse(home.resolve("hub"));
    return new HubSettings(
        cache,
        endpoint(variables.text("HF_ENDPOINT").orElse(HUB)),
        token(variables, home),
        variables.flag("HF_HUB_OFFLINE") || variables.flag("TRANSFORMERS_OFFLINE"),
        Proxies.of(environment),
        Duration.ofSeconds(15),
        Duration.ofSeconds(30),
        Patience.STANDARD);
  }

  private static Optional<Token> token(Variables variables, Path home) {
    for (String name : new String[] {"HF_TOKEN", "HUGGING_FACE_HUB_TOKEN"}) {
      Optional<String> text = variables.text(name);
      if (text.isPresent()) {
        return text.map(secret -> Token.of(name, secret));
      }
    }
    Path file = variables.path("HF_TOKEN_PATH").orElse(home.resolve("token"));
    if (variables.flag("HF_HUB_DISABLE_IMPLICIT_TOKEN") || !Files.isRegularFile(file)) {
      return Optional.empty();
    }
    try (InputStream in = Files.newInputStream(file)) {
      String text = new String(in.readNBytes(MAX_TOKEN_FILE), StandardCharsets.UTF_8);
      return text.isBlank() ? Optional.empty() : Optional.of(Token.of(file.toString(), text));
    } catch (IOException e) {
      throw new WeightsException(
          file + ": the token cannot be read (" + e.getMessage() + "); correct or remove it", e);
    }
  }

  private static URI endpoint(String text) {
    String trimmed = text.strip().replaceAll("/+$", "");
    try {
      URI uri = URI.create(trimmed);
      boolean web =
          "https".equalsIgnoreCase(uri.getScheme()) || "http".equalsIgnoreCase(uri.getScheme());
      if (web
          && uri.getHost() != null
          && uri.getRawUserInfo() == null
          && uri.getRawQuery() == null
          && uri.getRawFragment() == null) {
        return uri;
      }
    } catch (IllegalArgumentException e) {
      // Said below; the text may hold a password, so that no message shows it.
    }
    throw new WeightsException(
        "HF_ENDPOINT: is not the address of a hub, such as " + HUB + " (with no login in it)");
  }

  /** The same, offline or not. */
  public HubSettings withOffline(boolean other) {
    return new HubSettings(cache, endpoint, token, other, proxies, connect, stall, patience);
  }

  /**
   * The same with another hub.
   *
   * @throws WeightsException if it is no address of one
   */
  public HubSettings withEndpoint(String other) {
    return new HubSettings(
        cache, endpoint(other), token, offline, proxies, connect, stall, patience);
  }

  /** The same with another cache. */
  public HubSettings withCache(Path other) {
    return new HubSettings(other, endpoint, token, offline, proxies, connect, stall, patience);
  }

  private record Variables(Map<String, String> environment, Path user) {

    private static final Set<String> TRUE = Set.of("1", "on", "yes", "true");

    Optional<String> text(String name) {
      return Optional.ofNullable(environment.get(name)).filter(text -> !text.isBlank());
    }

    boolean flag(String name) {
      return text(name).filter(text -> TRUE.contains(text.toLowerCase(Locale.ROOT))).isPresent();
    }

    Optional<Path> path(String name) {
      return text(name)
          .map(text ->
              text.equals("~") || text.startsWith("~/")
                  ? user.resolve(text.substring(Math.min(2, text.length())))
                  : Path.of(text));
    }
  }
}
