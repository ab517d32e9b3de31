package dev.vitrine.weights.hub;

import static dev.vitrine.weights.hub.LocalHub.COMMIT;
import static dev.vitrine.weights.hub.LocalHub.LIST;
import static dev.vitrine.weights.hub.LocalHub.respond;
import static dev.vitrine.weights.hub.Visit.GET;
import static dev.vitrine.weights.hub.Visit.HEAD;
import static dev.vitrine.weights.hub.Visit.MODEL;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.vitrine.weights.Progress;
import dev.vitrine.weights.WeightsException;
import dev.vitrine.weights.hub.CacheFolder.Linking;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A model by its name, from a hub that behaves and a cache that others use too. */
@Timeout(30)
class HubTest {

  @TempDir Path temporary;
  private Visit visit;
  private LocalHub hub;

  @BeforeEach
  void open() throws Exception {
    visit = new Visit(temporary);
    hub = visit.hub;
  }

  @AfterEach
  void noPartIsTakenForWhole() throws Exception {
    visit.leave();
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  @Test
  void fillsTheCacheAsHuggingFaceDoes() throws Exception {
    Path snapshot = visit.fetch();
    assertThat(snapshot).isEqualTo(visit.folder.resolve("snapshots").resolve(COMMIT));
    visit.assertFetched(snapshot);
    assertThat(visit.folder.resolve("refs/main")).hasContent(COMMIT);
    assertThat(Files.readSymbolicLink(snapshot.resolve(MODEL)))
        .isEqualTo(Path.of("../../blobs").resolve(LocalHub.published(MODEL, hub.file(MODEL))));
    assertThat(Visit.list(visit.folder.resolve("blobs"))).hasSize(3);
  }

  @Test
  void whatIsThereIsNotFetchedAgain() throws Exception {
    Path snapshot = visit.fetch();
    hub.requests.clear();
    assertThat(visit.fetch()).isEqualTo(snapshot);
    assertThat(hub.asked(GET)).isEmpty();
    assertThat(hub.asked(HEAD)).hasSize(1);
  }

  @Test
  void whatWasSpoiltIsFetchedAgain() throws Exception {
    Path snapshot = visit.fetch();
    byte[] spoilt = hub.file(MODEL).clone();
    spoilt[5]++;
    Files.write(snapshot.resolve(MODEL), spoilt);
    visit.assertFetched(visit.fetch());
    assertThat(hub.asked(GET)).hasSize(2);
  }

  @Test
  void progressEndsAtTheWhole() {
    List<String> heard = new ArrayList<>();
    new Hub(visit.settings(1))
        .fetch("org/tiny", (file, done, total) -> heard.add(file + " " + done + "/" + total));
    assertThat(heard).contains(MODEL + " 0/300000").endsWith(MODEL + " 300000/300000");
  }

  @Test
  void shardsComeWithTheirIndex() throws Exception {
    hub.files.remove(MODEL);
    hub.files.put("s1.safetensors", LocalHub.bytes(3, 1000));
    hub.files.put("s2.safetensors", LocalHub.bytes(4, 0));
    hub.files.put(
        "model.safetensors.index.json",
        utf8("{\"weight_map\": {\"a\": \"s1.safetensors\", \"b\": \"s2.safetensors\"}}"));
    Path snapshot = visit.fetch();
    assertThat(snapshot.resolve("s1.safetensors")).hasSize(1000);
    assertThat(snapshot.resolve("s2.safetensors")).isEmptyFile();
    assertThat(new Hub(visit.settings(1)).cached("org/tiny")).contains(snapshot);
    Files.delete(snapshot.resolve("s2.safetensors"));
    assertThat(new Hub(visit.settings(1)).cached("org/tiny")).isEmpty();
  }

  @Test
  void aBranchIsAskedForByItsName() throws Exception {
    Path snapshot = new Hub(visit.settings(1)).fetch("org/tiny@refs/pr/1", Progress.SILENT);
    assertThat(hub.asked(LIST).getFirst().path()).endsWith("/revision/refs%2Fpr%2F1");
    assertThat(visit.folder.resolve("refs/refs/pr/1")).hasContent(COMMIT);
    assertThat(new Hub(visit.settings(1)).cached("org/tiny@refs/pr/1")).contains(snapshot);
    assertThat(new Hub(visit.settings(1)).cached("org/tiny@" + COMMIT)).contains(snapshot);
    assertThat(new Hub(visit.settings(1)).cached("org/tiny")).isEmpty();
  }

  @Test
  void offlineOnlyTheCacheIsRead() throws Exception {
    Hub offline = new Hub(visit.settings(1).withOffline(true));
    assertThat(visit.refusal(offline)).contains("not in the cache", "offline");
    assertThat(hub.requests).isEmpty();
    Path snapshot = visit.fetch();
    hub.close();
    assertThat(offline.fetch("org/tiny", Progress.SILENT)).isEqualTo(snapshot);
  }

  /** As huggingface_hub writes it; the one without links is that of Windows. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void whatPythonFetchedIsUsed(boolean links) throws Exception {
    Path snapshot = visit.folder.resolve("snapshots").resolve(COMMIT);
    Files.createDirectories(snapshot);
    Files.createDirectories(visit.folder.resolve("blobs"));
    Files.createDirectories(visit.folder.resolve("refs"));
    Files.writeString(visit.folder.resolve("refs/main"), COMMIT);
    for (String file : List.of("config.json", "merges.txt", MODEL)) {
      byte[] bytes = hub.file(file);
      String hash = LocalHub.published(file, bytes);
      if (links) {
        Files.write(visit.folder.resolve("blobs").resolve(hash), bytes);
        Files.createSymbolicLink(snapshot.resolve(file), Path.of("../../blobs/" + hash));
      } else {
        Files.write(snapshot.resolve(file), bytes);
      }
    }
    assertThat(new Hub(visit.settings(1)).cached("org/tiny")).contains(snapshot);
    visit.assertFetched(visit.fetch());
    assertThat(hub.requests).noneMatch(r -> r.key().startsWith("GET") && !r.key().equals(LIST));
    Files.delete(links ? visit.folder.resolve("blobs/" + hash()) : snapshot.resolve(MODEL));
    assertThat(new Hub(visit.settings(1)).cached("org/tiny")).isEmpty();
  }

  private String hash() throws Exception {
    return LocalHub.published(MODEL, hub.file(MODEL));
  }

  @Test
  void withoutSymbolicLinksItIsAHardLinkOrACopy() throws Exception {
    Linking none =
        (link, blob) -> {
          throw new UnsupportedOperationException("as on Windows");
        };
    for (List<Linking> linkings : List.of(List.of(none, Linking.HARD), List.of(none))) {
      Path cache = temporary.resolve("links" + linkings.size());
      Path snapshot =
          new Hub(visit.settings(1).withCache(cache), linkings).fetch("org/tiny", Progress.SILENT);
      assertThat(snapshot.resolve(MODEL)).hasBinaryContent(hub.file(MODEL));
      assertThat(Files.isSymbolicLink(snapshot.resolve(MODEL))).isFalse();
    }
  }

  @Test
  void threadsThatFetchTheSameFetchItOnce() throws Exception {
    slowly();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Callable<Path>> fetches = List.of(visit::fetch, visit::fetch, visit::fetch);
      for (Future<Path> fetch : threads.invokeAll(fetches)) {
        visit.assertFetched(fetch.get());
      }
    }
    assertThat(hub.asked(GET)).hasSize(1);
  }

  private void slowly() {
    hub.always(
        GET,
        (request, out) -> {
          Thread.sleep(300);
          hub.normal(request, out);
        });
  }

  @Test
  void processesThatFetchTheSameFetchItOnce() throws Exception {
    hub.always(
        GET,
        (request, out) -> {
          Thread.sleep(500);
          hub.normal(request, out);
        });
    Process one = process();
    Process other = process();
    assertThat(one.waitFor(20, TimeUnit.SECONDS)).isTrue();
    assertThat(other.waitFor(20, TimeUnit.SECONDS)).isTrue();
    assertThat(List.of(one.exitValue(), other.exitValue())).containsExactly(0, 0);
    assertThat(hub.asked(GET)).hasSize(1);
    assertThat(new Hub(visit.settings(1)).cached("org/tiny")).isPresent();
  }

  private Process process() throws Exception {
    ProcessBuilder builder =
        new ProcessBuilder(
            ProcessHandle.current().info().command().orElse("java"),
            "-XX:TieredStopAtLevel=1",
            "-cp",
            System.getProperty("java.class.path"),
            OneFetch.class.getName());
    builder.environment().put("HF_HUB_CACHE", visit.cache.toString());
    builder.environment().put("HF_ENDPOINT", hub.uri());
    builder.environment().put("NO_PROXY", "*");
    return builder.inheritIO().start();
  }

  /** A process that fetches as its environment says. */
  static final class OneFetch {
    public static void main(String[] args) {
      Hub.ofEnvironment().fetch("org/tiny", Progress.SILENT);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "401, RepoNotFound, no such model",
    "401, '', HF_TOKEN",
    "403, GatedRepo, gated",
    "404, RevisionNotFound, no such revision",
    "404, '', check the name and the revision",
    "407, '', proxy",
    "418, '', answers 418"
  })
  void aRefusalSaysWhatToDo(int status, String code, String said) {
    hub.always(
        LIST, (request, out) -> respond(out, status, "X-Error-Code: " + code + "\n", new byte[0]));
    assertThat(visit.refusal()).startsWith("org/tiny: ").contains(said);
    assertThat(hub.requests).hasSize(1);
  }

  @Test
  void anotherModelIsRefusedBeforeItsWeights() {
    hub.files.put("config.json", utf8("{\"model_type\": \"llama\"}"));
    assertThat(visit.refusal()).contains("'llama'", "not a GPT-2");
    assertThat(hub.asked(GET)).isEmpty();
  }

  @Test
  void aModelWithoutWeightsIsRefused() {
    hub.files.remove(MODEL);
    assertThat(visit.refusal()).contains("has no config.json with a model.safetensors");
  }

  @Test
  void aCacheThatCannotBeWrittenIsSaid() throws Exception {
    Path file = Files.writeString(temporary.resolve("file"), "in the way");
    assertThat(visit.refusal(new Hub(visit.settings(1).withCache(file))))
        .contains(file.toString(), "HF_HUB_CACHE");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "..",
        "../x",
        "/x",
        "a/b/c",
        "a//b",
        "a--b",
        "a..b",
        "-a",
        "a/",
        "a\\b",
        "a b",
        "a\nb",
        "a@",
        "a@..",
        "a@../x",
        "a@/x",
        "a@x/",
        "a@x//y",
        "a@x/../y",
        "a@x\\y",
        "a@x@y",
        "a@-x",
        "a@x?y",
        "a@x%2fy",
        "https://a/b"
      })
  void aNameThatCouldLeadElsewhereIsRefused(String name) {
    Hub local = new Hub(visit.settings(1));
    assertThatThrownBy(() -> local.fetch(name, Progress.SILENT))
        .isInstanceOf(WeightsException.class);
    assertThatThrownBy(() -> local.cached(name)).isInstanceOf(WeightsException.class);
    assertThat(Hub.isName(name)).isFalse();
    assertThat(hub.requests).isEmpty();
  }
}
