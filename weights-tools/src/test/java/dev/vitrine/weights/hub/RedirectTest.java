package dev.vitrine.weights.hub;

import static dev.vitrine.weights.hub.LocalHub.LIST;
import static dev.vitrine.weights.hub.LocalHub.respond;
import static dev.vitrine.weights.hub.Visit.GET;
import static dev.vitrine.weights.hub.Visit.HEAD;
import static dev.vitrine.weights.hub.Visit.MODEL;
import static dev.vitrine.weights.hub.Visit.SECRET;
import static org.assertj.core.api.Assertions.assertThat;

import dev.vitrine.weights.Progress;
import dev.vitrine.weights.hub.wire.Proxies;
import java.net.URI;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Requests go where they are sent; the token stays at home. */
@Timeout(20)
class RedirectTest {

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

  private static LocalHub.Answer redirect(String location, String headers) {
    return (request, out) ->
        respond(out, 302, "Location: " + location + "\n" + headers, new byte[0]);
  }

  /** As the hub keeps large files: at another host, which knows another ETag. */
  @Test
  void theTokenDoesNotFollowToAnotherHost() throws Exception {
    byte[] whole = hub.file(MODEL);
    String elsewhere = hub.uri().replace("127.0.0.1", "localhost") + "/cdn?signature=x";
    String linked =
        "X-Repo-Commit: "
            + LocalHub.COMMIT
            + "\nX-Linked-Size: "
            + whole.length
            + "\nX-Linked-Etag: \""
            + LocalHub.published(MODEL, whole)
            + "\"\n";
    hub.always(HEAD, redirect(elsewhere, linked));
    hub.always(GET, redirect(elsewhere, linked));
    hub.always(
        "GET cdn?signature=x", (request, out) -> respond(out, 200, "ETag: \"md5\"\n", whole));
    visit.assertFetched(visit.fetch());
    assertThat(hub.asked("GET cdn?signature=x")).hasSize(1);
    for (LocalHub.Request request : hub.requests) {
      boolean home = request.header("host").startsWith("127.0.0.1");
      assertThat(request.header("authorization")).isEqualTo(home ? "Bearer " + SECRET : "");
    }
    assertThat(hub.requests).noneMatch(request -> request.path().contains(SECRET));
  }

  @Test
  void aPlaceWithASignatureIsNotPrinted() throws Exception {
    hub.always(GET, redirect("/cdn?signature=x", ""));
    hub.always("GET cdn?signature=x", (request, out) -> respond(out, 403, "", new byte[0]));
    assertThat(visit.refusal()).contains("(403)", "HF_TOKEN").doesNotContain("signature");
  }

  @Test
  void aRenamedModelIsFollowed() throws Exception {
    for (String kind : new String[] {LIST, HEAD, GET}) {
      hub.once(
          kind,
          (request, out) -> respond(out, 307, "Location: " + request.path() + "\n", new byte[0]));
    }
    visit.assertFetched(visit.fetch());
  }

  @ParameterizedTest
  @ValueSource(strings = {LIST, HEAD, GET})
  void aCircleIsLeft(String kind) {
    hub.always(
        kind,
        (request, out) -> respond(out, 301, "Location: " + request.path() + "\n", new byte[0]));
    assertThat(visit.refusal()).contains("circle");
    assertThat(hub.asked(kind)).hasSize(11);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "file:///etc/passwd",
        "ftp://127.0.0.1/x",
        "http:///x",
        "ht tp://",
        "http://a:b@c/"
      })
  void whatIsNoAddressOfTheWebIsRefused(String location) {
    hub.always(GET, redirect(location, ""));
    assertThat(visit.refusal()).contains("redirects to what is no address");
  }

  /**
   * Any hub will do behind this proxy: it answers for every host, and sees no token in the clear.
   */
  @Test
  void goesThroughTheProxyWithoutATokenInTheClear() throws Exception {
    HubSettings base = visit.settings(2);
    HubSettings settings =
        new HubSettings(
            base.cache(),
            URI.create("http://hub.invalid"),
            base.token(),
            false,
            Proxies.of(Map.of("HTTP_PROXY", hub.uri(), "NO_PROXY", "other.invalid")),
            base.connect(),
            base.stall(),
            base.patience());
    visit.assertFetched(new Hub(settings).fetch("org/tiny", Progress.SILENT));
    assertThat(hub.requests).allMatch(request -> request.path().startsWith("http://hub.invalid/"));
    assertThat(hub.requests).allMatch(request -> request.header("authorization").isEmpty());
  }

  @Test
  void anUnknownHostIsSaid() {
    HubSettings base = visit.settings(2).withEndpoint("http://hub.invalid");
    assertThat(visit.refusal(new Hub(base))).contains("hub.invalid", "HTTPS_PROXY");
  }

  @Test
  void withoutATokenNoneIsSent() {
    HubSettings base = visit.settings(2);
    HubSettings settings =
        new HubSettings(
            base.cache(),
            base.endpoint(),
            Optional.empty(),
            false,
            base.proxies(),
            base.connect(),
            base.stall(),
            base.patience());
    new Hub(settings).fetch("org/tiny", Progress.SILENT);
    assertThat(hub.requests).allMatch(request -> request.header("authorization").isEmpty());
  }
}
