package dev.vitrine.weights.hub;

import dev.vitrine.weights.WeightsException;
import dev.vitrine.weights.hub.wire.Reply;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Locale;
import java.util.OptionalLong;
import java.util.regex.Pattern;

/**
 * What the hub says that a file is.
 *
 * @param file its name
 * @param hash its SHA-256 or, where it is small, git's SHA-1 of it, in hexadecimal
 * @param size its length in bytes
 */
record PublishedFile(String file, String hash, long size) {

  /** The 6.4 GB of GPT-2 XL fit in ten times. */
  private static final long MAX_WEIGHTS = 1L << 36;

  private static final long MAX_DESCRIPTION = 1L << 26;
  private static final int SHA_1 = 40;
  private static final Pattern HASH = Pattern.compile("[0-9a-f]{40}|[0-9a-f]{64}");
  private static final int PIECE = 1 << 18;

  /**
   * Reads what a reply to HEAD publishes.
   *
   * @throws WeightsException if that is not enough to check the file, or too much to take it
   */
  static PublishedFile of(String subject, String file, Reply reply) {
    String tag = reply.along("x-linked-etag").or(() -> reply.header("etag")).orElse("");
    String bare = tag.startsWith("W/") ? tag.substring(2) : tag;
    String hash = bare.replace("\"", "").toLowerCase(Locale.ROOT);
    if (!HASH.matcher(hash).matches()) {
      throw new WeightsException(
          subject
              + ": "
              + reply.host()
              + " publishes no hash of it, so that it cannot be checked;"
              + " check HF_ENDPOINT");
    }
    OptionalLong size =
        Reply.length(reply.along("x-linked-size").or(() -> reply.header("content-length")));
    if (size.isEmpty()) {
      throw new WeightsException(
          subject + ": " + reply.host() + " publishes no size of it; check HF_ENDPOINT");
    }
    long most = WantedFiles.isWeights(file) ? MAX_WEIGHTS : MAX_DESCRIPTION;
    if (size.getAsLong() > most) {
      throw new WeightsException(
          subject
              + ": has "
              + size.getAsLong()
              + " bytes, more than the "
              + most
              + " that such a file of a GPT-2 may have; it is refused");
    }
    return new PublishedFile(file, hash, size.getAsLong());
  }

  /**
   * Whether a file is this one, byte by byte.
   *
   * @throws WeightsException if it cannot be read
   */
  boolean is(Path path) {
    try {
      return Files.isRegularFile(path) && Files.size(path) == size && hash(path).equals(hash);
    } catch (IOException e) {
      throw new WeightsException(path + ": cannot be read (" + e.getMessage() + ")", e);
    }
  }

  private String hash(Path path) throws IOException {
    MessageDigest digest = digest();
    byte[] piece = new byte[PIECE];
    try (InputStream in = Files.newInputStream(path)) {
      for (int count = in.read(piece); count >= 0; count = in.read(piece)) {
        digest.update(piece, 0, count);
      }
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  private MessageDigest digest() {
    try {
      if (hash.length() == SHA_1) {
        MessageDigest git = MessageDigest.getInstance("SHA-1");
        git.update(("blob " + size + "\0").getBytes(StandardCharsets.US_ASCII));
        return git;
      }
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-1 and SHA-256", e);
    }
  }
}
