package dev.vitrine.text;

import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** A small vocabulary to be spoilt: the 256 bytes, the products of some merges, the end of text. */
final class ToyVocabulary {

  static final String[] MERGES = {"t h", "th e", "Ġ the", "a b", "ab c", "Ġ Ġ"};

  final List<String> tokens = new ArrayList<>();
  final List<String> merges;

  ToyVocabulary(String... merges) {
    this.merges = new ArrayList<>(List.of(merges));
    for (int b = 0; b < 256; b++) {
      tokens.add(String.valueOf(ByteAlphabet.character(b)));
    }
    for (String merge : merges) {
      tokens.add(merge.replace(" ", ""));
    }
    tokens.add("<|endoftext|>");
  }

  String vocab() {
    StringBuilder json = new StringBuilder("{");
    for (int id = 0; id < tokens.size(); id++) {
      json.append(id == 0 ? "" : ", ").append(json(tokens.get(id))).append(": ").append(id);
    }
    return json.append("}").toString();
  }

  String mergesText() {
    return "#version: 0.2\n" + String.join("\n", merges) + "\n";
  }

  String tokenizerJson() {
    StringBuilder list = new StringBuilder();
    for (String merge : merges) {
      list.append(list.isEmpty() ? "" : ", ").append(json(merge));
    }
    return """
    {"version": "1.0",
     "added_tokens": [{"id": %d, "content": "<|endoftext|>", "special": true}],
     "normalizer": null,
     "pre_tokenizer": {"type": "ByteLevel", "add_prefix_space": false},
     "model": {"type": "BPE", "dropout": null, "vocab": %s, "merges": [%s]}}
    """
        .formatted(tokens.indexOf("<|endoftext|>"), vocab(), list);
  }

  Tokenizer tokenizer() {
    return Tokenizer.of("toy", stream(vocab()), stream(mergesText()));
  }

  static InputStream stream(String content) {
    return new ByteArrayInputStream(content.getBytes(StandardCharsets.UTF_8));
  }

  private static String json(String text) {
    return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
  }
}
