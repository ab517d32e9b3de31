package dev.vitrine.weights.inspect;

import dev.vitrine.weights.Checkpoint;
import dev.vitrine.weights.Gpt2Weights;
import dev.vitrine.weights.StoredTensor;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Which part of a GPT-2 the parameters are in, whatever the file calls them. The masks that old
 * files hold, and the unembedding that a tied model stores once more, are no parameters.
 */
public final class Anatomy {

  /** The parts, in the order in which a token meets them. */
  public enum Part {
    /** W_E. */
    TOKEN_EMBEDDING("wte\\.|embed\\.|token_embd\\."),
    /** W_pos. */
    POSITION_EMBEDDING("wpe\\.|pos_embed\\.|position_embd\\."),
    /** The layer norms before attention, of all blocks. */
    FIRST_NORM("#(?:ln_1|ln1|attn_norm)\\."),
    /** Attention, of all blocks. */
    ATTENTION("#attn"),
    /** The layer norms before the MLP, of all blocks. */
    SECOND_NORM("#(?:ln_2|ln2|ffn_norm)\\."),
    /** The MLPs, of all blocks. */
    MLP("#(?:mlp|ffn_)"),
    /** The last layer norm. */
    FINAL_NORM("ln_f\\.|ln_final\\.|output_norm\\."),
    /** W_U and b_U, where they are not the token embedding. */
    UNEMBEDDING("lm_head\\.|unembed\\.|output\\.");

    private static final Pattern BLOCK = Pattern.compile("(?:h|blocks|blk)\\.\\d+\\.");

    private final Pattern names;

    Part(String names) {
      this.names = Pattern.compile(names);
    }

    private static Optional<Part> of(String name) {
      String bare = name.startsWith("transformer.") ? name.substring(12) : name;
      Matcher block = BLOCK.matcher(bare);
      String rest = block.lookingAt() ? "#" + bare.substring(block.end()) : bare;
      return Arrays.stream(values())
          .filter(part -> part.names.matcher(rest).lookingAt())
          .findFirst();
    }
  }

  private final Map<Part, Long> parameters = new EnumMap<>(Part.class);

  private Anatomy(Gpt2Weights weights) {
    Checkpoint checkpoint = weights.checkpoint();
    for (StoredTensor tensor : checkpoint.tensors()) {
      Part part = Part.of(tensor.name()).orElse(null);
      boolean again = part == Part.UNEMBEDDING && weights.config().tied();
      if (part != null && !again && tensor.dtype().floating() && !isBuffer(tensor.name())) {
        parameters.merge(part, tensor.size(), Long::sum);
      }
    }
  }

  /** Counts the parameters; nothing but names and shapes is read. */
  public static Anatomy of(Gpt2Weights weights) {
    return new Anatomy(weights);
  }

  /** Masks, which old files hold, as they please: of ones, of -10⁴ or of -∞. */
  static boolean isBuffer(String name) {
    return name.endsWith(".attn.bias")
        || name.endsWith("masked_bias")
        || name.endsWith(".mask")
        || name.endsWith(".IGNORE");
  }

  /** How many parameters a part has, in all blocks; 0 where the model has no such part. */
  public long of(Part part) {
    return parameters.getOrDefault(part, 0L);
  }

  /** How many parameters the model has. */
  public long total() {
    return parameters.values().stream().mapToLong(Long::longValue).sum();
  }
}
