package dev.vitrine.weights.inspect;

import dev.vitrine.kernels.Source;
import dev.vitrine.weights.Config;
import dev.vitrine.weights.Gpt2Weights;
import dev.vitrine.weights.Progress;
import dev.vitrine.weights.StoredTensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Whether a model that opens is sound: opening has checked structure, names and shapes; this reads
 * the elements.
 *
 * @param hash {@link Gpt2Weights#hash()}
 * @param faults one line each; empty if it is sound
 */
public record Verification(String hash, List<String> faults) {

  /**
   * Reads the whole model.
   *
   * @throws dev.vitrine.weights.WeightsException if the file cannot be read
   */
  public static Verification of(Gpt2Weights weights, Progress progress) {
    return of(weights, Inspection.of(weights, progress));
  }

  /** The same of a model that has been inspected just now, whose elements are not read again. */
  public static Verification of(Gpt2Weights weights, Inspection inspection) {
    List<String> faults = new ArrayList<>();
    for (Statistics tensor : inspection.tensors()) {
      if (Anatomy.isBuffer(tensor.name())) {
        continue;
      }
      if (tensor.nans() + tensor.infinities() > 0) {
        faults.add(
            "'%s' has %d elements that are NaN and %d that are infinite"
                .formatted(tensor.name(), tensor.nans(), tensor.infinities()));
      }
      if (isGain(tensor.name()) && tensor.norm() == 0) {
        faults.add("'" + tensor.name() + "' is all zero: nothing passes this layer norm");
      }
    }
    checkTie(weights, faults);
    return new Verification(weights.hash(), List.copyOf(faults));
  }

  private static boolean isGain(String name) {
    return name.endsWith("ln_1.weight")
        || name.endsWith("ln_2.weight")
        || name.endsWith("ln_f.weight")
        || name.endsWith("norm.weight")
        || name.endsWith("ln1.w")
        || name.endsWith("ln2.w")
        || name.endsWith("ln_final.w");
  }

  /** A tied model may store its unembedding too; it should then be the same. */
  private static void checkTie(Gpt2Weights weights, List<String> faults) {
    Config config = weights.config();
    StoredTensor head = weights.checkpoint().find("lm_head.weight").orElse(null);
    if (!config.tied() || head == null) {
      return;
    }
    if (!head.shape().equals(List.of((long) config.vocab(), (long) config.dModel()))) {
      faults.add("'lm_head.weight' has shape " + head.shape() + ", though it is tied");
      return;
    }
    Source embedding = weights.tokenEmbedding();
    double[] left = new double[config.dModel()];
    double[] right = new double[config.dModel()];
    for (int row = 0; row < config.vocab(); row++) {
      embedding.read(row, 0, left.length, left, 0);
      head.read((long) row * right.length, right.length, right, 0);
      if (!Arrays.equals(left, right)) {
        faults.add(
            "'lm_head.weight' differs from the token embedding in row "
                + row
                + ", though the configuration ties them; the embedding counts");
        return;
      }
    }
  }
}
