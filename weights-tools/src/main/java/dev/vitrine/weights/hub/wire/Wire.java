package dev.vitrine.weights.hub.wire;

import dev.vitrine.weights.WeightsException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.channels.UnresolvedAddressException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * Requests to one server and to wherever it redirects.
 *
 * <p>The token goes to that server only, and never in the clear (but to this machine).
 */
public final class Wire implements AutoCloseable {

  private static final int MAX_REDIRECTS = 10;
  private static final Set<Integer> REDIRECTS = Set.of(301, 302, 303, 307, 308);

  private final HttpClient client;
  private final URI home;
  private final Optional<Token> token;
  private final Duration stall;

  /**
   * Connects to nothing yet.
   *
   * @param home an address at the server that may see the token
   * @param connect how long making a connection may take
   * @param stall how long the server may send nothing
   */
  public Wire(URI home, Optional<Token> token, Proxies proxies, Duration connect, Duration stall) {
    this.home = home;
    this.token = token;
    this.stall = stall;
    HttpClient.Builder builder =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .followRedirects(HttpClient.Redirect.NEVER)
            .connectTimeout(connect)
            .proxy(proxies);
    proxies.login().ifPresent(builder::authenticator);
    this.client = builder.build();
  }

  /**
   * Asks for a file.
   *
   * @throws Fault if it may go better another time
   * @throws WeightsException if not
   */
  public Reply get(URI uri, Map<String, String> headers) throws Fault {
    return follow("GET", uri, headers);
  }

  /**
   * Asks about a file. A redirect to another server that says what the file is counts as the
   * answer.
   *
   * @throws Fault if it may go better another time
   * @throws WeightsException if not
   */
  public Reply head(URI uri) throws Fault {
    return follow("HEAD", uri, Map.of());
  }

  private Reply follow(String method, URI start, Map<String, String> headers) throws Fault {
    List<HttpHeaders> earlier = new ArrayList<>();
    URI uri = start;
    while (earlier.size() <= MAX_REDIRECTS) {
      HttpResponse<InputStream> response = send(request(method, uri, headers));
      @Nullable String location = response.headers().firstValue("location").orElse(null);
      if (!REDIRECTS.contains(response.statusCode()) || location == null) {
        return new Reply(response, earlier, stall);
      }
      URI next = target(uri, location);
      boolean told = response.headers().firstValue("x-linked-etag").isPresent();
      if (method.equals("HEAD") && told && !sameServer(uri, next)) {
        return new Reply(response, earlier, stall);
      }
      Reply.close(response);
      earlier.add(response.headers());
      uri = next;
    }
    throw new WeightsException(
        place(start)
            + ": redirects in a circle (more than "
            + MAX_REDIRECTS
            + " times); check the endpoint and the proxy");
  }

  private HttpRequest request(String method, URI uri, Map<String, String> headers) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(uri)
            .method(method, HttpRequest.BodyPublishers.noBody())
            .header("User-Agent", "vitrine")
            // Lengths and ranges are those of the file itself.
            .header("Accept-Encoding", "identity");
    headers.forEach(request::header);
    if (sameServer(home, uri) && (secure(uri) || loopback(uri))) {
      token.ifPresent(secret -> request.header("Authorization", secret.header()));
    }
    return request.build();
  }

  private static URI target(URI from, String location) {
    URI next;
    try {
      next = from.resolve(location);
    } catch (IllegalArgumentException e) {
      throw new WeightsException(place(from) + ": redirects to what is no address", e);
    }
    boolean web = secure(next) || "http".equalsIgnoreCase(next.getScheme());
    if (!web || next.getHost() == null || next.getRawUserInfo() != null) {
      throw new WeightsException(place(from) + ": redirects to what is no address of the web");
    }
    if (secure(from) && !secure(next)) {
      throw new WeightsException(
          place(from) + ": redirects from https to http at " + place(next) + "; it is refused");
    }
    return next;
  }

  private HttpResponse<InputStream> send(HttpRequest request) throws Fault {
    String place = place(request.uri());
    // Not HttpRequest.timeout: from Java 26 on, that one is for the whole body.
    CompletableFuture<HttpResponse<InputStream>> answer =
        client.sendAsync(request, BodyHandlers.ofInputStream());
    try {
      return answer.get(stall.toNanos(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      answer.cancel(true);
      throw new Fault(place + " does not answer within " + stall.toSeconds() + " s", e);
    } catch (InterruptedException e) {
      answer.cancel(true);
      Thread.currentThread().interrupt();
      throw new WeightsException("the fetch was interrupted; fetch again to go on", e);
    } catch (ExecutionException e) {
      throw failure(place, e);
    }
  }

  private static Fault failure(String place, ExecutionException e) {
    String said = "";
    for (Throwable cause = e.getCause(); cause != null; cause = cause.getCause()) {
      if (cause instanceof SSLException) {
        throw new WeightsException(
            place
                + ": the connection is not secure ("
                + cause.getMessage()
                + "); check the clock, the proxy and Java's certificates",
            e);
      }
      if (cause instanceof UnresolvedAddressException) {
        return new Fault(
            place + " is not known here; check the network, HTTPS_PROXY and HF_ENDPOINT", e);
      }
      String message = cause.getMessage();
      if (said.isEmpty() && message != null) {
        said = " (" + message.substring(0, Math.min(200, message.length())) + ")";
      }
    }
    return new Fault(place + " cannot be reached" + said, e);
  }

  /** Whether two addresses are of one server. */
  static boolean sameServer(URI one, URI other) {
    return one.getScheme().equalsIgnoreCase(other.getScheme())
        && one.getHost().equalsIgnoreCase(other.getHost())
        && port(one) == port(other);
  }

  private static int port(URI uri) {
    return uri.getPort() >= 0 ? uri.getPort() : secure(uri) ? 443 : 80;
  }

  private static boolean secure(URI uri) {
    return "https".equalsIgnoreCase(uri.getScheme());
  }

  private static boolean loopback(URI uri) {
    String host = uri.getHost().toLowerCase(Locale.ROOT);
    return host.equals("localhost") || host.equals("[::1]") || host.matches("127(\\.\\d+){3}");
  }

  /** Host and port: the rest of an address may hold a signature. */
  static String place(URI uri) {
    return uri.getPort() < 0 ? uri.getHost() : uri.getHost() + ":" + uri.getPort();
  }

  @Override
  public void close() {
    client.shutdownNow();
  }
}
