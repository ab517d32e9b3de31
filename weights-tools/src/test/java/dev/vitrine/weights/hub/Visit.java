package dev.vitrine.weights.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.vitrine.weights.Progress;
import dev.vitrine.weights.WeightsException;
import dev.vitrine.weights.hub.wire.Patience;
import dev.vitrine.weights.hub.wire.Proxies;
import dev.vitrine.weights.hub.wire.Token;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** A local hub, an empty cache, and what must be true of it whatever the hub did. */
final class Visit {

  static final String SECRET = "hf_secretOfTheTest";
  static final String MODEL = "model.safetensors";
  static final String GET = "GET " + MODEL;
  static final String HEAD = "HEAD " + MODEL;

  final LocalHub hub;
  final Path cache;
  final Path folder;

  Visit(Path cache) throws IOException {
    this(cache, LocalHub.withModel());
  }

  Visit(Path cache, LocalHub hub) {
    this.hub = hub;
    this.cache = cache;
    this.folder = cache.resolve("models--org--tiny");
  }

  HubSettings settings(int attempts) {
    return new HubSettings(
        cache,
        URI.create(hub.uri()),
        Optional.of(Token.of("HF_TOKEN", SECRET)),
        false,
        Proxies.of(Map.of("no_proxy", "*")),
        Duration.ofSeconds(5),
        Duration.ofMillis(600),
        new Patience(attempts, Duration.ofMillis(5), Duration.ofMillis(1500)));
  }

  Path fetch() {
    return new Hub(settings(3)).fetch("org/tiny", Progress.SILENT);
  }

  /** What a fetch says that must fail. */
  String refusal() {
    return refusal(new Hub(settings(3)));
  }

  String refusal(Hub from) {
    Throwable thrown = catchThrowable(() -> from.fetch("org/tiny", Progress.SILENT));
    assertThat(thrown).isInstanceOf(WeightsException.class);
    assertThat(thrown.getMessage()).doesNotContain("\n", SECRET).hasSizeLessThan(400);
    assertThat(from.cached("org/tiny")).isEmpty();
    return String.valueOf(thrown.getMessage());
  }

  Path part() throws Exception {
    String hash = LocalHub.published(MODEL, hub.file(MODEL));
    return folder.resolve("blobs").resolve(hash + ".vitrine.incomplete");
  }

  void assertFetched(Path snapshot) throws IOException {
    assertThat(snapshot.resolve(MODEL)).hasBinaryContent(hub.file(MODEL));
    assertThat(new Hub(settings(1)).cached("org/tiny")).contains(snapshot);
  }

  /** No part is ever taken for whole: each blob is what its name says. */
  void leave() throws Exception {
    hub.close();
    Path blobs = folder.resolve("blobs");
    for (Path blob : Files.isDirectory(blobs) ? list(blobs) : List.<Path>of()) {
      String name = blob.getFileName().toString();
      if (!name.endsWith(".vitrine.incomplete")) {
        assertThat(new PublishedFile("any", name, Files.size(blob)).is(blob)).as(name).isTrue();
      }
    }
    if (Files.isDirectory(folder)) {
      assertThat(list(folder)).noneMatch(path -> path.toString().contains(".vitrine-"));
    }
  }

  static List<Path> list(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.sorted().toList();
    }
  }
}
