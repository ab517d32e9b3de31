package dev.vitrine.analysis;

/**
 * How a part of the residual stream passes a layer norm.
 *
 * <p>A layer norm is linear but for its divisor. To say what one part contributes, the divisor is
 * held at its value in the trace; then the parts add up to what the whole stream gives. In a model
 * without layer norm all three leave the stream as it is.
 */
public enum NormConvention {
  /**
   * Centred over d_model and divided by the scale that the trace has; without gain and bias. This
   * is TransformerLens's {@code apply_ln_to_stack}. Parts add up to {@code ln.hook_normalized}; to
   * the logits, less b_U, only in a view whose layer norms are folded.
   */
  FROZEN_SCALE("centred, over the trace's own scale; without gain and bias"),
  /**
   * As {@link #FROZEN_SCALE}, then times the gain. Parts and the layer norm's bias add up to what
   * the next matrix reads, in any view.
   */
  FROZEN_SCALE_AND_GAIN("centred, over the trace's own scale, times the gain; without the bias"),
  /**
   * The layer norm computed anew for each row, with its own mean and scale, gain and bias: what the
   * model would read if the row were the whole stream. Parts do not add up.
   */
  ANEW("layer norm computed anew, with its own mean, scale, gain and bias");

  private final String statement;

  NormConvention(String statement) {
    this.statement = statement;
  }

  /** The convention in one line, for whoever shows the numbers. */
  public String statement() {
    return statement;
  }
}
