package dev.vitrine.analysis.experiment;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.vitrine.generate.Generation;
import dev.vitrine.generate.Sampling;
import dev.vitrine.model.Gpt2;
import dev.vitrine.text.Tokens;
import dev.vitrine.trace.Trace;
import dev.vitrine.weights.json.JsonObject;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;

/**
 * How the prompt of an experiment went on.
 *
 * @param sampling how its tokens were chosen
 * @param ids those that were added
 */
record Continuation(Sampling sampling, List<Integer> ids) {

  /** Keeps the ids as they are. */
  Continuation {
    ids = List.copyOf(ids);
  }

  /** Of a generation with these settings; one that was cancelled goes as far as it went. */
  static Continuation of(Generation generation, Sampling sampling) {
    List<Integer> ids = Arrays.stream(generation.ids()).boxed().toList();
    boolean cut = generation.reason() == Generation.Reason.CANCELLED;
    return new Continuation(cut ? shortened(sampling, ids.size()) : sampling, ids);
  }

  private static Sampling shortened(Sampling s, int maxNew) {
    return new Sampling(
        s.greedy(),
        s.temperature(),
        s.topK(),
        s.topP(),
        s.minP(),
        s.typical(),
        s.epsilon(),
        s.eta(),
        s.repetitionPenalty(),
        s.frequencyPenalty(),
        s.noRepeatNgram(),
        s.seed(),
        maxNew,
        s.stop());
  }

  /** Runs it again. */
  Generation run(Trace prompt) {
    return Generation.run(prompt, sampling);
  }

  Tokens tokens(Gpt2 model) {
    return model.tokens(ids.stream().mapToInt(Integer::intValue).toArray());
  }

  // ---- as JSON

  /** The field {@code generation}. */
  void write(JsonGenerator json, Gpt2 model) throws IOException {
    json.writeObjectFieldStart("generation");
    json.writeStringField("text", tokens(model).text());
    array(json, "ids", ids);
    json.writeBooleanField("greedy", sampling.greedy());
    json.writeNumberField("temperature", sampling.temperature());
    json.writeNumberField("top_k", sampling.topK());
    json.writeNumberField("top_p", sampling.topP());
    json.writeNumberField("min_p", sampling.minP());
    json.writeNumberField("typical", sampling.typical());
    json.writeNumberField("epsilon", sampling.epsilon());
    json.writeNumberField("eta", sampling.eta());
    json.writeNumberField("repetition_penalty", sampling.repetitionPenalty());
    json.writeNumberField("frequency_penalty", sampling.frequencyPenalty());
    json.writeNumberField("no_repeat_ngram", sampling.noRepeatNgram());
    json.writeNumberField("seed", sampling.seed());
    json.writeNumberField("max_new", sampling.maxNew());
    array(json, "stop", sampling.stop().stream().sorted().toList());
    json.writeEndObject();
  }

  private static void array(JsonGenerator json, String field, List<Integer> numbers)
      throws IOException {
    json.writeFieldName(field);
    json.writeArray(numbers.stream().mapToInt(Integer::intValue).toArray(), 0, numbers.size());
  }

  /** Reads what {@link #write} wrote. */
  static Continuation read(JsonObject json) {
    Sampling.Builder sampling =
        Sampling.builder()
            .greedy(json.flag("greedy", false))
            .temperature(json.number("temperature", 1))
            .topK(json.integer("top_k").orElse(0))
            .topP(json.number("top_p", 1))
            .minP(json.number("min_p", 0))
            .typical(json.number("typical", 1))
            .epsilon(json.number("epsilon", 0))
            .eta(json.number("eta", 0))
            .repetitionPenalty(json.number("repetition_penalty", 1))
            .frequencyPenalty(json.number("frequency_penalty", 0))
            .noRepeatNgram(json.integer("no_repeat_ngram").orElse(0))
            .maxNew(json.integer("max_new").orElse(0))
            .stop(json.longs("stop").stream().mapToInt(Math::toIntExact).toArray());
    if (json.has("seed")) {
      sampling.seed(json.oneOrMore("seed").getFirst());
    }
    return new Continuation(
        sampling.build(), json.longs("ids").stream().map(Math::toIntExact).toList());
  }
}
