package dev.vitrine.weights.hub;

import static dev.vitrine.weights.hub.LocalHub.LIST;
import static dev.vitrine.weights.hub.LocalHub.respond;
import static dev.vitrine.weights.hub.LocalHub.write;
import static dev.vitrine.weights.hub.Visit.GET;
import static dev.vitrine.weights.hub.Visit.HEAD;
import static dev.vitrine.weights.hub.Visit.MODEL;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever the server does, a fetch survives it or says it in one line. */
@Timeout(20)
class HostileHubTest {

  private static final byte[] NOTHING = new byte[0];

  @TempDir Path temporary;
  private Visit visit;
  private LocalHub hub;
  private byte[] whole = NOTHING;

  @BeforeEach
  void open() throws Exception {
    visit = new Visit(temporary);
    hub = visit.hub;
    whole = hub.file(MODEL);
  }

  @AfterEach
  void noPartIsTakenForWhole() throws Exception {
    visit.leave();
  }

  private LocalHub.Answer half() {
    return (request, out) -> {
      write(
          out,
          "HTTP/1.1 200 OK\nETag: \""
              + LocalHub.hash("SHA-1", whole)
              + "\"\nContent-Length: "
              + whole.length
              + "\n\n");
      out.write(whole, 0, whole.length / 2);
      out.flush();
      // What has not been read when the connection breaks is lost, as with any server.
      Thread.sleep(60);
    };
  }

  /** From which byte on a request wants the file. */
  private static long from(LocalHub.Request request) {
    return Long.parseLong(request.header("range").replaceAll("bytes=([0-9]+)-", "$1"));
  }

  private static LocalHub.Answer status(int status, String headers) {
    return (request, out) -> respond(out, status, headers, NOTHING);
  }

  @Test
  void breaksOffAndIsGoneOnWith() throws Exception {
    hub.once(GET, half());
    visit.assertFetched(visit.fetch());
    LocalHub.Request second = hub.asked(GET).get(1);
    assertThat(from(second)).isBetween(1L, whole.length / 2L);
    assertThat(second.header("if-range")).contains(LocalHub.hash("SHA-1", whole));
  }

  @Test
  void aLaterFetchGoesOnWithThePart() throws Exception {
    hub.once(GET, half());
    assertThat(visit.refusal(new Hub(visit.settings(1)))).contains("broke off", "try again later");
    long length = Files.size(visit.part());
    assertThat(length).isBetween(1L, whole.length / 2L);
    visit.assertFetched(visit.fetch());
    assertThat(from(hub.asked(GET).get(1))).isEqualTo(length);
    assertThat(visit.part()).doesNotExist();
  }

  @Test
  void breaksOffEachTime() {
    hub.always(GET, half());
    assertThat(visit.refusal()).contains(MODEL, "broke off", "3 tries");
  }

  @Test
  void breaksOffInTheSmallAnswers() throws Exception {
    hub.once(LIST, (request, out) -> write(out, "HTTP/1.1 200 OK\nContent-Length: 99\n\n{"));
    hub.once(HEAD, (request, out) -> write(out, "HTTP/1.1 200 O"));
    visit.assertFetched(visit.fetch());
  }

