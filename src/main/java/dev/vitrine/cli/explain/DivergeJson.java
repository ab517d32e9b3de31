package dev.vitrine.cli.explain;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.vitrine.analysis.divergence.Cause;
import dev.vitrine.analysis.divergence.Divergence;
import dev.vitrine.analysis.divergence.Part;
import dev.vitrine.cli.terminal.Json;
import dev.vitrine.text.Tokens;
import java.io.IOException;
import java.util.Optional;

/** What {@code diverge} shows, as JSON. */
final class DivergeJson {
  private DivergeJson() {}

  static void write(JsonGenerator json, Divergence divergence, Tokens tokens, String note)
      throws IOException {
    json.writeStringField("left", divergence.left());
    json.writeStringField("right", divergence.right());
    Json.tokens(json, tokens);
    part(json, "first", divergence.first());
    part(json, "fault", divergence.fault());
    text(json, "faulty_side", divergence.faultySide());
    text(json, "cause", divergence.cause().map(Cause::statement));
    text(json, "note", note.isEmpty() ? Optional.empty() : Optional.of(note));
    json.writeArrayFieldStart("causes");
    for (Cause cause : divergence.causes()) {
      json.writeStartObject();
      json.writeStringField("statement", cause.statement());
      Json.number(json, "error", cause.error());
      json.writeBooleanField("explains", cause.explains());
      json.writeEndObject();
    }
    json.writeEndArray();
    json.writeArrayFieldStart("parts");
    for (Part part : divergence.parts()) {
      part(json, part);
    }
    json.writeEndArray();
  }

  private static void text(JsonGenerator json, String field, Optional<String> value)
      throws IOException {
    if (value.isPresent()) {
      json.writeStringField(field, value.get());
    } else {
      json.writeNullField(field);
    }
  }

  private static void part(JsonGenerator json, String field, Optional<Part> part)
      throws IOException {
    json.writeFieldName(field);
    if (part.isPresent()) {
      part(json, part.get());
    } else {
      json.writeNull();
    }
  }

  private static void part(JsonGenerator json, Part part) throws IOException {
    json.writeStartObject();
    json.writeStringField("site", part.site().name());
    json.writeNumberField("elements", part.elements());
    json.writeNumberField("differing", part.differing());
    if (!part.same()) {
      json.writeObjectFieldStart("where");
      for (int i = 0; i < part.indices().size(); i++) {
        json.writeNumberField(part.axes().get(i), part.indices().get(i));
      }
      json.writeEndObject();
      Json.number(json, "left", part.left());
      Json.number(json, "right", part.right());
      Json.number(json, "ulps", part.ulps());
      Json.number(json, "left_error", part.leftError());
      Json.number(json, "right_error", part.rightError());
      Json.number(json, "left_relative", part.leftFromReference());
      Json.number(json, "right_relative", part.rightFromReference());
    }
    json.writeEndObject();
  }
}
