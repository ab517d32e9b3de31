package dev.vitrine.analysis.tasks;

import dev.vitrine.model.Gpt2;
import dev.vitrine.text.Tokenizer;
import dev.vitrine.text.Tokens;
import java.util.List;
import java.util.OptionalInt;

/** Which words are one token to a model. */
record SingleTokens(Tokenizer tokenizer) {

  /**
   * Of a model.
   *
   * @throws IllegalStateException if it has no tokenizer
   */
  static SingleTokens of(Gpt2 model, String task) {
    return new SingleTokens(
        model
            .tokenizer()
            .orElseThrow(() ->
                new IllegalStateException(
                    task + " is asked in words, and the model has no tokenizer")));
  }

  /** The id of a text that is one token. */
  OptionalInt id(String text) {
    Tokens tokens = tokenizer.encode(text);
    return tokens.size() == 1 ? OptionalInt.of(tokens.id(0)) : OptionalInt.empty();
  }

  /** Those that are one token behind a space. */
  List<String> among(List<String> words) {
    return words.stream().filter(word -> id(" " + word).isPresent()).toList();
  }
}
