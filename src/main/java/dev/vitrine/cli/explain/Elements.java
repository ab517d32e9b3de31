package dev.vitrine.cli.explain;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.vitrine.analysis.derivation.Derivation;
import dev.vitrine.analysis.derivation.Line;
import dev.vitrine.analysis.derivation.Term;
import dev.vitrine.cli.options.UsageException;
import dev.vitrine.cli.terminal.Json;
import dev.vitrine.tensor.Axis;
import dev.vitrine.trace.Site;
import dev.vitrine.trace.Trace;
import dev.vitrine.trace.edit.Target;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Single elements, named as targets are, and how each is computed. */
final class Elements {
  private Elements() {}

  /** An element's name, checked as far as the command line alone can be. */
  static Target parse(String text) {
    try {
      return Target.of(text);
    } catch (IllegalArgumentException e) {
      throw new UsageException("--element: " + e.getMessage());
    }
  }

  /**
   * Computes an element again.
   *
   * @throws IllegalArgumentException if the target is not one element of one site
   */
  static Derivation derive(Trace trace, Target target) {
    List<Site> sites = target.sites(trace.model().config());
    if (sites.size() != 1) {
      throw new IllegalArgumentException(
          "--element takes one site; %s means %d".formatted(target.site(), sites.size()));
    }
    Site site = sites.getFirst();
    List<Axis> axes = site.hook().axes();
    int[] indices = new int[axes.size()];
    List<String> missing = new ArrayList<>();
    for (int i = 0; i < indices.length; i++) {
      List<Integer> named = target.where().getOrDefault(axes.get(i), List.of());
      if (named.size() == 1) {
        indices[i] = named.getFirst();
      } else if (axes.get(i) != Axis.ONE) {
        missing.add(axes.get(i) + "=N");
      }
    }
    if (!missing.isEmpty()) {
      throw new IllegalArgumentException(
          "--element takes one index for each axis of %s: give %s"
              .formatted(site, String.join(", ", missing)));
    }
    return Derivation.of(trace, site, indices);
  }

  /** Whether an edit wrote the very element, so that it need not be what it is computed from. */
  static boolean isEdited(Trace trace, Derivation derivation) {
    int[] shape = trace.tensor(derivation.site()).shape();
    return trace.receipts().stream()
        .filter(receipt -> receipt.changed() > 0 && receipt.sites().contains(derivation.site()))
        .map(receipt -> receipt.edit().target())
        .anyMatch(target -> {
          for (int i = 0; i < shape.length; i++) {
            int index = derivation.indices().get(i);
            int[] named = target.indices(derivation.axes().get(i), shape[i]);
            if (named != null && Arrays.stream(named).noneMatch(each -> each == index)) {
              return false;
            }
          }
          return true;
        });
  }

  static void write(JsonGenerator json, Derivation derivation) throws IOException {
    json.writeStartObject();
    json.writeStringField("element", derivation.name());
    json.writeStringField("formula", derivation.site().hook().formula());
    Json.number(json, "value", derivation.stored());
    Json.number(json, "computed", derivation.computed());
    json.writeBooleanField("same_bits", derivation.sameBits());
    json.writeArrayFieldStart("lines");
    for (Line line : derivation.lines()) {
      json.writeStartObject();
      json.writeStringField("name", line.name());
      Json.number(json, "value", line.value());
      switch (line) {
        case Line.Step step -> json.writeStringField("formula", step.formula());
        case Line.Sum sum -> write(json, sum);
      }
      json.writeEndObject();
    }
    json.writeEndArray();
    json.writeEndObject();
  }

  private static void write(JsonGenerator json, Line.Sum sum) throws IOException {
    json.writeArrayFieldStart("parts");
    for (double part : sum.parts()) {
      Json.number(json, part);
    }
    json.writeEndArray();
    json.writeArrayFieldStart("terms");
    for (Term term : sum.terms()) {
      json.writeStartObject();
      json.writeStringField("left", term.left());
      Json.number(json, "a", term.a());
      json.writeStringField("right", term.right());
      Json.number(json, "b", term.b());
      json.writeNumberField("part", term.part());
      Json.number(json, "partial", term.partial());
      json.writeEndObject();
    }
    json.writeEndArray();
  }
}
