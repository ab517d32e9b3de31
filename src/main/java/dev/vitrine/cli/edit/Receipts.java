package dev.vitrine.cli.edit;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.vitrine.cli.terminal.Columns;
import dev.vitrine.cli.terminal.Json;
import dev.vitrine.cli.terminal.Style;
import dev.vitrine.trace.Batch;
import dev.vitrine.trace.Site;
import dev.vitrine.trace.Trace;
import dev.vitrine.trace.edit.Receipt;
import java.io.IOException;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** What the edits of a run did, for people and as JSON. */
public final class Receipts {
  private Receipts() {}

  /** Says which edits changed no element of any trace: most often they do not do what was meant. */
  public static void warn(Batch edited, PrintStream err) {
    List<List<Receipt>> all = new ArrayList<>();
    edited.forEach(trace -> all.add(trace.receipts()));
    for (int i = 0; i < all.getFirst().size(); i++) {
      int number = i;
      if (all.stream().allMatch(receipts -> receipts.get(number).changed() == 0)) {
        err.printf("vitrine: the edit %s changed nothing%n", all.getFirst().get(i).edit());
      }
    }
  }

  /** Each edit, and under it what it did. */
  public static List<String> lines(Trace trace, Style style, int width) {
    List<String> lines = new ArrayList<>();
    for (Receipt receipt : trace.receipts()) {
      String edit = receipt.edit().toString();
      String shown = style.unicode() ? edit : edit.replace("×", "x").replace("·", "*");
      Columns.wrap(shown, width - 2).forEach(part -> lines.add("  " + part));
      for (String part : Columns.wrap(did(receipt), width - 4)) {
        lines.add("    " + (receipt.changed() == 0 ? style.negative(part) : style.faint(part)));
      }
    }
    return lines;
  }

  private static String did(Receipt receipt) {
    if (receipt.fired() == 0) {
      return "not in this prompt";
    }
    String where = receipt.sites().size() == 1 ? "" : " of " + receipt.sites().size() + " sites";
    String changed =
        receipt.changed() == 0
            ? "changed nothing"
            : String.format(
                Locale.ROOT,
                "%d of %d elements changed, by %s in all, %s at most",
                receipt.changed(),
                receipt.elements(),
                number(receipt.norm()),
                number(receipt.largest()));
    return "%s; %d position%s%s; read by %s"
        .formatted(
            changed, receipt.fired(), receipt.fired() == 1 ? "" : "s", where, readers(receipt));
  }

  private static String number(double value) {
    return String.format(Locale.ROOT, "%.4g", value);
  }

  private static String readers(Receipt receipt) {
    List<Site> readers = receipt.readers();
    String first = readers.stream().limit(2).map(Site::name).collect(Collectors.joining(", "));
    return readers.size() <= 2 ? first : first + " and " + (readers.size() - 2) + " more";
  }

  /** The field {@code edits}: a list of {@code {edit, sites, fired, …}}. */
  public static void write(JsonGenerator json, Trace trace) throws IOException {
    json.writeArrayFieldStart("edits");
    for (Receipt receipt : trace.receipts()) {
      json.writeStartObject();
      json.writeStringField("edit", receipt.edit().toString());
      names(json, "sites", receipt.sites());
      json.writeNumberField("fired", receipt.fired());
      json.writeNumberField("elements", receipt.elements());
      json.writeNumberField("changed", receipt.changed());
      Json.number(json, "norm", receipt.norm());
      Json.number(json, "largest", receipt.largest());
      names(json, "readers", receipt.readers());
      json.writeEndObject();
    }
    json.writeEndArray();
  }

  private static void names(JsonGenerator json, String field, List<Site> sites) throws IOException {
    String[] names = sites.stream().map(Site::name).toArray(String[]::new);
    json.writeFieldName(field);
    json.writeArray(names, 0, names.length);
  }
}
