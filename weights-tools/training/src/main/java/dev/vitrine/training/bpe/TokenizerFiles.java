package dev.vitrine.training.bpe;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import dev.vitrine.training.bpe.Vocabulary.Merge;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Writes {@code tokenizer.json}, {@code vocab.json} and {@code merges.txt}. */
public final class TokenizerFiles {

  private final Vocabulary vocabulary;
  private final List<String> merges;

  private TokenizerFiles(Vocabulary vocabulary) {
    this.vocabulary = vocabulary;
    merges = vocabulary.merges().stream().map(this::line).toList();
  }

  /** Writes the three files into a folder. */
  public static void write(Vocabulary vocabulary, Path folder) throws IOException {
    TokenizerFiles files = new TokenizerFiles(vocabulary);
    Files.createDirectories(folder);
    Files.writeString(
        folder.resolve("merges.txt"), "#version: 0.2\n" + String.join("\n", files.merges) + "\n");
    Files.writeString(folder.resolve("vocab.json"), json(files::writeVocabulary));
    Files.writeString(folder.resolve("tokenizer.json"), json(files::writeTokenizer));
  }

  private interface Content {
    void write(JsonGenerator json) throws IOException;
  }

  private static String json(Content content) throws IOException {
    StringWriter text = new StringWriter();
    try (JsonGenerator json = new JsonFactory().createGenerator(text)) {
      json.setPrettyPrinter(new DefaultPrettyPrinter());
      content.write(json);
    }
    return text + "\n";
  }

  private String line(Merge merge) {
    return vocabulary.piece(merge.left()) + " " + vocabulary.piece(merge.right());
  }

  private void writeVocabulary(JsonGenerator json) throws IOException {
    json.writeStartObject();
    for (int id = 0; id < vocabulary.size(); id++) {
      json.writeNumberField(vocabulary.piece(id), id);
    }
    json.writeEndObject();
  }

  private void writeTokenizer(JsonGenerator json) throws IOException {
    json.writeStartObject();
    json.writeStringField("version", "1.0");
    json.writeNullField("truncation");
    json.writeNullField("padding");
    json.writeArrayFieldStart("added_tokens");
    writeEndOfText(json);
    json.writeEndArray();
    json.writeNullField("normalizer");
    writeByteLevel(json, "pre_tokenizer", true);
    writeByteLevel(json, "post_processor", false);
    writeByteLevel(json, "decoder", true);
    json.writeObjectFieldStart("model");
    writeModel(json);
    json.writeEndObject();
    json.writeEndObject();
  }

  private void writeEndOfText(JsonGenerator json) throws IOException {
    json.writeStartObject();
    json.writeNumberField("id", vocabulary.endOfText());
    json.writeStringField("content", Vocabulary.END_OF_TEXT);
    for (String no : List.of("single_word", "lstrip", "rstrip", "normalized")) {
      json.writeBooleanField(no, false);
    }
    json.writeBooleanField("special", true);
    json.writeEndObject();
  }

  private static void writeByteLevel(JsonGenerator json, String role, boolean trim)
      throws IOException {
    json.writeObjectFieldStart(role);
    json.writeStringField("type", "ByteLevel");
    json.writeBooleanField("add_prefix_space", false);
    json.writeBooleanField("trim_offsets", trim);
    json.writeBooleanField("use_regex", true);
    json.writeEndObject();
  }

  private void writeModel(JsonGenerator json) throws IOException {
    json.writeStringField("type", "BPE");
    json.writeNullField("dropout");
    json.writeNullField("unk_token");
    json.writeStringField("continuing_subword_prefix", "");
    json.writeStringField("end_of_word_suffix", "");
    for (String no : List.of("fuse_unk", "byte_fallback", "ignore_merges")) {
      json.writeBooleanField(no, false);
    }
    json.writeFieldName("vocab");
    writeVocabulary(json);
    json.writeArrayFieldStart("merges");
    for (String merge : merges) {
      json.writeString(merge);
    }
    json.writeEndArray();
  }
}
