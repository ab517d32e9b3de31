package dev.vitrine.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.vitrine.kernels.Activation;
import dev.vitrine.weights.json.JsonObject;
import dev.vitrine.weights.naming.ConfigReader;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What configurations say, and what they may not say. */
class ConfigTest {

  private static Config read(String json) {
    byte[] bytes = json.replace('\'', '"').getBytes(StandardCharsets.UTF_8);
    return ConfigReader.read(JsonObject.parse("config.json", bytes));
  }

  private static Config hf(String more) {
    return read(
        "{'n_layer':2,'n_head':3,'n_embd':6,'n_positions':5,'vocab_size':11"
            + (more.isEmpty() ? "}" : "," + more + "}"));
  }

  private static Config tl(String more) {
    return read(
        "{'n_layers':2,'n_heads':3,'d_model':6,'n_ctx':5,'d_vocab':11"
            + (more.isEmpty() ? "}" : "," + more + "}"));
  }

  @Test
  void whatIsNotSaidIsAsInGpt2() {
    Config config = hf("");
    assertThat(config.dMlp()).isEqualTo(24);
    assertThat(config.dHead()).isEqualTo(2);
    assertThat(config.layerNormEpsilon()).isEqualTo(1e-5);
    assertThat(config.activation()).isEqualTo(Activation.GELU_NEW);
    assertThat(config.scaleAttention()).isTrue();
    assertThat(config.scaleByInverseLayer()).isFalse();
    assertThat(config.attentionScale()).isEqualTo(Math.sqrt(2));
    assertThat(config.tied()).isTrue();
    assertThat(config.eos()).isEmpty();
  }

  @Test
  void nullIsAsIfNotSaid() {
    assertThat(hf("'n_inner':null,'eos_token_id':null,'activation_function':null"))
        .isEqualTo(hf(""));
  }

  @Test
  void theOldNameOfTheContextIsKnown() {
    assertThat(read("{'n_layer':1,'n_head':1,'n_embd':6,'n_ctx':9,'vocab_size':11}").context())
        .isEqualTo(9);
  }

  @Test
  void anAttentionOnlyModelNeedsNoActivation() {
    Config config = tl("'attn_only':true,'d_head':4,'normalization_type':null");
    assertThat(config.dMlp()).isZero();
    assertThat(config.dHead()).isEqualTo(4);
    assertThat(config.layerNorm()).isFalse();
    assertThat(config.attentionScale()).isEqualTo(2);
  }

  @Test
  void attentionMayGoUnscaled() {
    assertThat(tl("'use_attn_scale':false").scaleAttention()).isFalse();
    assertThat(tl("'normalization_type':'LNPre'").layerNorm()).isTrue();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "'model_type':'llama' | is no GPT-2 (model_type is 'llama'); Vitrine runs models",
        "'add_cross_attention':true | it has cross attention",
        "'activation_function':'mish' | 'mish' is not supported; supported are gelu_new, gelu",
        "'n_inner':0 | 'n_inner' is 0 instead of between 1 and 16777216",
        "'n_inner':-4 | 'n_inner' is -4 instead of between 1 and 16777216",
        "'n_inner':1.5 | 'n_inner' is 1.5 instead of an integer",
        "'n_inner':99999999999 | 'n_inner' is 99999999999 instead of an integer",
        "'layer_norm_epsilon':-1 | layer_norm_epsilon is -1.0; not usable",
        "'layer_norm_epsilon':'x' | 'layer_norm_epsilon' is x instead of a number",
        "'tie_word_embeddings':1 | 'tie_word_embeddings' is 1 instead of true or false",
        "'eos_token_id':'x' | 'eos_token_id' is x instead of an integer",
        "'n_layer':3 | Duplicate field 'n_layer'",
      })
  void refusesOfHuggingFace(String more, String line) {
    assertThatThrownBy(() -> hf(more))
        .isInstanceOf(WeightsException.class)
        .hasMessageStartingWith("config.json: ")
        .hasMessageContaining(line);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "'normalization_type':'RMS' | normalization_type is 'RMS', not LN or null",
        "'positional_embedding_type':'rotary' | positional_embedding_type is 'rotary'",
        "'num_experts':8 | it is a mixture of experts",
        "'gated_mlp':true | 'gated_mlp' is set",
        "'parallel_attn_mlp':true | 'parallel_attn_mlp' is set",
        "'act_fn':'solu_ln' | act_fn 'solu_ln' is not supported",
        "'attn_scale':0 | attn_scale is 0.0; not usable",
      })
  void refusesOfTransformerLens(String more, String line) {
    assertThatThrownBy(() -> tl(more))
        .isInstanceOf(WeightsException.class)
        .hasMessageStartingWith("config.json: ")
        .hasMessageContaining(line);
  }

  @Test
  void refusesWhatIsIncomplete() {
    assertThatThrownBy(() -> read("{'model_type':'gpt2','n_layer':2}"))
        .hasMessage("config.json: has no 'n_embd'; it is needed");
    assertThatThrownBy(() -> read("{'n_layer':2,'n_head':4,'n_embd':6}"))
        .hasMessage("config.json: n_embd 6 is not a multiple of n_head 4");
  }
}
