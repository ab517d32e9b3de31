package dev.vitrine.cli.why;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.vitrine.analysis.why.Term;
import dev.vitrine.analysis.why.Why;
import dev.vitrine.cli.edit.Receipts;
import dev.vitrine.cli.terminal.Json;
import java.io.IOException;
import java.util.Locale;
import java.util.Map;

/** What {@code why --json} prints. */
final class WhyJson {
  private WhyJson() {}

  static void write(JsonGenerator json, Why why, WhyTree tree, Map<Term, Double> effects)
      throws IOException {
    json.writeNumberField("position", why.position());
    token(json, "token", why, why.token());
    if (why.against().isPresent()) {
      token(json, "minus", why, why.against().getAsInt());
    } else {
      json.writeNullField("minus");
    }
    json.writeFieldName("root");
    term(json, tree, effects);
    Receipts.write(json, why.trace());
    json.writeStringField("convention", Why.CONVENTION);
  }

  private static void token(JsonGenerator json, String field, Why why, int id) throws IOException {
    json.writeObjectFieldStart(field);
    json.writeNumberField("id", id);
    json.writeStringField("token", why.trace().model().piece(id));
    json.writeEndObject();
  }

  private static void term(JsonGenerator json, WhyTree tree, Map<Term, Double> effects)
      throws IOException {
    Term term = tree.term();
    json.writeStartObject();
    json.writeStringField("kind", term.kind().name().toLowerCase(Locale.ROOT));
    json.writeStringField("label", term.label());
    Json.number(json, "adds", term.value());
    Double effect = effects.get(term);
    if (effect == null) {
      json.writeNullField("without");
    } else {
      Json.number(json, "without", -effect);
    }
    if (term.ablation().isPresent()) {
      json.writeStringField("target", term.ablation().get().toString());
    } else {
      json.writeNullField("target");
    }
    json.writeObjectFieldStart("others");
    json.writeNumberField("count", tree.others());
    Json.number(json, "adds", tree.others() == 0 ? 0 : tree.othersAdd());
    json.writeEndObject();
    Json.number(json, "remainder", tree.parts().isEmpty() ? 0 : term.remainder());
    json.writeArrayFieldStart("parts");
    for (WhyTree part : tree.parts()) {
      term(json, part, effects);
    }
    json.writeEndArray();
    json.writeEndObject();
  }
}
