package dev.vitrine.cli.patching;

import dev.vitrine.analysis.patching.Activation;
import dev.vitrine.analysis.patching.Patching;
import dev.vitrine.analysis.patching.PathPatching;
import dev.vitrine.analysis.patching.PathPatching.Through;
import dev.vitrine.cli.options.UsageException;
import dev.vitrine.tensor.Nearest;
import dev.vitrine.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The names of sweeps, as they are typed. */
final class SweepKind {
  static final String PATH = "path";
  static final String EDGES = "edges";

  private static final Map<String, Activation> SHORT =
      Map.of(
          "heads", Activation.ATTN_HEAD_OUT_ALL_POS,
          "q", Activation.ATTN_HEAD_Q_ALL_POS,
          "k", Activation.ATTN_HEAD_K_ALL_POS,
          "v", Activation.ATTN_HEAD_V_ALL_POS,
          "pattern", Activation.ATTN_HEAD_PATTERN_ALL_POS);

  private static final List<String> EVERY =
      List.of("block_every", "attn_head_all_pos_every", "attn_head_by_pos_every");

  private static final Pattern RECEIVER =
      Pattern.compile("L(\\d{1,4})(?:H(\\d{1,4})\\.([qkv])|[ .]?mlp)", Pattern.CASE_INSENSITIVE);

  private SweepKind() {}

  /** Every name. */
  static List<String> names() {
    List<String> names = new ArrayList<>();
    Arrays.stream(Activation.values()).map(Activation::toString).forEach(names::add);
    names.addAll(EVERY);
    SHORT.keySet().stream().sorted().forEach(names::add);
    names.add(PATH);
    names.add(EDGES);
    return names;
  }

  /**
   * A name as it is written above.
   *
   * @throws UsageException if there is none; names the nearest
   */
  static String checked(String typed) {
    String name = typed.strip().toLowerCase(Locale.ROOT).replace('-', '_');
    if (!names().contains(name)) {
      List<String> near = Nearest.names(name, names(), 3);
      throw new UsageException(
          "sweep does not know \"%s\": %s"
              .formatted(
                  typed,
                  near.isEmpty()
                      ? "it knows " + String.join(", ", names())
                      : "did you mean " + String.join(" or ", near) + "?"));
    }
    return name;
  }

  /** Patches whatever the name means. */
  static Tensor patch(String name, Patching patching) {
    return switch (name) {
      case "block_every" -> patching.blockEvery();
      case "attn_head_all_pos_every" -> patching.attnHeadAllPosEvery();
      case "attn_head_by_pos_every" -> patching.attnHeadByPosEvery();
      default -> {
        Activation known = SHORT.get(name);
        yield patching.sweep(known != null ? known : Activation.named(name));
      }
    };
  }

  /**
   * Checks a path's receiver.
   *
   * @throws UsageException if it is none
   */
  static void checkReceiver(String to) {
    if (!to.equals("final") && !RECEIVER.matcher(to).matches()) {
      throw new UsageException(
          "--to takes final, a head's input such as L3H1.q, or an MLP such as L3.mlp, not \"%s\""
              .formatted(to));
    }
  }

  /** Patches the paths to a receiver. */
  static Tensor path(String to, PathPatching paths) {
    Matcher matcher = RECEIVER.matcher(to);
    if (!matcher.matches()) {
      return paths.toFinalResid();
    }
    int layer = Integer.parseInt(matcher.group(1));
    if (matcher.group(2) == null) {
      return paths.toMlp(layer);
    }
    Through through = Through.valueOf(matcher.group(3).toUpperCase(Locale.ROOT));
    return paths.toHeads(through, layer, Integer.parseInt(matcher.group(2)));
  }
}
