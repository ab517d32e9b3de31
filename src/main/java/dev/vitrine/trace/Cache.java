package dev.vitrine.trace;

import dev.vitrine.tensor.Tensor;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The tensors of a trace that were looked at lately, up to a budget; what falls out of it is
 * computed anew when it is looked at again. What was asked for before the run stays.
 */
final class Cache {

  /** Of one trace: the patterns of one layer of GPT-2 small at its full length take 48 MiB. */
  private static final long BUDGET_BYTES = 64L << 20;

  private final Map<Site, Tensor> pinned = new HashMap<>();
  private final LinkedHashMap<Site, Tensor> recent = new LinkedHashMap<>(16, 0.75f, true);
  private long bytes;

  synchronized @Nullable Tensor get(Site site) {
    Tensor tensor = pinned.get(site);
    return tensor != null ? tensor : recent.get(site);
  }

  synchronized void pin(Map<Site, Tensor> tensors) {
    pinned.putAll(tensors);
  }

  synchronized void put(Map<Site, Tensor> tensors) {
    tensors.forEach((site, tensor) -> {
      if (!pinned.containsKey(site) && recent.put(site, tensor) == null) {
        bytes += bytes(tensor);
      }
    });
    Iterator<Tensor> eldest = recent.values().iterator();
    while (bytes > BUDGET_BYTES && eldest.hasNext()) {
      bytes -= bytes(eldest.next());
      eldest.remove();
    }
  }

  private static long bytes(Tensor tensor) {
    return tensor.elements() * (tensor.isDouble() ? Double.BYTES : Float.BYTES);
  }
}
