package dev.vitrine.trace.acting;

import dev.vitrine.trace.Hook;
import dev.vitrine.trace.Site;
import dev.vitrine.weights.Config;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Finds out whether anything reads what an edit writes, before the run: an element is read unless
 * it is overwritten, or all that would be computed from it is.
 *
 * <p>The search follows one element to those that are computed from it and stops at the first that
 * reaches the logits, which nearly always is the first that it tries.
 */
final class Liveness {

  private record Element(Site site, int position, int head, int inner) {}

  private final Program program;
  private final Config config;
  private final int size;
  private final Map<Element, Boolean> known = new HashMap<>();

  Liveness(Program program, Config config, int size) {
    this.program = program;
    this.config = config;
    this.size = size;
  }

  /**
   * Makes sure that each of these edits is read.
   *
   * @throws IllegalArgumentException if one is not; says which
   */
  void check(List<Applied> edits) {
    for (Applied edit : edits) {
      if (!isRead(edit)) {
        throw new IllegalArgumentException(
            "nothing reads what \"%s\" writes to %s: a later edit overwrites it"
                .formatted(edit.edit(), edit.region().site()));
      }
    }
  }

  private boolean isRead(Applied edit) {
    Region region = edit.region();
    List<Applied> all = program.at(region.site());
    List<Applied> later = all.subList(all.indexOf(edit) + 1, all.size());
    for (int position : region.positions(0, size)) {
      for (int head : region.heads()) {
        int keys = region.isAttention() ? position + 1 : 0;
        for (int inner : region.inner(keys)) {
          if (survives(later, position, head, inner)
              && goesOn(new Element(region.site(), position, head, inner))) {
            return true;
          }
        }
      }
    }
    return false;
  }

  /** Whether the old value gets through the edits of its own site. */
  private static boolean survives(List<Applied> edits, int position, int head, int inner) {
    for (Applied edit : edits) {
      if (edit.region().contains(position, head, inner)) {
        if (edit.edit().operation().overwrites()) {
          return false;
        }
      }
    }
    return true;
  }

  /** Whether the value that this element has before its site's edits is read. */
  private boolean isUsed(Hook hook, int layer, int position, int head, int inner) {
    Site site = new Site(hook, layer);
    return survives(program.at(site), position, head, inner)
        && goesOn(new Element(site, position, head, inner));
  }

  private boolean goesOn(Element element) {
    Boolean answer = known.get(element);
    if (answer == null) {
      answer = reachesLogits(element);
      known.put(element, answer);
    }
    return answer;
  }