  @ParameterizedTest
  @ValueSource(ints = {-1, 1, 100_000, 1_000_000_000})
  void announcesAnotherLengthThanPublished(int more) {
    hub.always(
        GET,
        (request, out) -> {
          write(out, "HTTP/1.1 200 OK\nContent-Length: " + (whole.length + more) + "\n\n");
          out.write(whole);
        });
    assertThat(visit.refusal()).contains("announces", "published " + whole.length);
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 10, 299_999, 300_001, 30_000_000_000L})
  void publishesAnotherSizeThanItsHash(long size) throws Exception {
    String hash = LocalHub.published(MODEL, whole);
    hub.always(HEAD, (request, out) -> LocalHub.head(out, hash, size));
    assertThat(visit.refusal()).startsWith("org/tiny: model.safetensors");
  }

  @Test
  void publishesASizeThatNoModelHas() {
    hub.always(HEAD, (request, out) -> LocalHub.head(out, "ab".repeat(32), 1L << 50));
    assertThat(visit.refusal()).contains("it is refused");
    assertThat(hub.asked(GET)).isEmpty();
  }

  @Test
  void publishesNoHash() {
    hub.always(HEAD, status(200, "ETag: \"../../evil\"\nX-Linked-Size: 4\n"));
    assertThat(visit.refusal()).contains("publishes no hash");
  }

  @Test
  void sendsWithoutEnd() {
    AtomicLong sent = new AtomicLong();
    hub.always(
        GET,
        (request, out) -> {
          write(out, "HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n");
          byte[] chunk = new byte[0x8000];
          while (true) {
            write(out, "8000\n");
            out.write(chunk);
            write(out, "\n");
            sent.addAndGet(chunk.length);
          }
        });
    assertThat(visit.refusal()).contains("sends more than the published " + whole.length);
    assertThat(sent.get()).isLessThan(100_000_000);
  }

  @Test
  void describesWithoutEnd() {
    hub.always(
        LIST,
        (request, out) -> {
          write(out, "HTTP/1.1 200 OK\n\n{\"sha\": \"");
          while (true) {
            out.write(new byte[0x8000]);
          }
        });
    assertThat(visit.refusal()).contains("bytes of description");
  }

  @Test
  void endsWithoutALengthTooEarly() throws Exception {
    hub.once(
        GET,
        (request, out) -> {
          write(out, "HTTP/1.1 200 OK\n\n");
          out.write(whole, 0, 1000);
        });
    visit.assertFetched(visit.fetch());
  }

  @Test
  void sendsWrongBytes() throws Exception {
    hub.always(GET, (request, out) -> respond(out, 200, "", new byte[whole.length]));
    assertThat(visit.refusal()).contains("hash is wrong", "HF_ENDPOINT");
    assertThat(visit.part()).doesNotExist();
    assertThat(hub.asked(GET)).hasSize(2);
  }

  @Test
  void anOldPartIsOfOtherBytes() throws Exception {
    Files.createDirectories(visit.part().getParent());
    Files.write(visit.part(), new byte[1000]);
    visit.assertFetched(visit.fetch());
    assertThat(hub.asked(GET))
        .extracting(r -> r.header("range"))
        .containsExactly("bytes=1000-", "");
  }

  @ParameterizedTest
  @ValueSource(ints = {300_000, 300_001, 999_999})
  void anOldPartIsTooLong(int length) throws Exception {
    Files.createDirectories(visit.part().getParent());
    Files.write(visit.part(), new byte[length]);
    visit.assertFetched(visit.fetch());
  }

  @Test
  void changesTheFileBetweenAttempts() throws Exception {
    byte[] other = LocalHub.bytes(2, whole.length);
    hub.once(GET, half());
    hub.always(
        GET,
        (request, out) -> {
          hub.files.put(MODEL, other);
          hub.normal(request, out);
        });
    assertThat(visit.refusal()).contains("hash is wrong");
    visit.assertFetched(visit.fetch());
    assertThat(hub.file(MODEL)).isEqualTo(other);
  }

  @Test
  void ignoresThatTheFileChanged() throws Exception {
    hub.once(GET, half());
    hub.once(
        GET,
        (request, out) -> {
          int from = whole.length / 2;
          String range = "Content-Range: bytes " + from + "-299999/300000\nETag: \"new\"\n";
          respond(out, 206, range, new byte[whole.length - from]);
        });
    visit.assertFetched(visit.fetch());
    assertThat(hub.asked(GET).get(2).header("range")).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "bytes 0-299999/300000",
        "bytes 150000-299999/400000",
        "bytes 150000-160000/300000",
        "bytes 150000-299999/",
        "bytes 99999999999999999999-299999/300000"
      })
  void answersWithAnotherRange(String range) throws Exception {
    hub.once(GET, half());
    byte[] rest = Arrays.copyOfRange(whole, whole.length / 2, whole.length);
    hub.once(GET, (request, out) -> respond(out, 206, "Content-Range: " + range + "\n", rest));
    visit.assertFetched(visit.fetch());
    assertThat(hub.asked(GET).get(2).header("range")).isEmpty();
  }

  @Test
  void answersWithARangeUnasked() {
    hub.always(
        GET, (request, out) -> respond(out, 206, "Content-Range: bytes 0-299999/300000\n", whole));
    assertThat(visit.refusal()).contains("another range");
  }

  @Test
  void knowsNoRanges() throws Exception {
    hub.once(GET, half());
    hub.once(GET, (request, out) -> respond(out, 200, "", whole));
    visit.assertFetched(visit.fetch());
  }

  @Test
  void saysThatTheRangeIsNone() throws Exception {
    hub.once(GET, half());
    hub.once(GET, status(416, ""));
    visit.assertFetched(visit.fetch());
    assertThat(hub.asked(GET).get(2).header("range")).isEmpty();
  }

  @Test
  void isOutOfOrderForAWhile() throws Exception {
    hub.once(LIST, status(503, ""));
    hub.once(HEAD, status(500, ""));
    hub.once(GET, status(502, ""));
    hub.once(GET, status(504, ""));
    visit.assertFetched(visit.fetch());
  }

  @Test
  void isOutOfOrder() {
    hub.always(GET, status(500, ""));
    assertThat(visit.refusal()).contains("out of order (500)", "3 tries");
  }

  @Test
  void limitsTheRate() throws Exception {
    String soon = DateTimeFormatter.RFC_1123_DATE_TIME.format(ZonedDateTime.now(ZoneOffset.UTC));
    hub.once(LIST, status(429, "Retry-After: 1\n"));
    hub.once(HEAD, status(429, "Retry-After: " + soon + "\n"));
    hub.once(GET, status(429, "Retry-After: soon\n"));
    long start = System.nanoTime();
    visit.assertFetched(visit.fetch());
    assertThat(System.nanoTime() - start).isGreaterThan(1_000_000_000L);
  }

  @ParameterizedTest
  @ValueSource(strings = {"3600", "999999999", "Wed, 21 Oct 2099 07:28:00 GMT"})
  void limitsTheRateForLongerThanIsBorne(String wait) {
    hub.always(GET, status(429, "Retry-After: " + wait + "\n"));
    assertThat(visit.refusal()).contains("429", "asks to wait");
    assertThat(hub.asked(GET)).hasSize(1);
  }

  @Test
  void stalls() throws Exception {
    hub.once(LIST, (request, out) -> Thread.sleep(5000));
    hub.once(
        GET,
        (request, out) -> {
          half().to(request, out);
          out.flush();
          Thread.sleep(5000);
        });
    visit.assertFetched(visit.fetch());
    assertThat(from(hub.asked(GET).get(1))).isBetween(1L, whole.length / 2L);
  }

  @Test
  void drips() {
    hub.always(
        GET,
        (request, out) -> {
          write(out, "HTTP/1.1 200 OK\nContent-Length: " + whole.length + "\n\n");
          for (byte drop : whole) {
            out.write(drop);
            Thread.sleep(20);
          }
        });
    assertThat(visit.refusal()).contains("sends nothing");
  }

  @Test
  void sendsAPageInstead() {
    byte[] page = "<html>log in</html>".getBytes(StandardCharsets.UTF_8);
    hub.always(
        LIST, (request, out) -> respond(out, 200, "Content-Type: text/html; charset=x\n", page));
    assertThat(visit.refusal()).contains("web page instead of a file");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "[]", "{", "{}", "{\"sha\": \"../..\", \"siblings\": []}", "\u0007"})
  void describesNonsense(String json) {
    hub.always(
        LIST, (request, out) -> respond(out, 200, "", json.getBytes(StandardCharsets.UTF_8)));
    assertThat(visit.refusal()).isNotEmpty();
  }

  @Test
  void speaksAnotherProtocol() {
    hub.always(LIST, (request, out) -> write(out, "SSH-2.0-OpenSSH\n"));
    assertThat(visit.refusal()).contains("cannot be reached", "3 tries");
  }

  @Test
  void listsFilesElsewhere() throws Exception {
    hub.files.put("../../evil.safetensors", NOTHING);
    hub.files.put("/evil/config.json", NOTHING);
    Path snapshot = visit.fetch();
    visit.assertFetched(snapshot);
    assertThat(Visit.list(snapshot))
        .extracting(path -> path.getFileName().toString())
        .containsExactly("config.json", "merges.txt", MODEL);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "../../../evil.bin",
        "/evil.bin",
        "..",
        "",
        "a/b.bin",
        "a\\\\b.bin",
        "C:x.bin",
        "evil.sh",
        ".evil.bin",
        "a?b.bin",
        "a%2fb.bin",
        "a\\u0000.bin"
      })
  void anIndexNamesAFileElsewhere(String shard) throws Exception {
    hub.files.remove(MODEL);
    String json = "{\"weight_map\": {\"wte.weight\": \"" + shard + "\"}}";
    hub.files.put("model.safetensors.index.json", json.getBytes(StandardCharsets.UTF_8));
    assertThat(visit.refusal()).contains("it is refused");
    assertThat(hub.requests).noneMatch(request -> request.path().contains("evil"));
  }

  @Test
  void answersWithAnotherCommit() {
    String other = "X-Repo-Commit: " + "d".repeat(40) + "\nETag: \"" + "e".repeat(64) + "\"\n";
    hub.always(HEAD, status(200, other));
    assertThat(visit.refusal()).contains("another commit");
  }
}
