package dev.vitrine.text;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vitrine.text.Golden.Json;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** What the reference tokenizers make of strings, through GPT-2's own vocabulary and its files. */
@Tag("golden")
@ParameterizedClass(name = "{1}")
@MethodSource("cases")
record GoldenTokenizerTest(Path folder, String name, Tokenizer tokenizer) {

  static Stream<Object[]> cases() {
    return Golden.cases("tokenizer").stream()
        .flatMap(folder ->
            Stream.of(
                new Object[] {folder, "r50k", Tokenizer.gpt2()},
                new Object[] {folder, "files", Tokenizer.read(folder).orElseThrow()}));
  }

  @Test
  void everyStringHasTheseIdsAndComesBack() {
    String file = Golden.json(folder.resolve("inputs.json")).get("file").text();
    List<Json> cases = Golden.json(folder.resolve(file)).get("cases").items();
    assertThat(cases).hasSizeGreaterThan(300);
    for (Json one : cases) {
      String text = one.get("text").text();
      Tokens plain = tokenizer.encode(text);
      assertThat(plain.ids()).as(text).isEqualTo(one.get("ids").ints());
      assertThat(plain.text()).isEqualTo(text);
      Tokens special = tokenizer.encodeSpecial(text);
      String expected = one.has("ids_special") ? "ids_special" : "ids";
      assertThat(special.ids()).as(text).isEqualTo(one.get(expected).ints());
      assertThat(special.text()).isEqualTo(text);
    }
  }

  @Test
  void idsThatAreNoUtf8DecodeAsEverywhere() {
    Json data = Golden.json(folder.resolve("expected.json")).get("data");
    for (Json one : data.get("decode").items()) {
      int[] ids = one.get("ids").ints();
      StringBuilder hex = new StringBuilder();
      for (int id : ids) {
        hex.append(HexFormat.of().formatHex(tokenizer.bytes(id)));
      }
      assertThat(hex).hasToString(one.get("bytes_hex").text());
      assertThat(tokenizer.decode(ids)).isEqualTo(one.get("text_replace").text());
    }
  }

  @Test
  void filesAndShippedVocabularyAreTheSame() {
    assertThat(tokenizer.size()).isEqualTo(50257);
    assertThat(tokenizer.endOfText()).hasValue(50256);
    for (int id = 0; id < tokenizer.size(); id++) {
      assertThat(tokenizer.bytes(id)).isEqualTo(Tokenizer.gpt2().bytes(id));
    }
  }
}