  /** Whether an element computed from this one is read: the table of sites, element by element. */
  private boolean reachesLogits(Element e) {
    int layer = e.site.layer();
    int p = e.position;
    int h = e.head;
    int i = e.inner;
    boolean norms = config.layerNorm();
    return switch (e.site.hook()) {
      case EMBED, POS_EMBED -> isUsed(Hook.RESID_PRE, 0, p, 0, i);
      case RESID_PRE ->
          isUsed(config.attentionOnly() ? Hook.RESID_POST : Hook.RESID_MID, layer, p, 0, i)
              || (norms && isUsed(Hook.LN1_SCALE, layer, p, 0, 0))
              || (norms && anyInner(Hook.LN1_NORMALIZED, layer, p, 0))
              || anyHead(Hook.ATTN_IN, layer, p, i);
      case ATTN_IN ->
          isUsed(Hook.Q_INPUT, layer, p, h, i)
              || isUsed(Hook.K_INPUT, layer, p, h, i)
              || isUsed(Hook.V_INPUT, layer, p, h, i);
      case Q_INPUT -> anyInner(Hook.Q, layer, p, h);
      case K_INPUT -> anyInner(Hook.K, layer, p, h);
      case V_INPUT -> anyInner(Hook.V, layer, p, h);
      case LN1_SCALE -> anyInner(Hook.LN1_NORMALIZED, layer, p, 0);
      case LN1_NORMALIZED -> anyOfQkv(layer, p);
      case Q -> anyKey(Hook.ATTN_SCORES, layer, p, h);
      case K -> anyQuery(Hook.ATTN_SCORES, layer, p, h);
      case ATTN_SCORES -> anyKey(Hook.PATTERN, layer, p, h);
      case PATTERN -> anyInner(Hook.Z, layer, p, h);
      case V -> laterZ(layer, p, h, i);
      case Z -> anyInner(Hook.RESULT, layer, p, h);
      case RESULT -> isUsed(Hook.ATTN_OUT, layer, p, 0, i);
      case ATTN_OUT ->
          isUsed(config.attentionOnly() ? Hook.RESID_POST : Hook.RESID_MID, layer, p, 0, i);
      case RESID_MID ->
          isUsed(Hook.RESID_POST, layer, p, 0, i) || isUsed(Hook.MLP_IN, layer, p, 0, i);
      case MLP_IN ->
          norms
              ? isUsed(Hook.LN2_SCALE, layer, p, 0, 0) || anyInner(Hook.LN2_NORMALIZED, layer, p, 0)
              : anyInner(Hook.MLP_PRE, layer, p, 0);
      case LN2_SCALE -> anyInner(Hook.LN2_NORMALIZED, layer, p, 0);
      case LN2_NORMALIZED -> anyInner(Hook.MLP_PRE, layer, p, 0);
      case MLP_PRE -> isUsed(Hook.MLP_POST, layer, p, 0, i);
      case MLP_POST -> anyInner(Hook.MLP_OUT, layer, p, 0);
      case MLP_OUT -> isUsed(Hook.RESID_POST, layer, p, 0, i);
      case RESID_POST -> residPost(layer, p, i);
      case LN_FINAL_SCALE -> anyInner(Hook.LN_FINAL_NORMALIZED, -1, p, 0);
      case LN_FINAL_NORMALIZED -> isUsed(Hook.UNEMBED_IN, -1, p, 0, i);
      case UNEMBED_IN -> anyInner(Hook.LOGITS, -1, p, 0);
      case LOGITS, LOSS_PER_TOKEN -> true;
    };
  }

  private boolean residPost(int layer, int p, int i) {
    if (layer + 1 < config.layers()) {
      return isUsed(Hook.RESID_PRE, layer + 1, p, 0, i);
    }
    return config.layerNorm()
        ? isUsed(Hook.LN_FINAL_SCALE, -1, p, 0, 0) || anyInner(Hook.LN_FINAL_NORMALIZED, -1, p, 0)
        : isUsed(Hook.UNEMBED_IN, -1, p, 0, i);
  }

  private boolean anyOfQkv(int layer, int p) {
    for (int head = 0; head < config.heads(); head++) {
      if (anyInner(Hook.Q, layer, p, head)
          || anyInner(Hook.K, layer, p, head)
          || anyInner(Hook.V, layer, p, head)) {
        return true;
      }
    }
    return false;
  }

  private boolean anyHead(Hook hook, int layer, int p, int inner) {
    for (int head = 0; head < config.heads(); head++) {
      if (isUsed(hook, layer, p, head, inner)) {
        return true;
      }
    }
    return false;
  }

  private boolean anyInner(Hook hook, int layer, int p, int head) {
    for (int inner = 0; inner < Region.innerSize(hook, config); inner++) {
      if (isUsed(hook, layer, p, head, inner)) {
        return true;
      }
    }
    return false;
  }

  private boolean anyKey(Hook hook, int layer, int query, int head) {
    for (int key = 0; key <= query; key++) {
      if (isUsed(hook, layer, query, head, key)) {
        return true;
      }
    }
    return false;
  }

  private boolean anyQuery(Hook hook, int layer, int key, int head) {
    for (int query = key; query < size; query++) {
      if (isUsed(hook, layer, query, head, key)) {
        return true;
      }
    }
    return false;
  }

  private boolean laterZ(int layer, int p, int head, int inner) {
    for (int query = p; query < size; query++) {
      if (isUsed(Hook.Z, layer, query, head, inner)) {
        return true;
      }
    }
    return false;
  }
}
