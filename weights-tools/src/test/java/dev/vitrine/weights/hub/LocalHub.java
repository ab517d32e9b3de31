package dev.vitrine.weights.hub;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;
import javax.net.ssl.SSLServerSocket;

/** A hub on this machine that keeps to the layout, but for the answers that a test puts in. */
final class LocalHub implements AutoCloseable {

  static final String COMMIT = "c0ffee".repeat(6) + "0123";
  static final String LIST = "GET list";

  /** What was asked. */
  record Request(String method, String path, Map<String, String> headers) {

    String header(String name) {
      return headers.getOrDefault(name, "");
    }

    String key() {
      String file = path.substring(path.lastIndexOf('/') + 1);
      return method + " " + (path.contains("/api/models/") ? "list" : file);
    }
  }

  /** How it is answered. */
  interface Answer {
    void to(Request request, OutputStream out) throws Exception;
  }

  final Map<String, byte[]> files = new ConcurrentHashMap<>();
  final List<Request> requests = new CopyOnWriteArrayList<>();
  private final Map<String, Deque<Answer>> once = new ConcurrentHashMap<>();
  private final Map<String, Answer> always = new ConcurrentHashMap<>();
  private final ServerSocket socket;

  LocalHub() throws IOException {
    this(new ServerSocket(0, 50, InetAddress.ofLiteral("127.0.0.1")));
  }

  /** A hub behind any socket, such as one of TLS. */
  LocalHub(ServerSocket socket) {
    this.socket = socket;
    Thread.ofVirtual().start(this::serve);
  }

  /** A small GPT-2, or what looks like one from outside. */
  static LocalHub withModel() throws IOException {
    return withModel(new LocalHub());
  }

  static LocalHub withModel(LocalHub hub) {
    hub.files.put("config.json", "{\"model_type\": \"gpt2\"}".getBytes(StandardCharsets.UTF_8));
    hub.files.put("merges.txt", "#version: 0.2\n".getBytes(StandardCharsets.UTF_8));
    hub.files.put("README.md", "not wanted".getBytes(StandardCharsets.UTF_8));
    hub.files.put("model.safetensors", bytes(1, 300_000));
    return hub;
  }

  static byte[] bytes(int seed, int length) {
    byte[] bytes = new byte[length];
    new java.util.Random(seed).nextBytes(bytes);
    return bytes;
  }

  byte[] file(String name) {
    return files.getOrDefault(name, new byte[0]);
  }

  int port() {
    return socket.getLocalPort();
  }

  String uri() {
    String scheme = socket instanceof SSLServerSocket ? "https" : "http";
    return scheme + "://127.0.0.1:" + port();
  }

  /** The next request of this kind, such as {@code GET config.json}, is answered so. */
  void once(String key, Answer answer) {
    once.computeIfAbsent(key, any -> new ArrayDeque<>()).add(answer);
  }

  /** Every further request of this kind is answered so. */
  void always(String key, Answer answer) {
    always.put(key, answer);
  }

  List<Request> asked(String key) {
    return requests.stream().filter(request -> request.key().equals(key)).toList();
  }

  private void serve() {
    while (!socket.isClosed()) {
      try {
        Socket peer = socket.accept();
        Thread.ofVirtual().start(() -> answer(peer));
      } catch (IOException e) {
        return;
      }
    }
  }

  private void answer(Socket peer) {
    try (peer) {
      Request request = read(new BufferedInputStream(peer.getInputStream()));
      requests.add(request);
      Deque<Answer> queue = once.getOrDefault(request.key(), new ArrayDeque<>());
      Answer next;
      synchronized (queue) {
        next = queue.poll();
      }
      Answer answer = next != null ? next : always.getOrDefault(request.key(), this::normal);
      answer.to(request, peer.getOutputStream());
      peer.getOutputStream().flush();
      // Without this, what is unread at this end would reset the connection.
      peer.shutdownOutput();
      peer.getInputStream().readNBytes(0);
    } catch (Exception e) {
      // The client has gone, as it may.
    }
  }

