package dev.vitrine.weights.hub.wire;

import dev.vitrine.weights.WeightsException;
import java.io.IOException;
import java.net.Authenticator;
import java.net.InetSocketAddress;
import java.net.PasswordAuthentication;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.SocketAddress;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The proxies of the variables {@code HTTPS_PROXY}, {@code HTTP_PROXY}, {@code ALL_PROXY} and
 * {@code NO_PROXY}, in capitals or not. Without them, those of the Java system properties.
 */
public final class Proxies extends ProxySelector {

  private final Map<String, URI> byScheme = new LinkedHashMap<>();
  private final List<String> exceptions = new ArrayList<>();

  private Proxies() {}

  /**
   * Reads the variables.
   *
   * @throws WeightsException if one is no address of a proxy
   */
  public static Proxies of(Map<String, String> environment) {
    Proxies proxies = new Proxies();
    for (String scheme : List.of("https", "http")) {
      variable(environment, scheme + "_proxy")
          .or(() -> variable(environment, "all_proxy"))
          .ifPresent(text -> proxies.byScheme.put(scheme, address(scheme, text)));
    }
    variable(environment, "no_proxy")
        .ifPresent(text -> {
          for (String entry : text.toLowerCase(Locale.ROOT).split("[,\\s]+", 0)) {
            if (!entry.isEmpty()) {
              proxies.exceptions.add(entry);
            }
          }
        });
    return proxies;
  }

  private static Optional<String> variable(Map<String, String> environment, String name) {
    return Optional.ofNullable(environment.get(name))
        .or(() -> Optional.ofNullable(environment.get(name.toUpperCase(Locale.ROOT))))
        .filter(text -> !text.isBlank());
  }

  // The text may hold a password: no message shows it.
  private static URI address(String scheme, String text) {
    String variable = scheme.toUpperCase(Locale.ROOT) + "_PROXY";
    try {
      String stripped = text.strip();
      URI uri = URI.create(stripped.contains("://") ? stripped : "http://" + stripped);
      if (uri.getHost() != null && "http".equalsIgnoreCase(uri.getScheme())) {
        return uri;
      }
    } catch (IllegalArgumentException e) {
      // Said below; the cause would show the text.
    }
    throw new WeightsException(
        variable + ": is not the address of an HTTP proxy, such as http://proxy.example:3128");
  }

  @Override
  public List<Proxy> select(URI uri) {
    URI proxy = byScheme.get(uri.getScheme().toLowerCase(Locale.ROOT));
    if (proxy != null && !excepted(uri)) {
      int port = proxy.getPort() < 0 ? 80 : proxy.getPort();
      return List.of(new Proxy(Proxy.Type.HTTP, new InetSocketAddress(proxy.getHost(), port)));
    }
    @Nullable ProxySelector system = byScheme.isEmpty() ? ProxySelector.getDefault() : null;
    return system == null ? List.of(Proxy.NO_PROXY) : system.select(uri);
  }

  private boolean excepted(URI uri) {
    String host = uri.getHost().toLowerCase(Locale.ROOT);
    for (String entry : exceptions) {
      String name = entry.startsWith("*.") ? entry.substring(1) : entry;
      String domain = name.startsWith(".") ? name : "." + name;
      if (entry.equals("*")
          || host.equals(domain.substring(1))
          || host.endsWith(domain)
          || (host + ":" + uri.getPort()).equals(name)) {
        return true;
      }
    }
    return false;
  }

  @Override
  public void connectFailed(URI uri, SocketAddress address, IOException reason) {
    // The request itself fails and says so.
  }

  /** The login of the proxies, if their addresses hold one. */
  Optional<Authenticator> login() {
    return byScheme.values().stream().map(URI::getRawUserInfo).anyMatch(info -> info != null)
        ? Optional.of(new Login())
        : Optional.empty();
  }

  /** Answers proxies only, and each only with its own login. */
  private final class Login extends Authenticator {

    @Override
    protected @Nullable PasswordAuthentication getPasswordAuthentication() {
      if (getRequestorType() != RequestorType.PROXY) {
        return null;
      }
      for (URI proxy : byScheme.values()) {
        String info = proxy.getRawUserInfo();
        if (info != null && proxy.getHost().equalsIgnoreCase(getRequestingHost())) {
          String[] parts = info.split(":", 2);
          String password = parts.length == 2 ? decode(parts[1]) : "";
          return new PasswordAuthentication(decode(parts[0]), password.toCharArray());
        }
      }
      return null;
    }

    private static String decode(String text) {
      return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
    }
  }
}
