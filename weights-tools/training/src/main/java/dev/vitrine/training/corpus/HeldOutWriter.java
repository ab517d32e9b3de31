package dev.vitrine.training.corpus;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.util.MinimalPrettyPrinter;
import dev.vitrine.training.skills.GreaterThan;
import dev.vitrine.training.skills.Repetition;
import dev.vitrine.training.story.StoryTeller;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Writes the prompts by which each skill is measured: JSON with one prompt a line. */
public final class HeldOutWriter {

  private static final int TRIES = 40;
  private static final int SEQUENCES = 40;
  private static final int STORIES = 60;

  private final int count;
  private final Dice dice;

  /** At most this many prompts of each skill. */
  public HeldOutWriter(int count, Dice dice) {
    this.count = count;
    this.dice = dice;
  }

  /** Writes all prompts into a file, for a vocabulary of so many tokens that are not special. */
  public void write(Path file, int tokens) throws IOException {
    Map<String, List<String>> lines = new LinkedHashMap<>();
    lines.put("induction", sequences(tokens));
    for (Sources.Share share : Sources.SKILLS) {
      lines.put(share.skill().name(), prompts(share.skill()));
    }
    lines.put("stories", stories());
    List<String> sections = new ArrayList<>();
    lines.forEach((name, prompts) ->
        sections.add("\"" + name + "\": [\n" + String.join(",\n", prompts) + "\n]"));
    Files.writeString(file, "{\n" + String.join(",\n", sections) + "\n}\n");
  }

  private List<String> sequences(int tokens) throws IOException {
    Repetition repetition = new Repetition(tokens);
    List<String> lines = new ArrayList<>();
    for (int i = 0; i < SEQUENCES; i++) {
      int[] ids = repetition.heldOut(dice, dice.between(20, 100));
      lines.add(
          object(json -> {
            json.writeFieldName("ids");
            json.writeArray(ids, 0, ids.length);
          }));
    }
    return lines;
  }

  /** Held-out prompts of a skill, all different. */
  public List<Prompt> draw(Skill skill) {
    Set<String> seen = new HashSet<>();
    List<Prompt> prompts = new ArrayList<>();
    for (int attempt = 0; attempt < count * TRIES && prompts.size() < count; attempt++) {
      Prompt prompt = skill.prompt(dice);
      if (seen.add(prompt.text())) {
        prompts.add(prompt);
      }
    }
    return prompts;
  }

  private List<String> prompts(Skill skill) throws IOException {
    List<String> lines = new ArrayList<>();
    for (Prompt prompt : draw(skill)) {
      lines.add(
          object(json -> {
            json.writeStringField("prompt", prompt.text());
            if (skill instanceof GreaterThan) {
              writeList(json, "greater", prompt.right());
              writeList(json, "less", prompt.wrong());
            } else {
              json.writeStringField("right", prompt.right().getFirst());
              writeList(json, "wrong", prompt.wrong());
            }
          }));
    }
    return lines;
  }

  private List<String> stories() throws IOException {
    List<String> lines = new ArrayList<>();
    for (int i = 0; i < STORIES; i++) {
      String text = TextEncoder.plain(StoryTeller.tell(dice));
      lines.add(object(json -> json.writeStringField("text", text)));
    }
    return lines;
  }

  private interface Content {
    void write(JsonGenerator json) throws IOException;
  }

  private static String object(Content content) throws IOException {
    StringWriter text = new StringWriter();
    try (JsonGenerator json = new JsonFactory().createGenerator(text)) {
      json.setPrettyPrinter(new MinimalPrettyPrinter());
      json.writeStartObject();
      content.write(json);
      json.writeEndObject();
    }
    return text.toString();
  }

  private static void writeList(JsonGenerator json, String name, List<String> strings)
      throws IOException {
    json.writeArrayFieldStart(name);
    for (String string : strings) {
      json.writeString(string);
    }
    json.writeEndArray();
  }
}
