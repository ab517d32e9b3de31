package dev.vitrine.model;

import dev.vitrine.kernels.Array;
import dev.vitrine.kernels.Backend;
import dev.vitrine.kernels.Matrix;
import dev.vitrine.tensor.View;
import dev.vitrine.weights.Config;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Rewrites the weights of a model for a view, step by step in the order of TransformerLens, in
 * double precision and rounded once. What no step changes is shared with the raw weights.
 *
 * @see View.Step
 */
final class Processing {
  private final Weights raw;
  private final Config config;
  private final Backend backend;
  private final View view;

  private Processing(Weights raw, Config config, Backend backend, View view) {
    this.raw = raw;
    this.config = config;
    this.backend = backend;
    this.view = view;
  }

  /** Why a step does not apply to a model, or empty if it does. */
  static Optional<String> obstacle(View.Step step, Config config) {
    return switch (step) {
      case FOLD_LN, CENTER_WRITING_WEIGHTS ->
          config.layerNorm() ? Optional.empty() : Optional.of("the model has no layer norm");
      case CENTER_UNEMBED, FOLD_VALUE_BIASES, REFACTOR_FACTORED_ATTN_MATRICES -> Optional.empty();
    };
  }

  static Weights of(Weights raw, Config config, Backend backend, View view) {
    return new Processing(raw, config, backend, view).process();
  }

  private boolean has(View.Step step) {
    return view.has(step);
  }

  private Weights process() {
    Weights.LayerNorm unit = has(View.Step.FOLD_LN) ? unit() : null;
    List<Weights.Block> blocks = new ArrayList<>();
    for (int layer = 0; layer < config.layers(); layer++) {
      blocks.add(block(raw.block(layer), unit));
    }
    TokenTable unembedding = new TokenTable(raw.unembedding(), backend);
    double[] bias = unembedding(unembedding);
    Array rawBias = raw.unembeddingBias();
    Matrix positions = raw.positions();
    return new Weights(
        written(raw.embedding()),
        positions == null ? null : written(positions),
        List.copyOf(blocks),
        unit == null ? raw.lnFinal() : unit,
        unembedding.matrix(backend),
        bias == null ? rawBias : Draft.write(bias, backend));
  }

  private Weights.Block block(Weights.Block block, Weights.@Nullable LayerNorm unit) {
    BlockDraft draft = new BlockDraft(block, config, backend);
    if (has(View.Step.FOLD_LN)) {
      draft.foldLayerNorm(backend);
    }
    if (has(View.Step.CENTER_WRITING_WEIGHTS)) {
      draft.centreWriting();
    }
    if (has(View.Step.FOLD_VALUE_BIASES)) {
      draft.foldValueBiases();
    }
    if (has(View.Step.REFACTOR_FACTORED_ATTN_MATRICES)) {
      draft.refactor();
    }
    return draft.block(unit);
  }

  /** A layer norm that does nothing more than normalise. */
  private Weights.LayerNorm unit() {
    double[] ones = new double[config.dModel()];
    Arrays.fill(ones, 1);
    return new Weights.LayerNorm(
        Draft.write(ones, backend), Draft.write(new double[config.dModel()], backend));
  }

  private Matrix written(Matrix table) {
    TokenTable rows = new TokenTable(table, backend);
    if (has(View.Step.CENTER_WRITING_WEIGHTS)) {
      rows.change(TokenTable::centre);
    }
    return rows.matrix(backend);
  }

  /** Changes W_U; the new b_U, or null if it stays. */
  private double @Nullable [] unembedding(TokenTable table) {
    boolean folds = has(View.Step.FOLD_LN) && raw.lnFinal() != null;
    boolean centres = has(View.Step.CENTER_UNEMBED);
    Array known = raw.unembeddingBias();
    if (!folds && !centres) {
      return null;
    }
    double[] bias =
        known == null ? new double[config.vocab()] : Draft.of(known, backend).elements();
    if (folds) {
      foldFinal(table, bias);
    }
    if (centres) {
      centreOverVocabulary(table);
      TokenTable.centre(bias);
    }
    return known == null && !folds ? null : bias;
  }

  private void foldFinal(TokenTable table, double[] bias) {
    Weights.LayerNorm last = raw.lnFinal();
    if (last == null) {
      return;
    }
    BlockDraft.Norm norm = BlockDraft.Norm.of(last, backend);
    double[] row = new double[config.dModel()];
    for (int token = 0; token < bias.length; token++) {
      table.read(token, row);
      for (int i = 0; i < row.length; i++) {
        bias[token] += norm.bias()[i] * row[i];
      }
    }
    table.change(r -> {
      for (int i = 0; i < r.length; i++) {
        r[i] *= norm.gain()[i];
      }
      TokenTable.centre(r);
    });
  }

  private void centreOverVocabulary(TokenTable table) {
    double[] mean = new double[config.dModel()];
    double[] row = new double[config.dModel()];
    for (int token = 0; token < table.rows(); token++) {
      table.read(token, row);
      for (int i = 0; i < row.length; i++) {
        mean[i] += row[i];
      }
    }
    for (int i = 0; i < mean.length; i++) {
      mean[i] /= table.rows();
    }
    table.change(r -> {
      for (int i = 0; i < r.length; i++) {
        r[i] -= mean[i];
      }
    });
  }
}
