package dev.vitrine.weights.hub;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CopyOnWriteArrayList;

/** A proxy that asks for a login and then leads to one server, whatever name it is asked for. */
final class Tunnel implements AutoCloseable {

  /** The first lines of what was asked, with the login where there was one. */
  final List<String> asked = new CopyOnWriteArrayList<>();

  private final ServerSocket socket;
  private final int to;
  private final String login;

  /**
   * Listens.
   *
   * @param to the port of the server
   * @param login user and password with a colon between
   */
  Tunnel(int to, String login) throws IOException {
    this.socket = new ServerSocket(0, 50, InetAddress.ofLiteral("127.0.0.1"));
    this.to = to;
    this.login = Base64.getEncoder().encodeToString(login.getBytes(StandardCharsets.UTF_8));
    Thread.ofVirtual().start(this::serve);
  }

  String address() {
    return "127.0.0.1:" + socket.getLocalPort();
  }

  private void serve() {
    while (!socket.isClosed()) {
      try {
        Socket peer = socket.accept();
        Thread.ofVirtual().start(() -> lead(peer));
      } catch (IOException e) {
        return;
      }
    }
  }

  private void lead(Socket peer) {
    try (peer) {
      List<String> lines = head(peer);
      boolean known =
          lines.stream()
              .anyMatch(line ->
                  line.toLowerCase(Locale.ROOT).startsWith("proxy-authorization: basic")
                      && line.endsWith(login));
      asked.add(lines.getFirst() + (known ? " (known)" : ""));
      OutputStream out = peer.getOutputStream();
      if (!known) {
        LocalHub.write(
            out,
            """
            HTTP/1.1 407 Login
            Proxy-Authenticate: Basic realm="x"
            Connection: close
            Content-Length: 0

            """);
        return;
      }
      try (Socket server = new Socket(InetAddress.ofLiteral("127.0.0.1"), to)) {
        LocalHub.write(out, "HTTP/1.1 200 Led\n\n");
        Thread back = Thread.ofVirtual().start(() -> copy(server, peer));
        copy(peer, server);
        back.join();
      }
    } catch (IOException | InterruptedException e) {
      // The client has gone, as it may.
    }
  }

  private static List<String> head(Socket peer) throws IOException {
    // Nothing follows the head until it is answered, so that reading ahead loses nothing.
    BufferedReader in =
        new BufferedReader(
            new InputStreamReader(peer.getInputStream(), StandardCharsets.ISO_8859_1));
    List<String> lines = new ArrayList<>();
    for (String line = in.readLine(); line != null && !line.isEmpty(); line = in.readLine()) {
      lines.add(line);
    }
    return lines;
  }

  private static void copy(Socket from, Socket to) {
    try {
      from.getInputStream().transferTo(to.getOutputStream());
      to.shutdownOutput();
    } catch (IOException e) {
      // One of the two has gone, as it may.
    }
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