  private static Request read(InputStream in) throws IOException {
    String[] first = line(in).split(" ", 3);
    Map<String, String> headers = new LinkedHashMap<>();
    for (String line = line(in); !line.isEmpty(); line = line(in)) {
      String[] parts = line.split(": ", 2);
      headers.put(parts[0].toLowerCase(Locale.ROOT), parts[1]);
    }
    return new Request(first[0], first[1], headers);
  }

  private static String line(InputStream in) throws IOException {
    StringBuilder line = new StringBuilder();
    for (int c = in.read(); c != '\n'; c = in.read()) {
      if (c < 0) {
        throw new IOException("no request");
      }
      line.append((char) c);
    }
    return line.toString().strip();
  }

  /** What the hub itself would answer. */
  void normal(Request request, OutputStream out) throws Exception {
    if (request.key().equals(LIST)) {
      String names =
          files.keySet().stream()
              .map(name -> "{\"rfilename\": \"" + name + "\"}")
              .collect(Collectors.joining(", "));
      String json = "{\"id\": \"x\", \"sha\": \"" + COMMIT + "\", \"siblings\": [" + names + "]}";
      respond(out, 200, "Content-Type: application/json\n", json.getBytes(StandardCharsets.UTF_8));
      return;
    }
    String file = request.path().substring(request.path().lastIndexOf('/') + 1);
    byte[] body = files.get(file);
    if (body == null || !request.path().contains("/resolve/" + COMMIT + "/")) {
      respond(out, 404, "X-Error-Code: EntryNotFound\n", new byte[0]);
    } else if (request.method().equals("HEAD")) {
      head(out, published(file, body), body.length);
    } else {
      get(request, out, "ETag: \"" + hash("SHA-1", body) + "\"\n", body);
    }
  }

  static void head(OutputStream out, String hash, long size) throws IOException {
    String kind = hash.length() == 64 ? "X-Linked-Etag: \"" : "ETag: \"";
    write(
        out,
        "HTTP/1.1 200 OK\nX-Repo-Commit: "
            + COMMIT
            + "\n"
            + kind
            + hash
            + "\"\nContent-Length: "
            + size
            + "\n\n");
  }

  private static void get(Request request, OutputStream out, String tag, byte[] body)
      throws IOException {
    String range = request.header("range");
    String condition = request.header("if-range");
    if (range.isEmpty() || !(condition.isEmpty() || tag.contains(condition))) {
      respond(out, 200, tag, body);
      return;
    }
    int from = Integer.parseInt(range.replaceAll("\\D", ""));
    String told = "Content-Range: bytes " + from + "-" + (body.length - 1) + "/" + body.length;
    respond(out, 206, tag + told + "\n", Arrays.copyOfRange(body, from, body.length));
  }

  static void respond(OutputStream out, int status, String headers, byte[] body)
      throws IOException {
    write(
        out,
        "HTTP/1.1 "
            + status
            + " Said\nConnection: close\n"
            + headers
            + "Content-Length: "
            + body.length
            + "\n\n");
    out.write(body);
  }

  static void write(OutputStream out, String head) throws IOException {
    out.write(head.replace("\n", "\r\n").getBytes(StandardCharsets.ISO_8859_1));
  }

  /** As the hub does it: SHA-256 for weights, git's hash for small files. */
  static String published(String file, byte[] body) throws Exception {
    if (WantedFiles.isWeights(file)) {
      return hash("SHA-256", body);
    }
    byte[] prefix = ("blob " + body.length + "\0").getBytes(StandardCharsets.US_ASCII);
    byte[] whole = Arrays.copyOf(prefix, prefix.length + body.length);
    System.arraycopy(body, 0, whole, prefix.length, body.length);
    return hash("SHA-1", whole);
  }

  static String hash(String algorithm, byte[] body) throws Exception {
    return HexFormat.of().formatHex(MessageDigest.getInstance(algorithm).digest(body));
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
