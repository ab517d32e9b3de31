package dev.vitrine.cli.experiment;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.vitrine.analysis.experiment.Effect;
import dev.vitrine.cli.edit.Receipts;
import dev.vitrine.cli.terminal.Json;
import dev.vitrine.trace.edit.Work;
import java.io.IOException;
import java.util.List;

/** What edits did, as JSON. */
final class EffectJson {
  private EffectJson() {}

  static void write(JsonGenerator json, List<Effect> effects, int top) throws IOException {
    json.writeArrayFieldStart("prompts");
    for (Effect effect : effects) {
      json.writeStartObject();
      write(json, effect, top);
      json.writeEndObject();
    }
    json.writeEndArray();
  }

  private static void write(JsonGenerator json, Effect effect, int top) throws IOException {
    Json.tokens(json, effect.after().tokens());
    Receipts.write(json, effect.after());
    tokens(json, "before", effect.predictedBefore(top));
    tokens(json, "after", effect.predictedAfter(top));
    tokens(json, "moved", effect.tokens().subList(0, Math.min(top, effect.tokens().size())));
    Json.number(json, "kl", effect.kl());
    Json.number(json, "loss_before", effect.lossBefore());
    Json.number(json, "loss_after", effect.lossAfter());
    Work work = effect.after().work();
    json.writeObjectFieldStart("work");
    json.writeNumberField("run", work.run());
    json.writeNumberField("full", work.full());
    json.writeNumberField("saved", work.saved());
    json.writeEndObject();
  }

  private static void tokens(JsonGenerator json, String field, List<Effect.Moved> tokens)
      throws IOException {
    json.writeArrayFieldStart(field);
    for (Effect.Moved token : tokens) {
      json.writeStartObject();
      json.writeNumberField("id", token.id());
      json.writeStringField("token", token.piece());
      Json.number(json, "logit_before", token.logitBefore());
      Json.number(json, "logit_after", token.logitAfter());
      Json.number(json, "change", token.change());
      Json.number(json, "probability_before", token.probabilityBefore());
      Json.number(json, "probability_after", token.probabilityAfter());
      json.writeEndObject();
    }
    json.writeEndArray();
  }
}
