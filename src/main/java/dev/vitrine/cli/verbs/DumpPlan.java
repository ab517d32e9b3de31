package dev.vitrine.cli.verbs;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import dev.vitrine.cli.options.ModelOptions;
import dev.vitrine.cli.options.Version;
import dev.vitrine.model.Gpt2;
import dev.vitrine.tensor.Axis;
import dev.vitrine.tensor.Tensor;
import dev.vitrine.text.Tokens;
import dev.vitrine.trace.Batch;
import dev.vitrine.trace.Hook;
import dev.vitrine.trace.Site;
import dev.vitrine.trace.Trace;
import dev.vitrine.trace.edit.Edit;
import dev.vitrine.weights.Config;
import dev.vitrine.weights.Dtype;
import dev.vitrine.weights.TensorWriter;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;

/**
 * Which tensors are written, in what order and shape: known before anything is computed, so that a
 * wrong name costs nothing, and only one block's tensors are in memory at a time.
 */
final class DumpPlan {

  /** A tensor of the file: one site of all prompts, or of one where their lengths differ. */
  record Entry(String name, Site site, List<Integer> prompts, List<Long> shape) {}

  private final Gpt2 model;
  private final List<Tokens> prompts;
  private final boolean even;
  private final Map<Site, Set<String>> sites;
  private final List<Entry> entries = new ArrayList<>();

  private DumpPlan(Gpt2 model, List<Tokens> prompts, Map<Site, Set<String>> sites) {
    this.model = model;
    this.prompts = prompts;
    this.even = prompts.stream().mapToInt(Tokens::size).distinct().count() <= 1;
    this.sites = sites;
    sites.forEach(this::plan);
  }

  /**
   * Finds the sites.
   *
   * @throws IllegalArgumentException if a glob names none; says the nearest
   */
  static DumpPlan of(Gpt2 model, List<Tokens> prompts, List<String> globs) {
    Config config = model.config();
    Map<Site, Set<String>> chosen = new LinkedHashMap<>();
    for (String glob : globs) {
      Site.matching(glob, config)
          .forEach(
              (name, site) -> chosen.computeIfAbsent(site, s -> new LinkedHashSet<>()).add(name));
    }
    Map<Site, Set<String>> inOrder = new LinkedHashMap<>();
    for (Site site : Site.all(config)) {
      Set<String> names = chosen.get(site);
      if (names != null) {
        inOrder.put(site, names);
      }
    }
    return new DumpPlan(model, prompts, inOrder);
  }

  private void plan(Site site, Set<String> names) {
    for (String name : names) {
      if (even) {
        List<Integer> all = new ArrayList<>();
        for (int i = 0; i < prompts.size(); i++) {
          all.add(i);
        }
        entries.add(new Entry(name, site, all, shape(site, prompts.size(), prompts.getFirst())));
      } else {
        for (int i = 0; i < prompts.size(); i++) {
          entries.add(new Entry(i + "/" + name, site, List.of(i), shape(site, 1, prompts.get(i))));
        }
      }
    }
  }

  private List<Long> shape(Site site, int batch, Tokens prompt) {
    List<Long> shape = new ArrayList<>(List.of((long) batch));
    site.hook().axes().forEach(axis -> shape.add((long) size(axis, site, prompt)));
    return List.copyOf(shape);
  }

  private int size(Axis axis, Site site, Tokens prompt) {
    Config config = model.config();
    return switch (axis) {
      case POSITION -> prompt.size() - (site.hook() == Hook.LOSS_PER_TOKEN ? 1 : 0);
      case QUERY, KEY -> prompt.size();
      case HEAD -> config.heads();
      case D_MODEL -> config.dModel();
      case D_HEAD -> config.dHead();
      case D_MLP -> config.dMlp();
      case VOCAB -> config.vocab();
      case ONE -> 1;
      default -> throw new IllegalStateException("no site has the axis " + axis);
    };
  }

  List<Entry> entries() {
    return List.copyOf(entries);
  }

  List<String> names() {
    return entries.stream().map(Entry::name).toList();
  }

  Dtype dtype() {
    return model.backend().isDouble() ? Dtype.F64 : Dtype.F32;
  }

