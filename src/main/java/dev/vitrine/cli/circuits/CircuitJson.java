package dev.vitrine.cli.circuits;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.vitrine.analysis.circuits.CircuitReport;
import dev.vitrine.analysis.circuits.Composition;
import dev.vitrine.analysis.circuits.HeadDetector;
import dev.vitrine.analysis.tasks.GreaterThan;
import dev.vitrine.analysis.tasks.IndirectObject;
import dev.vitrine.analysis.tasks.RepeatedTokens;
import dev.vitrine.cli.terminal.Json;
import dev.vitrine.tensor.Tensor;
import java.io.IOException;
import java.util.Map;

/** A report of circuits as JSON. */
final class CircuitJson {
  private CircuitJson() {}

  static void write(JsonGenerator json, CircuitReport report) throws IOException {
    json.writeNumberField("parameters", report.model().parameters().count());
    tasks(json, report);
    json.writeObjectFieldStart("kinds");
    for (Map.Entry<HeadDetector, Tensor> kind : report.kinds().entrySet()) {
      ScoreJson.heads(json, kind.getKey().name(), kind.getValue());
    }
    json.writeEndObject();
    ScoreJson.heads(json, "copying", report.copying());
    json.writeObjectFieldStart("composition");
    for (Composition kind : Composition.values()) {
      json.writeArrayFieldStart(kind.toString());
      for (CircuitReport.Pair pair : report.pairs(kind)) {
        json.writeStartObject();
        json.writeNumberField("layer", pair.layer());
        json.writeNumberField("head", pair.head());
        json.writeNumberField("layer2", pair.layer2());
        json.writeNumberField("head2", pair.head2());
        Json.number(json, "score", pair.score());
        json.writeEndObject();
      }
      json.writeEndArray();
    }
    json.writeEndObject();
    json.writeArrayFieldStart("notes");
    for (String note : report.notes()) {
      json.writeString(note);
    }
    json.writeEndArray();
  }

  private static void tasks(JsonGenerator json, CircuitReport report) throws IOException {
    json.writeObjectFieldStart("tasks");
    RepeatedTokens repeated = report.repeated();
    if (repeated != null) {
      Json.number(json, "first_loss", repeated.firstLoss());
      Json.number(json, "second_loss", repeated.secondLoss());
    }
    if (report.indirectObject().isPresent()) {
      IndirectObject task = report.indirectObject().get();
      json.writeObjectFieldStart("indirect_object");
      Json.number(json, "accuracy", task.accuracy());
      Json.number(json, "logit_difference", task.logitDifference());
      json.writeEndObject();
    }
    if (report.greaterThan().isPresent()) {
      GreaterThan task = report.greaterThan().get();
      json.writeObjectFieldStart("greater_than");
      Json.number(json, "difference", task.difference());
      json.writeEndObject();
    }
    json.writeEndObject();
  }
}
