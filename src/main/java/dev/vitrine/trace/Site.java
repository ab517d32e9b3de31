package dev.vitrine.trace;

import dev.vitrine.tensor.Axis;
import dev.vitrine.tensor.Nearest;
import dev.vitrine.trace.edit.Target;
import dev.vitrine.weights.Config;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A place in the model where a tensor is computed: a {@link Hook} and, inside the blocks, a layer.
 *
 * <p>{@code Site.pattern(3)}, {@code Site.of("blocks.3.attn.hook_pattern")} and the shorthand
 * {@code Site.of("pattern3")} are one site. Whether a model has it is known to the model: {@link
 * #all} lists those of a configuration, {@link #find} looks a name up among them.
 *
 * @param hook which tensor
 * @param layer the block, from 0; -1 outside the blocks
 */
public record Site(Hook hook, int layer) {

  private static final Pattern IN_BLOCK = Pattern.compile("blocks\\.(\\d{1,6})\\.(.+)");
  private static final Pattern SHORTHAND =
      Pattern.compile("([a-z_]+[a-z])(\\d{1,6})|([qkvz])(\\d+)");

  /**
   * A place; checked.
   *
   * @throws IllegalArgumentException if a hook of the blocks has no layer, or another has one
   */
  public Site {
    if (hook.inBlock() != layer >= 0) {
      throw new IllegalArgumentException(
          hook.inBlock()
              ? hook.name(0).replace(".0.", ".L.") + " stands in a block: it needs a layer"
              : hook.name(-1) + " stands outside the blocks: it has no layer");
    }
  }

  /** The site of {@code hook} in block {@code layer}. */
  public static Site of(Hook hook, int layer) {
    return new Site(hook, layer);
  }

  /** A site outside the blocks. */
  public static Site of(Hook hook) {
    return new Site(hook, -1);
  }

  /**
   * The site of that name, alias or shorthand, in whatever model has it.
   *
   * @throws IllegalArgumentException if no model has a site of that name; names the nearest
   */
  public static Site of(String name) {
    return parse(name)
        .orElseThrow(() -> {
          Matcher block = IN_BLOCK.matcher(name);
          int layer = block.matches() ? Integer.parseInt(block.group(1)) : 0;
          List<String> known = new ArrayList<>();
          for (Hook hook : Hook.values()) {
            known.add(hook.name(layer));
          }
          return new IllegalArgumentException(unknown(name, known));
        });
  }

  private static Optional<Site> parse(String name) {
    if (name.equals("logits")) {
      return Optional.of(of(Hook.LOGITS));
    }
    if (name.equals("ln_final.output")) {
      return Optional.of(of(Hook.UNEMBED_IN));
    }
    Matcher block = IN_BLOCK.matcher(name);
    if (block.matches()) {
      return inBlock("blocks.L." + block.group(2), block.group(1));
    }
    Matcher shorthand = SHORTHAND.matcher(name);
    if (shorthand.matches()) {
      boolean single = shorthand.group(3) != null;
      String what = shorthand.group(single ? 3 : 1);
      String layer = shorthand.group(single ? 4 : 2);
      for (String prefix : List.of("blocks.L.hook_", "blocks.L.attn.hook_", "blocks.L.mlp.hook_")) {
        Optional<Site> site = inBlock(prefix + what, layer);
        if (site.isPresent()) {
          return site;
        }
      }
    }
    return Arrays.stream(Hook.values())
        .filter(hook -> !hook.inBlock() && hook.name(-1).equals(name))
        .map(Site::of)
        .findFirst();
  }

  private static Optional<Site> inBlock(String template, String layer) {
    int number = Integer.parseInt(layer);
    return Arrays.stream(Hook.values())
        .filter(hook -> hook.inBlock() && hook.name(number).equals(template.replace("L", layer)))
        .map(hook -> of(hook, number))
        .findFirst();
  }

  private static String unknown(String name, List<String> known) {
    return nearest("no site is named \"" + name + "\"", name, known);
  }

  private static String nearest(String problem, String name, List<String> known) {
    List<String> nearest = Nearest.names(name, known, 3);
    return nearest.isEmpty()
        ? problem
        : problem + "; the nearest are " + String.join(", ", nearest);
  }

  /** Every site of a model, in the order in which they are computed. */
  public static List<Site> all(Config config) {
    List<Site> sites = new ArrayList<>();
    for (Hook hook : Hook.values()) {
      if (!hook.inBlock() && hook.compareTo(Hook.RESID_PRE) < 0) {
        addIfPresent(sites, of(hook), config);
      }
    }
    for (int layer = 0; layer < config.layers(); layer++) {
      for (Hook hook : Hook.values()) {
        if (hook.inBlock()) {
          addIfPresent(sites, of(hook, layer), config);
        }
      }
    }
    for (Hook hook : Hook.values()) {
      if (!hook.inBlock() && hook.compareTo(Hook.RESID_PRE) > 0) {
        addIfPresent(sites, of(hook), config);
      }
    }
    return sites;
  }

  private static void addIfPresent(List<Site> sites, Site site, Config config) {
    if (site.hook.absence(config).isEmpty()) {
      sites.add(site);
    }
  }

  /**
   * The site of that name in a model of this configuration.
   *
   * @throws IllegalArgumentException if the model has none; says why, or the nearest names
   */
  public static Site find(String name, Config config) {
    Optional<Site> site = parse(name);
    if (site.isEmpty()) {
      throw new IllegalArgumentException(unknown(name, names(all(config), config)));
    }
    if (name.startsWith("ln_final") && !config.layerNorm()) {
      throw new IllegalArgumentException(name + ": the model has no layer norm");
    }
    return site.get().in(config);
  }

  /**
   * This site, once it is certain that a model of this configuration has it.
   *
   * @throws IllegalArgumentException if it has not; says why
   */
  public Site in(Config config) {
    if (layer >= config.layers()) {
      throw new IllegalArgumentException(
          "%s: the model has %d layers, 0 to %d"
              .formatted(name(), config.layers(), config.layers() - 1));
    }
    hook.absence(config)
        .ifPresent(why -> {
          throw new IllegalArgumentException("%s: %s".formatted(name(), why));
        });
    return this;
  }

  /**
   * The names that a glob stands for, aliases among them, each with its site: {@code *} is any
   * characters, {@code ?} is one. A name without either stands for itself, a shorthand for its
   * site's name.
   *
   * @throws IllegalArgumentException if there is none; names the nearest
   */
  public static Map<String, Site> matching(String glob, Config config) {
    if (!glob.contains("*") && !glob.contains("?")) {
      Site site = find(glob, config);
      boolean isShorthand = !site.names(config).contains(glob);
      return Map.of(isShorthand ? site.name() : glob, site);
    }
    StringBuilder regex = new StringBuilder();
    for (int i = 0; i < glob.length(); i++) {
      char c = glob.charAt(i);
      regex.append(c == '*' ? ".*" : c == '?' ? "." : Pattern.quote(String.valueOf(c)));
    }
    Pattern pattern = Pattern.compile(regex.toString());
    Map<String, Site> sites = new LinkedHashMap<>();
    for (Site site : all(config)) {
      for (String name : site.names(config)) {
        if (pattern.matcher(name).matches()) {
          sites.put(name, site);
        }
      }
    }
    if (sites.isEmpty()) {
      String letters = glob.replace("*", "").replace("?", "");
      throw new IllegalArgumentException(
          nearest("no site matches \"" + glob + "\"", letters, names(all(config), config)));
    }
    return sites;
  }

  private static List<String> names(List<Site> sites, Config config) {
    return sites.stream().flatMap(site -> site.names(config).stream()).toList();
  }

  /** This site at some indices of an axis only, as an edit's target; negative ones from the end. */
  public Target at(Axis axis, int... indices) {
    return Target.of(this).at(axis, indices);
  }

  /** Its name, such as {@code blocks.3.attn.hook_pattern}. */
  public String name() {
    return hook.name(layer);
  }

  /** Its name and its aliases, in a model of this configuration. */
  public List<String> names(Config config) {
    List<String> names = new ArrayList<>();
    names.add(name());
    names.addAll(hook.aliases(config));
    return names;
  }

  @Override
  public String toString() {
    return name();
  }

  /** {@code blocks.L.hook_resid_pre}. */
  public static Site residPre(int layer) {
    return of(Hook.RESID_PRE, layer);
  }

  /** {@code blocks.L.hook_attn_in}. */
  public static Site attnIn(int layer) {
    return of(Hook.ATTN_IN, layer);
  }

  /** {@code blocks.L.hook_q_input}. */
  public static Site qInput(int layer) {
    return of(Hook.Q_INPUT, layer);
  }

  /** {@code blocks.L.hook_k_input}. */
  public static Site kInput(int layer) {
    return of(Hook.K_INPUT, layer);
  }

  /** {@code blocks.L.hook_v_input}. */
  public static Site vInput(int layer) {
    return of(Hook.V_INPUT, layer);
  }

  /** {@code blocks.L.ln1.hook_scale}. */
  public static Site ln1Scale(int layer) {
    return of(Hook.LN1_SCALE, layer);
  }

  /** {@code blocks.L.ln1.hook_normalized}. */
  public static Site ln1Normalized(int layer) {
    return of(Hook.LN1_NORMALIZED, layer);
  }

  /** {@code blocks.L.attn.hook_q}. */
  public static Site q(int layer) {
    return of(Hook.Q, layer);
  }

  /** {@code blocks.L.attn.hook_k}. */
  public static Site k(int layer) {
    return of(Hook.K, layer);
  }

  /** {@code blocks.L.attn.hook_v}. */
  public static Site v(int layer) {
    return of(Hook.V, layer);
  }

  /** {@code blocks.L.attn.hook_attn_scores}. */
  public static Site attnScores(int layer) {
    return of(Hook.ATTN_SCORES, layer);
  }

  /** {@code blocks.L.attn.hook_pattern}. */
  public static Site pattern(int layer) {
    return of(Hook.PATTERN, layer);
  }

  /** {@code blocks.L.attn.hook_z}. */
  public static Site z(int layer) {
    return of(Hook.Z, layer);
  }

  /** {@code blocks.L.attn.hook_result}. */
  public static Site result(int layer) {
    return of(Hook.RESULT, layer);
  }

  /** {@code blocks.L.hook_attn_out}. */
  public static Site attnOut(int layer) {
    return of(Hook.ATTN_OUT, layer);
  }

  /** {@code blocks.L.hook_resid_mid}. */
  public static Site residMid(int layer) {
    return of(Hook.RESID_MID, layer);
  }

  /** {@code blocks.L.hook_mlp_in}. */
  public static Site mlpIn(int layer) {
    return of(Hook.MLP_IN, layer);
  }

  /** {@code blocks.L.ln2.hook_scale}. */
  public static Site ln2Scale(int layer) {
    return of(Hook.LN2_SCALE, layer);
  }

  /** {@code blocks.L.ln2.hook_normalized}. */
  public static Site ln2Normalized(int layer) {
    return of(Hook.LN2_NORMALIZED, layer);
  }

  /** {@code blocks.L.mlp.hook_pre}. */
  public static Site mlpPre(int layer) {
    return of(Hook.MLP_PRE, layer);
  }

  /** {@code blocks.L.mlp.hook_post}. */
  public static Site mlpPost(int layer) {
    return of(Hook.MLP_POST, layer);
  }

  /** {@code blocks.L.hook_mlp_out}. */
  public static Site mlpOut(int layer) {
    return of(Hook.MLP_OUT, layer);
  }

  /** {@code blocks.L.hook_resid_post}. */
  public static Site residPost(int layer) {
    return of(Hook.RESID_POST, layer);
  }

  /** {@code hook_embed}. */
  public static Site embed() {
    return of(Hook.EMBED);
  }

  /** {@code hook_pos_embed}. */
  public static Site posEmbed() {
    return of(Hook.POS_EMBED);
  }

  /** {@code ln_final.hook_scale}. */
  public static Site lnFinalScale() {
    return of(Hook.LN_FINAL_SCALE);
  }

  /** {@code ln_final.hook_normalized}. */
  public static Site lnFinalNormalized() {
    return of(Hook.LN_FINAL_NORMALIZED);
  }

  /** {@code unembed.hook_in}. */
  public static Site unembedIn() {
    return of(Hook.UNEMBED_IN);
  }

  /** {@code unembed.hook_out}. */
  public static Site logits() {
    return of(Hook.LOGITS);
  }

  /** {@code loss_per_token}. */
  public static Site lossPerToken() {
    return of(Hook.LOSS_PER_TOKEN);
  }
}
