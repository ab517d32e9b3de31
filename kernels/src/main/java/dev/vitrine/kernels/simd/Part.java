package dev.vitrine.kernels.simd;

import dev.vitrine.kernels.Activation;
import dev.vitrine.kernels.f32.Kernels;

/**
 * The kernels one by one, those first whose plain twin costs a pass most. Whether one is learnt,
 * that is, compiled, is a property of the process, whoever calls.
 */
@SuppressWarnings("ImmutableEnumChecker") // once learnt, a part stays so
enum Part {
  TWELVE_ROWS,
  FOUR_ROWS,
  TWO_ROWS,
  ONE_ROW,
  ROW_BF16,
  ROW_INT8,
  WIDEN_BF16,
  WIDEN_INT8,
  GELU_BY_TANH,
  GELU,
  QUICK_GELU,
  SILU,
  SIGMOID,
  RELU,
  TANH,
  SOFTMAX,
  ADD_TO_ROWS,
  COPY_ROWS,
  INTERLEAVE,
  LAYER_NORM,
  MORE,
  LOG_SOFTMAX,
  ADD,
  SCALE;

  private boolean wanted;

  /** Not volatile: who sees it late computes the same. */
  private boolean learnt = Rehearsal.IS_OFF;

  static Part tile(int rows) {
    return switch (rows) {
      case 12 -> TWELVE_ROWS;
      case 4 -> FOUR_ROWS;
      case 2 -> TWO_ROWS;
      default -> ONE_ROW;
    };
  }

  static Part activation(Activation activation) {
    return switch (activation) {
      case GELU_NEW, GELU_FAST -> GELU_BY_TANH;
      case GELU -> GELU;
      case QUICK_GELU -> QUICK_GELU;
      case SILU -> SILU;
      case SIGMOID -> SIGMOID;
      case RELU -> RELU;
      case TANH -> TANH;
    };
  }

  /** Whether vectors may play it. The first time that somebody asks it goes to the rehearsal. */
  boolean isLearnt() {
    if (!learnt && !wanted) {
      wanted = true; // by several threads perhaps: then it is rehearsed twice
      Rehearsal.want(this);
    }
    return learnt;
  }

  void learn() {
    learnt = true;
  }

  /** Plays it once or twice, in loops of {@code vectors} rounds. */
  void play(Kernels kernels, Stage stage, int vectors) {
    switch (this) {
      case TWELVE_ROWS -> stage.tile(kernels, 12, vectors);
      case FOUR_ROWS -> stage.tile(kernels, 4, vectors);
      case TWO_ROWS -> stage.tile(kernels, 2, vectors);
      case ONE_ROW -> stage.tile(kernels, 1, vectors);
      case INTERLEAVE -> stage.interleave(kernels, vectors);
      case ADD_TO_ROWS -> stage.addToRows(kernels, vectors);
      case COPY_ROWS -> stage.copyRows(kernels, vectors);
      case MORE -> kernels.more(stage.x, 0, stage.w, 0, vectors, stage.out, 0);
      case ADD -> kernels.add(stage.x, 0, stage.w, 0, stage.y, 0, Stage.length(vectors));
      case SCALE -> kernels.scale(stage.y, 0, Stage.length(vectors), 1f);
      case LAYER_NORM -> stage.layerNorm(kernels, Stage.length(vectors));
      case SOFTMAX ->
          kernels.softmax(stage.x, 0, stage.y, 0, Stage.length(vectors), stage.partials);
      case LOG_SOFTMAX ->
          kernels.logSoftmax(stage.x, 0, stage.y, 0, Stage.length(vectors), stage.partials);
      case GELU_BY_TANH -> stage.activate(kernels, Activation.GELU_NEW, vectors);
      case GELU -> stage.activate(kernels, Activation.GELU, vectors);
      case QUICK_GELU -> stage.activate(kernels, Activation.QUICK_GELU, vectors);
      case SILU -> stage.activate(kernels, Activation.SILU, vectors);
      case SIGMOID -> stage.activate(kernels, Activation.SIGMOID, vectors);
      case RELU -> stage.activate(kernels, Activation.RELU, vectors);
      case TANH -> stage.activate(kernels, Activation.TANH, vectors);
      case WIDEN_BF16 -> kernels.widenBf16(stage.words, 0, vectors, stage.y);
      case WIDEN_INT8 -> kernels.widenInt8(stage.words, 0, vectors, stage.y);
      case ROW_BF16 -> kernels.rowBf16(stage.x, 0, stage.words, 0, vectors, stage.out);
      case ROW_INT8 -> kernels.rowInt8(stage.x, 0, stage.words, 0, vectors, stage.out);
    }
  }
}
