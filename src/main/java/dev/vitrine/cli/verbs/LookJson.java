package dev.vitrine.cli.verbs;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.vitrine.analysis.Attribution;
import dev.vitrine.analysis.Component;
import dev.vitrine.analysis.HeadAttention;
import dev.vitrine.analysis.LogitLens;
import dev.vitrine.analysis.NotNumbers;
import dev.vitrine.cli.edit.Receipts;
import dev.vitrine.cli.terminal.Json;
import dev.vitrine.tensor.Tensor;
import dev.vitrine.tensor.Top;
import dev.vitrine.trace.Predictions;
import dev.vitrine.trace.Site;
import java.io.IOException;

/** What {@code look} shows, as JSON. */
final class LookJson {
  private LookJson() {}

  static void write(JsonGenerator json, View view, int top) throws IOException {
    Json.tokens(json, view.trace().tokens());
    json.writeFieldName("predictions");
    predictions(json, view, view.predictions(), top);
    json.writeArrayFieldStart("lens");
    for (LogitLens.Layer layer : view.lens().layers()) {
      json.writeStartObject();
      json.writeNumberField("layer", layer.layer());
      json.writeStringField("site", layer.site().name());
      json.writeNumberField("rank", layer.rank(view.target()));
      Json.number(json, "difference", view.difference(layer));
      json.writeFieldName("top");
      predictions(json, view, layer.predictions(), top);
      json.writeEndObject();
    }
    json.writeEndArray();
    components(json, view);
    json.writeArrayFieldStart("heads");
    for (HeadAttention head : view.heads()) {
      head(json, view, head);
    }
    json.writeEndArray();
    Receipts.write(json, view.trace());
    Site nan = view.notNumbers().map(NotNumbers::from).orElse(null);
    json.writeStringField("nan_from", nan == null ? null : nan.name());
    json.writeStringField("convention", Attribution.CONVENTION);
  }

  /** None where they are NaN, so that no token is called the likeliest. */
  private static void predictions(JsonGenerator json, View view, Predictions of, int top)
      throws IOException {
    Tensor logits = of.logits();
    json.writeStartArray();
    for (Top.Entry entry : of.top(top)) {
      if (Double.isNaN(entry.value())) {
        break;
      }
      json.writeStartObject();
      json.writeStringField("token", view.trace().model().piece(entry.index()));
      json.writeNumberField("id", entry.index());
      number(json, "probability", entry.value());
      number(json, "logit", logits.get(entry.index()));
      json.writeEndObject();
    }
    json.writeEndArray();
  }

  private static void components(JsonGenerator json, View view) throws IOException {
    Attribution attribution = view.attribution();
    json.writeObjectFieldStart("target");
    json.writeStringField("token", view.trace().model().piece(view.target()));
    json.writeNumberField("id", view.target());
    number(json, "logit", attribution.logit());
    number(json, "sum", attribution.sum());
    json.writeEndObject();
    if (view.minus().isPresent()) {
      json.writeObjectFieldStart("minus");
      json.writeStringField("token", view.trace().model().piece(view.minus().getAsInt()));
      json.writeNumberField("id", view.minus().getAsInt());
      json.writeEndObject();
    } else {
      json.writeNullField("minus");
    }
    json.writeArrayFieldStart("components");
    for (Component component : attribution.components()) {
      json.writeStartObject();
      json.writeStringField("name", component.name());
      json.writeStringField("label", component.label());
      number(json, "logit", component.logit());
      json.writeEndObject();
    }
    json.writeEndArray();
  }

  private static void head(JsonGenerator json, View view, HeadAttention head) throws IOException {
    json.writeStartObject();
    json.writeNumberField("layer", head.layer());
    json.writeNumberField("head", head.head());
    number(json, "logit", view.logit(head));
    json.writeArrayFieldStart("attention");
    for (double weight : head.weights()) {
      Json.shortest(json, weight);
    }
    json.writeEndArray();
    score(json, "previous", head.scores().previous());
    score(json, "duplicate", head.scores().duplicate());
    score(json, "induction", head.scores().induction());
    json.writeEndObject();
  }

  private static void number(JsonGenerator json, String field, double value) throws IOException {
    json.writeFieldName(field);
    Json.shortest(json, value);
  }

  /** A mean over places of which the prompt may have none. */
  private static void score(JsonGenerator json, String field, double mean) throws IOException {
    if (Double.isNaN(mean)) {
      json.writeNullField(field);
    } else {
      number(json, field, mean);
    }
  }
}
