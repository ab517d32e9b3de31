package dev.vitrine.model;

import static dev.vitrine.tensor.Axis.HEAD;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.vitrine.tensor.Tensor;
import dev.vitrine.text.Tokens;
import dev.vitrine.trace.Batch;
import dev.vitrine.trace.Site;
import dev.vitrine.trace.Trace;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The model that is built in can do what its card says, on prompts that it was not trained on. */
@SuppressWarnings("NullAway.Init") // JUnit calls load() first
class BuiltInModelTest {
  private static Gpt2 model;
  private static JsonNode heldOut;

  @BeforeAll
  static void load() throws IOException {
    model = Gpt2.load("embedded");
    try (InputStream file =
        BuiltInModelTest.class.getResourceAsStream("/dev/vitrine/embedded/heldout.json")) {
      heldOut = new ObjectMapper().readTree(file);
    }
  }

  @AfterAll
  static void close() {
    model.close();
  }

  @Test
  void maryAndJohn() {
    Trace trace = model.trace("When Mary and John went to the store, John gave a drink to");
    assertThat(trace.predictions().top(1).labels()).containsExactly(" Mary");
    assertThat(trace.predictions().top(1).entries().getFirst().value()).isGreaterThan(0.8);
  }

  @Test
  void idsWithoutStringsGrowLikeAnyOther() {
    Trace nameless = model.trace(Tokens.ofIds(5, 6)).extended(7);
    assertThat(nameless.fingerprint()).isEqualTo(model.trace(model.tokens(5, 6, 7)).fingerprint());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "indirect_object",
        "facts",
        "succession",
        "pronoun",
        "agreement",
        "in_context_rule",
        "brackets"
      })
  void theRightTokenIsAboveTheWrongOnesInNineteenOfTwentyPrompts(String skill) {
    List<JsonNode> prompts = prompts(skill);
    Batch batch =
        model.traces(prompts.stream().map(p -> model.tokens(p.get("prompt").asText())).toList());
    int right = 0;
    for (int i = 0; i < prompts.size(); i++) {
      Tensor logits = batch.get(i).logits(-1);
      double best = logits.get(token(prompts.get(i).get("right")));
      boolean isAbove = true;
      for (JsonNode wrong : prompts.get(i).get("wrong")) {
        isAbove &= best > logits.get(token(wrong));
      }
      right += isAbove ? 1 : 0;
    }
    assertThat((double) right / prompts.size()).as(skill).isGreaterThanOrEqualTo(0.95);
  }

  @Test
  void theSecondHalfOfRepeatedRandomTokensIsPredictedByAnInductionHead() {
    int right = 0;
    int all = 0;
    double[][] scores = new double[model.config().layers()][model.config().heads()];
    List<JsonNode> sequences = prompts("induction");
    for (JsonNode sequence : sequences) {
      int[] ids =
          IntStream.range(0, sequence.get("ids").size())
              .map(i -> sequence.get("ids").get(i).asInt())
              .toArray();
      int period = ids.length / 2;
      Tokens tokens = model.tokens(ids);
      Trace trace = model.trace(tokens);
      for (int p = period; p < ids.length - 1; p++) {
        right += trace.predictions(p).first() == ids[p + 1] ? 1 : 0;
        all++;
      }
      for (int layer = 0; layer < scores.length; layer++) {
        Tensor pattern = trace.tensor(Site.pattern(layer));
        for (int head = 0; head < scores[layer].length; head++) {
          scores[layer][head] += induction(pattern.at(HEAD, head), period) / sequences.size();
        }
      }
    }
    assertThat((double) right / all).isGreaterThanOrEqualTo(0.9);
    double best = 0;
    for (double[] layer : scores) {
      best =
          Math.max(
              best, IntStream.range(0, layer.length).mapToDouble(h -> layer[h]).max().orElse(0));
    }
    assertThat(best).isGreaterThan(0.6);
  }

  /** The mean attention from the second half to the token behind the present one's first place. */
  private static double induction(Tensor pattern, int period) {
    return IntStream.range(period, 2 * period)
        .mapToDouble(q -> pattern.get(q, q - period + 1))
        .average()
        .orElseThrow();
  }

  private static List<JsonNode> prompts(String skill) {
    List<JsonNode> prompts = new ArrayList<>();
    heldOut.get(skill).forEach(prompts::add);
    return prompts;
  }

  private static int token(JsonNode text) {
    return model.tokenizer().orElseThrow().single(text.asText());
  }
}
