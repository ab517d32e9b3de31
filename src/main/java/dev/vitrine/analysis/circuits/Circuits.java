package dev.vitrine.analysis.circuits;

import static dev.vitrine.tensor.Axis.D_HEAD;
import static dev.vitrine.tensor.Axis.D_MODEL;
import static dev.vitrine.tensor.Axis.HEAD;
import static dev.vitrine.tensor.Axis.LAYER;
import static dev.vitrine.tensor.Axis.VOCAB;

import dev.vitrine.model.Gpt2;
import dev.vitrine.model.Parameter;
import dev.vitrine.model.Parameters;
import dev.vitrine.tensor.Tensor;
import dev.vitrine.tensor.factored.FactoredMatrix;

/**
 * The circuits of a model's heads (Elhage et al. 2021), as products of weights: no prompt is run
 * and no layer norm is applied. Row vectors multiply from the left. In the view {@code folded} the
 * layer norms' gains are part of the weights; of raw weights they are left out.
 *
 * @param model in whatever view its weights are to be seen
 */
public record Circuits(Gpt2 model) {

  private Parameters parameters() {
    return model.parameters();
  }

  /**
   * What each head writes for what it reads where it looks: {@code W_V W_O}, of the rows {@code
   * d_model} and the columns {@code d_model2}, for each layer and head.
   */
  public FactoredMatrix ov() {
    return FactoredMatrix.of(
        parameters().tensor(Parameter.W_V),
        D_MODEL,
        D_HEAD,
        parameters().tensor(Parameter.W_O),
        D_MODEL);
  }

  /**
   * Where each head looks: {@code W_Q W_Kᵀ}, of the rows {@code d_model} (of the query) and the
   * columns {@code d_model2} (of the key); scores are not divided by √d_head.
   */
  public FactoredMatrix qk() {
    return FactoredMatrix.of(
        parameters().tensor(Parameter.W_Q),
        D_MODEL,
        D_HEAD,
        parameters().tensor(Parameter.W_K),
        D_MODEL);
  }

  /** The OV circuit of one head. */
  public FactoredMatrix ov(int layer, int head) {
    return head(Parameter.W_V, Parameter.W_O, layer, head);
  }

  /** The QK circuit of one head. */
  public FactoredMatrix qk(int layer, int head) {
    return head(Parameter.W_Q, Parameter.W_K, layer, head);
  }

  private FactoredMatrix head(Parameter left, Parameter right, int layer, int head) {
    Tensor a = parameters().tensor(left, layer);
    Tensor b = parameters().tensor(right, layer);
    if (head < 0 || head >= model.config().heads()) {
      throw new IllegalArgumentException(
          "no head %d: the model has %d in a layer, 0 to %d"
              .formatted(head, model.config().heads(), model.config().heads() - 1));
    }
    return FactoredMatrix.of(a.at(HEAD, head), D_MODEL, D_HEAD, b.at(HEAD, head), D_MODEL);
  }

  /**
   * How each token that a head looks at changes each token's logit: {@code W_E W_V W_O W_U}, of the
   * rows {@code vocab} and the columns {@code vocab2}.
   */
  public FactoredMatrix fullOv(int layer, int head) {
    return ov(layer, head)
        .leftTimes(parameters().tensor(Parameter.W_E))
        .times(parameters().tensor(Parameter.W_U));
  }

  /**
   * How much a head, at each token, looks at each token: {@code W_E W_Q W_Kᵀ W_Eᵀ}, of the rows
   * {@code vocab} (of the query) and the columns {@code vocab2} (of the key).
   */
  public FactoredMatrix fullQk(int layer, int head) {
    Tensor embedding = parameters().tensor(Parameter.W_E);
    return qk(layer, head).leftTimes(embedding).times(embedding);
  }

  /**
   * The eigenvalues of every head's full OV circuit, {@code [layer, head, d_head, re_im]}, without
   * a table of the size of the vocabulary: those of {@code W_O (W_U W_E) W_V}.
   */
  public Tensor fullOvEigenvalues() {
    return throughVocabulary()
        .eigenvalues()
        .withOrigin(
            new Computed(
                "eigenvalues of full OV", "λ(W_E W_V W_O W_U)", "sorted by real part, falling"));
  }

  /**
   * The copying score of every head's full OV circuit, {@code [layer, head]}: Σ Re λ / Σ |λ|, 1 if
   * the head raises the logit of whatever token it looks at, -1 if it lowers it.
   */
  public Tensor copyingScores() {
    return throughVocabulary()
        .copyingScore()
        .withOrigin(
            new Computed(
                "copying score", "Σ Re λ / Σ |λ|, λ of W_E W_V W_O W_U", "no layer norm applied"));
  }

  /** A matrix {@code W_V (W_O W_U W_E)}, with the eigenvalues of {@code W_E W_V W_O W_U}. */
  private FactoredMatrix throughVocabulary() {
    Tensor around =
        FactoredMatrix.of(
                parameters().tensor(Parameter.W_U),
                D_MODEL,
                VOCAB,
                parameters().tensor(Parameter.W_E),
                D_MODEL)
            .ab();
    return ov().times(around);
  }

  /**
   * How much a head's output is what a later head reads, against what chance alone would give for
   * unrelated heads: {@code ‖OV₁ X₂‖ / (‖OV₁‖ ‖X₂‖)} with Frobenius norms, {@code [layer, head,
   * layer2, head2]}, of the writer and the reader; 0 unless the writer's layer is below.
   */
  public Tensor composition(Composition kind) {
    FactoredMatrix writers = ov();
    FactoredMatrix readers =
        switch (kind) {
          case Q -> qk();
          case K -> qk().transpose();
          case V -> ov();
        };
    return Composition.scores(writers, readers)
        .withOrigin(
            new Computed(
                kind + "-composition",
                "‖OV₁ X₂‖ / (‖OV₁‖ ‖X₂‖), X₂ = " + kind.reader(),
                "Frobenius norms; nothing is subtracted for chance; 0 unless layer < layer2"));
  }

  /** The axes that a score of every head has. */
  static Tensor perHead(double[] scores, Gpt2 model) {
    return Tensor.of(scores, LAYER.of(model.config().layers()), HEAD.of(model.config().heads()))
        .withView(model.view());
  }
}
