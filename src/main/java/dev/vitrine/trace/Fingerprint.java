package dev.vitrine.trace;

import dev.vitrine.tensor.Tensor;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** One hash over the bits of all sites of a trace: it says whether two runs are one. */
final class Fingerprint {
  private Fingerprint() {}

  /** SHA-256 over each site's name and elements, in the order of computation; in hexadecimal. */
  static String of(Trace trace) {
    MessageDigest digest = sha256();
    for (Site site : trace.sites()) {
      digest.update(site.name().getBytes(StandardCharsets.UTF_8));
      add(trace.tensor(site), digest);
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  private static void add(Tensor tensor, MessageDigest digest) {
    ByteBuffer bytes;
    if (tensor.isDouble()) {
      double[] elements = tensor.doubles();
      bytes = ByteBuffer.allocate(Math.multiplyExact(elements.length, Double.BYTES));
      bytes.asDoubleBuffer().put(elements);
    } else {
      float[] elements = tensor.floats();
      bytes = ByteBuffer.allocate(Math.multiplyExact(elements.length, Float.BYTES));
      bytes.asFloatBuffer().put(elements);
    }
    digest.update(bytes);
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every Java platform has SHA-256", e);
    }
  }
}
