package dev.vitrine.model;

import static dev.vitrine.tensor.Axis.D_HEAD;
import static dev.vitrine.tensor.Axis.D_MODEL;
import static dev.vitrine.tensor.Axis.HEAD;

import dev.vitrine.kernels.Backend;
import dev.vitrine.tensor.Tensor;
import dev.vitrine.tensor.factored.FactoredMatrix;
import dev.vitrine.tensor.factored.Svd;
import dev.vitrine.weights.Config;
import org.jspecify.annotations.Nullable;

/** One block's weights while they are rewritten for a view. */
final class BlockDraft {
  private final Weights.Block raw;
  private final Config config;
  private final int width;
  private final Draft qkv;
  private final Draft qkvBias;
  private final Draft out;
  private final Draft outBias;
  private final @Nullable MlpDraft mlp;
  private boolean folded;

  private record MlpDraft(Draft in, Draft inBias, Draft out, Draft outBias) {}

  BlockDraft(Weights.Block raw, Config config, Backend backend) {
    this.raw = raw;
    this.config = config;
    this.width = config.heads() * config.dHead();
    this.qkv = Draft.of(raw.qkv(), backend);
    this.qkvBias = Draft.of(raw.qkvBias(), backend);
    this.out = Draft.of(raw.attentionOut(), backend);
    this.outBias = Draft.of(raw.attentionOutBias(), backend);
    Weights.Mlp own = raw.maybeMlp();
    this.mlp =
        own == null
            ? null
            : new MlpDraft(
                Draft.of(own.in(), backend),
                Draft.of(own.inBias(), backend),
                Draft.of(own.out(), backend),
                Draft.of(own.outBias(), backend));
  }

  /** Moves both layer norms into the matrices that read them. */
  void foldLayerNorm(Backend backend) {
    if (raw.ln1() != null) {
      fold(Norm.of(raw.ln1(), backend), qkv, qkvBias);
    }
    if (raw.ln2() != null && mlp != null) {
      fold(Norm.of(raw.ln2(), backend), mlp.in, mlp.inBias);
    }
    folded = true;
  }

  /** {@code b += norm.b W}, {@code W = norm.w W}, and each column of W loses its mean. */
  private static void fold(Norm norm, Draft matrix, Draft bias) {
    double[] w = matrix.change();
    double[] b = bias.change();
    int columns = matrix.columns();
    double[] mean = new double[columns];
    for (int i = 0; i < matrix.rows(); i++) {
      for (int j = 0; j < columns; j++) {
        int at = i * columns + j;
        b[j] += norm.bias()[i] * w[at];
        w[at] *= norm.gain()[i];
        mean[j] += w[at] / matrix.rows();
      }
    }
    for (int at = 0; at < w.length; at++) {
      w[at] -= mean[at % columns];
    }
  }

  void centreWriting() {
    out.centreRows();
    outBias.centreRows();
    if (mlp != null) {
      mlp.out.centreRows();
      mlp.outBias.centreRows();
    }
  }

  /** {@code b_O += Σ over heads of b_V W_O}, {@code b_V = 0}. */
  void foldValueBiases() {
    double[] b = qkvBias.change();
    double[] w = out.elements();
    double[] sum = outBias.change();
    for (int i = 0; i < width; i++) {
      double value = b[2 * width + i];
      for (int j = 0; j < sum.length; j++) {
        sum[j] += value * w[i * sum.length + j];
      }
      b[2 * width + i] = 0;
    }
  }

  /** Q with K, and V with O, by the singular value decompositions of their products. */
  void refactor() {
    foldValueBiases();
    FactoredMatrix qk = FactoredMatrix.of(heads(0, true), D_MODEL, D_HEAD, heads(1, true), D_MODEL);
    FactoredMatrix even = qk.makeEven();
    set(0, true, even.a());
    set(1, true, even.b().rename(even.columns(), D_MODEL));
    Tensor wO =
        Tensor.of(
            out.elements().clone(),
            HEAD.of(config.heads()),
            D_HEAD.of(config.dHead()),
            D_MODEL.of(config.dModel()));
    Svd ov = FactoredMatrix.of(heads(2, false), D_MODEL, D_HEAD, wO, D_MODEL).svd();
    set(2, false, ov.u().times(ov.s()));
    setOut(ov.v());
  }

  /** W_Q, W_K or W_V, {@code [head, d_model, d_head]}; with the bias as one more row below. */
  private Tensor heads(int part, boolean withBias) {
    int rows = config.dModel() + (withBias ? 1 : 0);
    int dHead = config.dHead();
    double[] heads = new double[config.heads() * rows * dHead];
    for (int head = 0; head < config.heads(); head++) {
      for (int i = 0; i < rows; i++) {
        int column = part * width + head * dHead;
        boolean isBias = i == config.dModel();
        double[] from = isBias ? qkvBias.elements() : qkv.elements();
        int at = isBias ? column : i * 3 * width + column;
        System.arraycopy(from, at, heads, (head * rows + i) * dHead, dHead);
      }
    }
    return Tensor.of(heads, HEAD.of(config.heads()), D_MODEL.of(rows), D_HEAD.of(dHead));
  }

  /** Writes the heads back; columns beyond the rank are zero. */
  private void set(int part, boolean withBias, Tensor heads) {
    Tensor ordered = heads.permute(HEAD, D_MODEL, D_HEAD);
    double[] values = ordered.doubles();
    int rows = config.dModel() + (withBias ? 1 : 0);
    int rank = ordered.size(D_HEAD);
    for (int head = 0; head < config.heads(); head++) {
      for (int i = 0; i < rows; i++) {
        for (int c = 0; c < config.dHead(); c++) {
          double value = c < rank ? values[(head * rows + i) * rank + c] : 0;
          int column = part * width + head * config.dHead() + c;
          if (i == config.dModel()) {
            qkvBias.change()[column] = value;
          } else {
            qkv.change()[i * 3 * width + column] = value;
          }
        }
      }
    }
  }

  private void setOut(Tensor v) {
    double[] values = v.permute(HEAD, D_HEAD, D_MODEL).doubles();
    int rank = v.size(D_HEAD);
    double[] w = out.change();
    int d = config.dModel();
    for (int row = 0; row < width; row++) {
      int head = row / config.dHead();
      int c = row % config.dHead();
      for (int j = 0; j < d; j++) {
        w[row * d + j] = c < rank ? values[(head * rank + c) * d + j] : 0;
      }
    }
  }

  Weights.Block block(Weights.@Nullable LayerNorm unit) {
    Weights.Mlp own =
        mlp == null
            ? null
            : new Weights.Mlp(
                mlp.in.matrix(), mlp.inBias.vector(), mlp.out.matrix(), mlp.outBias.vector());
    return new Weights.Block(
        folded && raw.ln1() != null ? unit : raw.ln1(),
        qkv.matrix(),
        qkvBias.vector(),
        out.matrix(),
        outBias.vector(),
        folded && raw.ln2() != null ? unit : raw.ln2(),
        own);
  }

  /** Gain and bias of a layer norm as doubles. */
  @SuppressWarnings("ArrayRecordComponent") // read once and thrown away
  record Norm(double[] gain, double[] bias) {
    static Norm of(Weights.LayerNorm norm, Backend backend) {
      return new Norm(
          Draft.of(norm.gain(), backend).elements(), Draft.of(norm.bias(), backend).elements());
    }
  }
}
