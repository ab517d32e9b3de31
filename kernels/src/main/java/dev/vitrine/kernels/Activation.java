package dev.vitrine.kernels;

import java.util.Arrays;
import java.util.Optional;

/**
 * The nonlinearity of an MLP, by the names that Hugging Face's {@code activation_function} uses.
 *
 * <p>The formulas are those of {@code transformers.activations}; {@code σ} is the logistic function
 * {@code 1 / (1 + exp(-x))}.
 */
public enum Activation {
  /** {@code x/2 · (1 + tanh(√(2/π) · (x + 0.044715 x³)))}: GPT-2's own. */
  GELU_NEW("gelu_new", "gelu_pytorch_tanh"),
  /** {@code x/2 · (1 + erf(x/√2))}. */
  GELU("gelu", "gelu_python"),
  /** {@code x/2 · (1 + tanh(0.7978845608 · x · (1 + 0.044715 x²)))}. */
  GELU_FAST("gelu_fast"),
  /** {@code x · σ(1.702 x)}. */
  QUICK_GELU("quick_gelu"),
  /** {@code max(x, 0)}. */
  RELU("relu"),
  /** {@code x · σ(x)}. */
  SILU("silu", "swish"),
  /** {@code σ(x)}. */
  SIGMOID("sigmoid"),
  /** {@code tanh(x)}. */
  TANH("tanh");

  private final String configName;
  private final String otherName;

  Activation(String name) {
    this(name, name);
  }

  Activation(String configName, String otherName) {
    this.configName = configName;
    this.otherName = otherName;
  }

  /** The name by which Hugging Face calls it. */
  public String configName() {
    return configName;
  }

  /** The activation of that name, or empty if there is none. */
  public static Optional<Activation> named(String name) {
    return Arrays.stream(values())
        .filter(
            activation -> name.equals(activation.configName) || name.equals(activation.otherName))
        .findFirst();
  }
}
