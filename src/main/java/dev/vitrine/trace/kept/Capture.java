package dev.vitrine.trace.kept;

import dev.vitrine.kernels.Array;
import dev.vitrine.kernels.Span;
import dev.vitrine.trace.Hook;
import dev.vitrine.trace.Site;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Holds on to the arrays behind the sites asked for, as a run announces them. */
public final class Capture {
  private final Set<Hook> wanted;
  private final Map<Hook, Array> arrays = new EnumMap<>(Hook.class);
  private List<Span> spans = new ArrayList<>();

  private Capture(Set<Hook> wanted) {
    this.wanted = wanted;
  }

  /** For these sites. */
  public static Capture of(Collection<Site> sites) {
    Set<Hook> wanted = EnumSet.noneOf(Hook.class);
    for (Site site : sites) {
      wanted.add(site.hook());
      wanted.add(announced(site.hook()));
    }
    return new Capture(wanted);
  }

  /**
   * The hook that the forward pass announces for this one: heads' copies of the residual stream are
   * views of it, unless one was edited.
   */
  public static Hook announced(Hook hook) {
    return switch (hook) {
      case ATTN_IN, Q_INPUT, K_INPUT, V_INPUT -> Hook.RESID_PRE;
      default -> hook;
    };
  }

  /** Whether it wants a hook at or behind {@code first} in the order of computation. */
  public boolean wantsAny(Hook first) {
    return wanted.stream().anyMatch(hook -> hook.compareTo(first) >= 0);
  }

  /** Whether nobody looks. */
  public boolean wantsNothing() {
    return wanted.isEmpty();
  }

  /** Whether it wants this hook. */
  public boolean wants(Hook hook) {
    return wanted.contains(hook);
  }

  /** Is told a tensor. */
  public void see(Hook hook, Array tensor) {
    if (wanted.contains(hook)) {
      arrays.put(hook, tensor);
    }
  }

  /** Is told the attention of all sequences. */
  public void seeAttention(List<Span> seen) {
    spans = seen;
  }

  /** Whether it holds the very hook, not another that it is a copy of. */
  public boolean hasOwn(Hook hook) {
    return arrays.containsKey(hook);
  }

  /** Whether it holds something for {@code hook}. */
  public boolean holds(Hook hook) {
    return hasOwn(hook)
        || hasOwn(announced(hook))
        || (isAttention(hook) && !spans.isEmpty() && wants(hook));
  }

  /** The rows of {@code hook} that belong to stream {@code stream}. */
  public Array rows(Hook hook, int stream, int row, int count) {
    if (isAttention(hook)) {
      Span span = spans.get(stream);
      Array attention = hook == Hook.PATTERN ? span.pattern() : span.scores();
      if (attention != null) {
        return attention;
      }
    }
    Array array = arrays.get(hasOwn(hook) ? hook : announced(hook));
    if (array == null) {
      throw new IllegalStateException("the forward pass did not announce " + hook);
    }
    return array.rows(row, row + count);
  }

  /** Whether a hook has a row of keys for each head and query. */
  public static boolean isAttention(Hook hook) {
    return hook == Hook.ATTN_SCORES || hook == Hook.PATTERN;
  }
}