  /** Announces every tensor, and what they are of. */
  void declare(TensorWriter writer, Batch batch, ModelOptions options) {
    writer.metadata(
        "tokens",
        json(
            g -> {
              for (Tokens prompt : prompts) {
                g.writeArray(prompt.strings().toArray(String[]::new), 0, prompt.size());
              }
            },
            true));
    writer.metadata(
        "ids",
        json(
            g -> {
              for (Tokens prompt : prompts) {
                g.writeArray(prompt.ids(), 0, prompt.size());
              }
            },
            true));
    writer.metadata(
        "edits",
        json(
            g -> {
              for (Edit edit : batch.size() == 0 ? List.<Edit>of() : batch.get(0).edits()) {
                g.writeString(edit.toString());
              }
            },
            true));
    writer.metadata("config", json(g -> config(g, model.config()), false));
    writer.metadata("version", Version.text());
    writer.metadata("model", options.model());
    writer.metadata("model_hash", model.hash());
    writer.metadata("backend", model.backend().name());
    writer.metadata("view", model.view().toString());
    for (Entry entry : entries) {
      long[] shape = entry.shape.stream().mapToLong(Long::longValue).toArray();
      writer.declare(entry.name, dtype(), shape);
    }
  }

  /** Writes block by block: a block that several tensors are in is run once. */
  void write(TensorWriter writer, Batch batch, Progress progress) {
    List<Site> group = new ArrayList<>();
    int layer = -2;
    for (Site site : sites.keySet()) {
      if (site.layer() != layer) {
        write(writer, batch, group, progress);
        group.clear();
        layer = site.layer();
      }
      group.add(site);
    }
    write(writer, batch, group, progress);
  }

  private void write(TensorWriter writer, Batch batch, List<Site> group, Progress progress) {
    if (group.isEmpty()) {
      return;
    }
    List<Map<Site, Tensor>> tensors = new ArrayList<>();
    for (Trace trace : batch) {
      tensors.add(trace.tensors(group));
    }
    for (Entry entry : entries) {
      if (group.contains(entry.site)) {
        for (int prompt : entry.prompts) {
          Tensor tensor = tensors.get(prompt).get(entry.site);
          if (tensor == null) {
            throw new IllegalStateException(entry.site + " was not computed");
          }
          write(writer, entry.name, tensor);
        }
        progress.step();
      }
    }
  }

  static void write(TensorWriter writer, String name, Tensor tensor) {
    if (tensor.elements() == 0) {
      return; // the loss of a single token: the writer is past it already
    }
    if (tensor.isDouble()) {
      writer.write(name, tensor.doubles());
    } else {
      writer.write(name, tensor.floats());
    }
  }

  // ---- metadata

  @FunctionalInterface
  private interface Content {
    void write(JsonGenerator json) throws IOException;
  }

  private static String json(Content content, boolean array) {
    StringWriter text = new StringWriter();
    try (JsonGenerator json = new JsonFactory().createGenerator(text)) {
      if (array) {
        json.writeStartArray();
        content.write(json);
        json.writeEndArray();
      } else {
        json.writeStartObject();
        content.write(json);
        json.writeEndObject();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e); // never: it goes to memory
    }
    return text.toString();
  }

  /** Each part of the configuration under its name, as {@code d_model}. */
  private static void config(JsonGenerator json, Config config) throws IOException {
    for (RecordComponent part : Config.class.getRecordComponents()) {
      String name = part.getName().replaceAll("([A-Z])", "_$1").toLowerCase(Locale.ROOT);
      Object value;
      try {
        value = part.getAccessor().invoke(config);
      } catch (ReflectiveOperationException e) {
        throw new IllegalStateException("a record answers for its components", e);
      }
      if (value instanceof OptionalInt id) {
        if (id.isPresent()) {
          json.writeNumberField(name, id.getAsInt());
        }
      } else if (value instanceof Enum<?> constant) {
        json.writeStringField(name, constant.name().toLowerCase(Locale.ROOT));
      } else {
        json.writeObjectField(name, value);
      }
    }
  }
}
