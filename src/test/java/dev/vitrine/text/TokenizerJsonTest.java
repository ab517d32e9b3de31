package dev.vitrine.text;

import static dev.vitrine.text.ToyVocabulary.MERGES;
import static dev.vitrine.text.ToyVocabulary.stream;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a tokenizer.json asks for beyond GPT-2's encoder is refused, never ignored. */
class TokenizerJsonTest {

  private final ToyVocabulary toy = new ToyVocabulary(MERGES);

  @ParameterizedTest
  @CsvSource(
      delimiterString = "=>",
      quoteCharacter = '~',
      value = {
        "\"BPE\" => \"WordPiece\" => its model has type = \"WordPiece\", which is not GPT-2's",
        "\"dropout\": null => \"dropout\": 0.1 => its model has dropout = 0.1",
        "\"dropout\": null => \"byte_fallback\": true => its model has byte_fallback = true",
        "\"dropout\": null => \"ignore_merges\": true => its model has ignore_merges = true",
        "\"dropout\": null => \"end_of_word_suffix\": \"</w>\" => end_of_word_suffix = \"</w>\"",
        "\"normalizer\": null => \"normalizer\": {\"type\": \"NFC\"} => it normalizes text"
            + " (\"NFC\")",
        "\"ByteLevel\" => \"Whitespace\" => its pre-tokenizer is \"Whitespace\"; GPT-2's is"
            + " ByteLevel",
        "\"add_prefix_space\": false => \"add_prefix_space\": true => adds a space in front",
        "false} => false, \"use_regex\": false} => does not divide text into words",
        "\"pre_tokenizer\" => \"other\" => its pre-tokenizer is none; GPT-2's is ByteLevel",
        "\"special\": true => \"lstrip\": true => added token \"<|endoftext|>\" has lstrip",
        "\"content\" => \"name\" => an added token lacks its id or its content",
        "\"id\": 262 => \"id\": 7 => token \"<|endoftext|>\" has two ids, 262 and 7",
        "\"merges\" => \"merge\" => no model with a vocab and merges",
        "\"th e\" => 5 => merge 2 is not two tokens: 5",
        "\"th e\" => \"the\" => merge 2 is not two tokens: \"the\"",
        "\"version\" => \"normalizer\": null, \"version\" => Duplicate",
      })
  void whatIsNotGpt2sIsRefused(String part, String replacement, String message) {
    String spoilt = toy.tokenizerJson().replace(part, replacement);
    assertThat(spoilt).isNotEqualTo(toy.tokenizerJson());
    assertThatThrownBy(() -> Tokenizer.of("toy", stream(spoilt)))
        .isInstanceOf(TokenizerException.class)
        .hasMessageStartingWith("toy")
        .hasMessageContaining(message)
        .hasMessageNotContaining("\n");
  }

  @Test
  void whatComesLaterInTheFileMayComeEarlier() {
    String json = toy.tokenizerJson();
    int model = json.indexOf("\"model\"");
    String turned =
        "{" + json.substring(model, json.lastIndexOf('}')) + "," + json.substring(1, model).strip();
    turned = turned.substring(0, turned.length() - 1) + "}";
    assertThat(Tokenizer.of("toy", stream(turned)).encode(" the").ids())
        .isEqualTo(toy.tokenizer().encode(" the").ids());
  }

  @Test
  void addedTokensOutsideTheVocabularyAreSpecial() {
    String json =
        toy.tokenizerJson()
            .replace("}],", "}, {\"id\": 263, \"content\": \"<|end|>\", \"special\": true}],");
    Tokenizer tokenizer = Tokenizer.of("toy", stream(json));
    assertThat(tokenizer.size()).isEqualTo(264);
    assertThat(tokenizer.encodeSpecial("<|end|> the<|endoftext|>").ids())
        .containsExactly(263, toy.tokens.indexOf("Ġthe"), 262);
    assertThat(tokenizer.encode("<|end|>").size()).isGreaterThan(1);
  }
}
