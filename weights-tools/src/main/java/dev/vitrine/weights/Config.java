package dev.vitrine.weights;

import dev.vitrine.kernels.Activation;
import java.util.OptionalInt;

/**
 * What the architecture of a GPT-2 leaves open.
 *
 * @param layers the number of blocks
 * @param heads the number of attention heads of a block
 * @param dModel the width of the residual stream
 * @param dHead the width of a head; {@code heads · dHead} need not be {@code dModel}
 * @param dMlp the number of neurons of an MLP; 0 where there are none
 * @param context the largest number of positions
 * @param vocab the number of tokens
 * @param layerNormEpsilon what layer norm adds to the variance
 * @param activation the neurons' nonlinearity
 * @param scaleAttention whether scores are divided by {@code attentionScale}
 * @param scaleByInverseLayer whether scores are also divided by the layer's number, from 1 on
 * @param attentionScale the divisor, {@code √dHead} unless the configuration says otherwise
 * @param layerNorm whether there are layer norms; small models for study have none
 * @param attentionOnly whether the blocks have no MLP
 * @param positions whether there is a position embedding
 * @param tied whether the unembedding is the transposed token embedding
 * @param modelType what the configuration calls the architecture, such as {@code gpt2}
 * @param bos the id of the token that begins a text, if the configuration names it
 * @param eos the id of the token that ends a text, if the configuration names it
 */
public record Config(
    int layers,
    int heads,
    int dModel,
    int dHead,
    int dMlp,
    int context,
    int vocab,
    double layerNormEpsilon,
    Activation activation,
    boolean scaleAttention,
    boolean scaleByInverseLayer,
    double attentionScale,
    boolean layerNorm,
    boolean attentionOnly,
    boolean positions,
    boolean tied,
    String modelType,
    OptionalInt bos,
    OptionalInt eos) {}
