package dev.vitrine.trace;

import dev.vitrine.kernels.Array;
import dev.vitrine.kernels.Span;
import dev.vitrine.model.Watch;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Watches a run, or a part of one, and holds on to the arrays behind the sites asked for. */
final class Capture implements Watch {
  private final Set<Hook> wanted;
  private final Map<Hook, Array> arrays = new EnumMap<>(Hook.class);
  private List<Span> spans = new ArrayList<>();

  private Capture(Set<Hook> wanted) {
    this.wanted = wanted;
  }

  static Capture of(Collection<Site> sites) {
    Set<Hook> wanted = EnumSet.noneOf(Hook.class);
    sites.forEach(site -> wanted.add(announced(site.hook())));
    return new Capture(wanted);
  }

  /** The hook that the forward pass announces for this one: copies of a tensor are views of it. */
  static Hook announced(Hook hook) {
    return switch (hook) {
      case ATTN_IN, Q_INPUT, K_INPUT, V_INPUT -> Hook.RESID_PRE;
      case MLP_IN -> Hook.RESID_MID;
      default -> hook;
    };
  }

  /** Whether it wants a hook at or behind {@code first} in the order of computation. */
  boolean wantsAny(Hook first) {
    return wanted.stream().anyMatch(hook -> hook.compareTo(first) >= 0);
  }

  @Override
  public boolean wants(Hook hook) {
    return wanted.contains(hook);
  }

  @Override
  public Array see(Hook hook, Array tensor) {
    if (wanted.contains(hook)) {
      arrays.put(hook, tensor);
    }
    return tensor;
  }

  @Override
  public void seeAttention(List<Span> seen) {
    spans = seen;
  }

  /** What it holds for {@code hook}, if anything; not for attention's scores and pattern. */
  boolean holds(Hook hook) {
    return arrays.containsKey(hook) || (isAttention(hook) && !spans.isEmpty() && wants(hook));
  }

  /** The rows of {@code hook} that belong to stream {@code stream}. */
  Array rows(Hook hook, int stream, int row, int count) {
    if (isAttention(hook)) {
      Span span = spans.get(stream);
      Array attention = hook == Hook.PATTERN ? span.pattern() : span.scores();
      if (attention != null) {
        return attention;
      }
    }
    Array array = arrays.get(hook);
    if (array == null) {
      throw new IllegalStateException("the forward pass did not announce " + hook);
    }
    return array.rows(row, row + count);
  }

  static boolean isAttention(Hook hook) {
    return hook == Hook.ATTN_SCORES || hook == Hook.PATTERN;
  }
}
