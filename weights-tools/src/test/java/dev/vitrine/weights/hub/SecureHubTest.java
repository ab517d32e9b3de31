package dev.vitrine.weights.hub;

import static dev.vitrine.weights.hub.Visit.SECRET;
import static org.assertj.core.api.Assertions.assertThat;

import dev.vitrine.weights.Progress;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A hub over TLS whose certificate it signed itself: refused, unless Java is given its store. Each
 * fetch runs in a process of its own, as the trust of a JVM is settled once.
 */
@Timeout(60)
class SecureHubTest {

  private static final String PASSWORD = "changeit";

  @TempDir
  @SuppressWarnings("NullAway.Init")
  static Path keys;

  @TempDir Path temporary;
  private Visit visit;

  @BeforeAll
  static void makeCertificate() throws Exception {
    Process keytool =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-genkeypair",
                "-alias",
                "hub",
                "-keyalg",
                "EC",
                "-dname",
                "CN=localhost",
                "-ext",
                "SAN=ip:127.0.0.1,dns:hub.invalid",
                "-validity",
                "2",
                "-storetype",
                "PKCS12",
                "-storepass",
                PASSWORD,
                "-keystore",
                store().toString())
            .inheritIO()
            .start();
    assertThat(keytool.waitFor(30, TimeUnit.SECONDS)).isTrue();
    assertThat(keytool.exitValue()).isZero();
  }

  private static Path store() {
    return keys.resolve("hub.p12");
  }

  @BeforeEach
  void open() throws Exception {
    KeyStore own = KeyStore.getInstance(store().toFile(), PASSWORD.toCharArray());
    KeyManagerFactory managers =
        KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    managers.init(own, PASSWORD.toCharArray());
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(managers.getKeyManagers(), null, null);
    LocalHub hub =
        LocalHub.withModel(
            new LocalHub(
                context
                    .getServerSocketFactory()
                    .createServerSocket(0, 50, InetAddress.ofLiteral("127.0.0.1"))));
    visit = new Visit(temporary, hub);
  }

  @AfterEach
  void noPartIsTakenForWhole() throws Exception {
    visit.leave();
  }

  /** A process that fetches as its environment says; prints what is wrong. */
  static final class Fetching {
    public static void main(String[] args) {
      try {
        Hub.ofEnvironment().fetch("org/tiny", Progress.SILENT);
      } catch (RuntimeException e) {
        System.out.println(e.getMessage());
        System.exit(1);
      }
    }
  }

  /** What a fetch says, nothing if it succeeds. */
  private String fetch(Map<String, String> environment, String... flags) throws Exception {
    List<String> command =
        new ArrayList<>(
            List.of(
                ProcessHandle.current().info().command().orElse("java"),
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path")));
    command.addAll(List.of(flags));
    command.add(Fetching.class.getName());
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder
        .environment()
        .keySet()
        .removeIf(name -> name.toLowerCase(Locale.ROOT).endsWith("_proxy"));
    builder.environment().put("HF_HUB_CACHE", visit.cache.toString());
    builder.environment().put("HF_TOKEN", SECRET);
    builder.environment().put("HF_ENDPOINT", visit.hub.uri());
    builder.environment().putAll(environment);
    Path said = temporary.resolve("said.txt");
    Process process = builder.redirectOutput(said.toFile()).start();
    assertThat(process.waitFor(50, TimeUnit.SECONDS)).isTrue();
    String text = Files.readString(said);
    assertThat(process.exitValue()).as(text).isEqualTo(text.isEmpty() ? 0 : 1);
    return text;
  }

  private static String[] trusting(String... more) {
    List<String> flags =
        new ArrayList<>(
            List.of(
                "-Djavax.net.ssl.trustStore=" + store(),
                "-Djavax.net.ssl.trustStorePassword=" + PASSWORD));
    flags.addAll(List.of(more));
    return flags.toArray(String[]::new);
  }

  @Test
  void aCertificateThatNobodyVouchesForIsRefusedBeforeAnyRequest() throws Exception {
    assertThat(fetch(Map.of()))
        .contains("the connection is not secure", "certificates")
        .doesNotContain(SECRET)
        .hasLineCount(1);
    assertThat(visit.hub.requests).isEmpty();
  }

  @Test
  void withItsStoreTheHubIsBelievedAndSeesTheToken() throws Exception {
    assertThat(fetch(Map.of(), trusting())).isEmpty();
    visit.assertFetched(visit.cache.resolve("models--org--tiny/snapshots/" + LocalHub.COMMIT));
    assertThat(visit.hub.requests)
        .isNotEmpty()
        .allMatch(request -> request.header("authorization").equals("Bearer " + SECRET));
  }

  @Test
  void aNameThatTheCertificateDoesNotHaveIsRefused() throws Exception {
    String other = visit.hub.uri().replace("127.0.0.1", "localhost");
    assertThat(fetch(Map.of("HF_ENDPOINT", other), trusting()))
        .contains("the connection is not secure");
    assertThat(visit.hub.requests).isEmpty();
  }

  @Test
  void aProxyWithALoginIsATunnelOfWhichItSeesTheNameOnly() throws Exception {
    try (Tunnel tunnel = new Tunnel(visit.hub.port(), "me:a word")) {
      Map<String, String> environment =
          Map.of(
              "HF_ENDPOINT",
              "https://hub.invalid",
              "HTTPS_PROXY",
              "http://me:a%20word@" + tunnel.address());
      // Without this Java keeps the login to itself, which the message then says.
      String[] flags = trusting("-Djdk.http.auth.tunneling.disabledSchemes=");
      assertThat(fetch(environment, flags)).isEmpty();
      assertThat(tunnel.asked).contains("CONNECT hub.invalid:443 HTTP/1.1 (known)");
      assertThat(visit.hub.requests)
          .isNotEmpty()
          .allMatch(request -> request.header("proxy-authorization").isEmpty())
          .allMatch(request -> request.header("authorization").equals("Bearer " + SECRET));
    }
  }

  @Test
  void aProxyThatWantsAnotherLoginIsSaid() throws Exception {
    try (Tunnel tunnel = new Tunnel(visit.hub.port(), "me:other")) {
      String said =
          fetch(
              Map.of(
                  "HF_ENDPOINT",
                  "https://hub.invalid",
                  "HTTPS_PROXY",
                  "http://me:word@" + tunnel.address()),
              trusting());
      assertThat(said).contains("proxy").doesNotContain("word").hasLineCount(1);
      assertThat(visit.hub.requests).isEmpty();
    }
  }
}
