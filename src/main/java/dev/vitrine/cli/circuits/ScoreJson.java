package dev.vitrine.cli.circuits;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.vitrine.cli.terminal.Json;
import dev.vitrine.tensor.Axis;
import dev.vitrine.tensor.Tensor;
import java.io.IOException;

/** Scores as JSON. */
final class ScoreJson {
  private ScoreJson() {}

  /** {@code [{layer, head, score}]}. */
  static void heads(JsonGenerator json, String field, Tensor table) throws IOException {
    Tensor ordered = table.permute(Axis.LAYER, Axis.HEAD);
    json.writeArrayFieldStart(field);
    for (int layer = 0; layer < ordered.size(Axis.LAYER); layer++) {
      for (int head = 0; head < ordered.size(Axis.HEAD); head++) {
        json.writeStartObject();
        json.writeNumberField("layer", layer);
        json.writeNumberField("head", head);
        Json.number(json, "score", ordered.get(layer, head));
        json.writeEndObject();
      }
    }
    json.writeEndArray();
  }
}
