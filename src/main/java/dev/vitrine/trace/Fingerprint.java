package dev.vitrine.trace;

import dev.vitrine.tensor.Tensor;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;

/** Hashes over the bits of a trace: they say whether two runs are one. */
public final class Fingerprint {
  private Fingerprint() {}

  /** SHA-256 over each site's name and elements, in the order of computation; in hexadecimal. */
  static String of(Trace trace) {
    MessageDigest digest = sha256();
    each(trace, trace.sites(), (site, tensor) -> add(site, tensor, digest));
    return HexFormat.of().formatHex(digest.digest());
  }

  /** SHA-256 over one site's name and elements, in hexadecimal. */
  public static String of(Site site, Tensor tensor) {
    MessageDigest digest = sha256();
    add(site, tensor, digest);
    return HexFormat.of().formatHex(digest.digest());
  }

  /** The same for each of some sites by itself. */
  static Map<Site, String> of(Trace trace, Collection<Site> sites) {
    Map<Site, String> hashes = new LinkedHashMap<>();
    each(trace, sites, (site, tensor) -> hashes.put(site, of(site, tensor)));
    return hashes;
  }

  /** A block is run once for all its sites that stand together, and let go of. */
  private static void each(Trace trace, Collection<Site> sites, BiConsumer<Site, Tensor> consumer) {
    List<Site> group = new ArrayList<>();
    for (Site site : sites) {
      if (!group.isEmpty() && group.getFirst().layer() != site.layer()) {
        trace.tensors(group).forEach(consumer);
        group.clear();
      }
      group.add(site);
    }
    trace.tensors(group).forEach(consumer);
  }

  private static void add(Site site, Tensor tensor, MessageDigest digest) {
    digest.update(site.name().getBytes(StandardCharsets.UTF_8));
    // To the bit, but for NaN: there is one, whichever of its bit patterns a machine computes.
    if (tensor.isDouble()) {
      double[] elements = tensor.doubles();
      ByteBuffer bytes = ByteBuffer.allocate(Math.multiplyExact(elements.length, Double.BYTES));
      for (double element : elements) {
        bytes.putLong(Double.doubleToLongBits(element));
      }
      digest.update(bytes.flip());
    } else {
      float[] elements = tensor.floats();
      ByteBuffer bytes = ByteBuffer.allocate(Math.multiplyExact(elements.length, Float.BYTES));
      for (float element : elements) {
        bytes.putInt(Float.floatToIntBits(element));
      }
      digest.update(bytes.flip());
    }
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every Java platform has SHA-256", e);
    }
  }
}
