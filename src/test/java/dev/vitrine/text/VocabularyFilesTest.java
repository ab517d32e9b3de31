package dev.vitrine.text;

import static dev.vitrine.text.ToyVocabulary.MERGES;
import static dev.vitrine.text.ToyVocabulary.stream;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A vocabulary beside the weights is read, or refused in one line that says what is wrong. */
class VocabularyFilesTest {

  private final ToyVocabulary toy = new ToyVocabulary(MERGES);

  @Test
  void bothFormsGiveTheSameTokenizer() {
    String text = "the abc  the thab\n";
    Tokens two = toy.tokenizer().encode(text);
    Tokens one = Tokenizer.of("toy", stream(toy.tokenizerJson())).encode(text);
    assertThat(one).isEqualTo(two);
    assertThat(one.strings())
        .containsExactly("the", " ", "abc", " ", " the", " ", "th", "ab", "\n");
  }

  @Test
  void mergesMayBePairsAndTheDivisionIntoWordsMayBeSpeltOut() {
    String json =
        toy.tokenizerJson()
            .replace("\"th e\"", "[\"th\", \"e\"]")
            .replace(
                "{\"type\": \"ByteLevel\", \"add_prefix_space\": false}",
                """
                {"type": "Sequence", "pretokenizers": [
                  {"type": "Split", "behavior": "Isolated", "invert": false, "pattern": {"Regex":
                   "'s|'t|'re|'ve|'m|'ll|'d| ?\\\\p{L}+| ?\\\\p{N}+| ?[^\\\\s\\\\p{L}\\\\p{N}]+|\\\\s+(?!\\\\S)|\\\\s+"}},
                  {"type": "ByteLevel", "add_prefix_space": false, "use_regex": false}]}
                """);
    assertThat(json).contains("[\"th\", \"e\"]").contains("Sequence");
    assertThat(Tokenizer.of("toy", stream(json)).encode(" the abc").ids())
        .isEqualTo(toy.tokenizer().encode(" the abc").ids());
  }

  @Test
  void idsMayLieInAnyOrder() {
    Tokens plain = toy.tokenizer().encode("the abc");
    Collections.reverse(toy.tokens);
    Tokenizer reversed = toy.tokenizer();
    Tokens tokens = reversed.encode("the abc");
    assertThat(tokens.strings()).isEqualTo(plain.strings());
    assertThat(tokens.id(0)).isEqualTo(toy.tokens.size() - 1 - plain.id(0));
    assertThat(reversed.endOfText()).hasValue(0);
    assertThat(reversed.encodeSpecial("<|endoftext|>the").ids()).startsWith(0).hasSize(2);
  }

  @Test
  void tokensThatNoMergeMakesAreOnlyDecoded() {
    toy.tokens.add("<unused 0>");
    Tokenizer tokenizer = toy.tokenizer();
    int id = toy.tokens.size() - 1;
    assertThat(tokenizer.piece(id)).isEqualTo("<unused 0>");
    assertThat(tokenizer.encodeSpecial("<unused 0>").ids()).doesNotContain(id);
  }

  @Test
  void aDirectoryWithoutOneHasNone(@TempDir Path directory) {
    assertThat(Tokenizer.read(directory)).isEmpty();
  }

  @Test
  void tokenizerJsonComesFirst(@TempDir Path directory) throws IOException {
    Files.writeString(directory.resolve("vocab.json"), "broken");
    Files.writeString(directory.resolve("tokenizer.json"), toy.tokenizerJson());
    assertThat(Tokenizer.read(directory)).isPresent();
  }

  @Test
  void halfAVocabularyIsRefused(@TempDir Path directory) throws IOException {
    Files.writeString(directory.resolve("merges.txt"), toy.mergesText());
    assertThatThrownBy(() -> Tokenizer.read(directory))
        .isInstanceOf(TokenizerException.class)
        .hasMessage(directory + ": merges.txt is there but vocab.json is not: put it beside");
    Files.delete(directory.resolve("merges.txt"));
    Files.writeString(directory.resolve("vocab.json"), toy.vocab());
    assertThatThrownBy(() -> Tokenizer.read(directory))
        .hasMessage(directory + ": vocab.json is there but merges.txt is not: put it beside");
  }

  @Test
  void aDirectoryInPlaceOfAFileIsRefused(@TempDir Path directory) throws IOException {
    Files.createDirectory(directory.resolve("tokenizer.json"));
    assertThatThrownBy(() -> Tokenizer.read(directory))
        .isInstanceOf(TokenizerException.class)
        .hasMessageContaining("tokenizer.json: cannot be read")
        .hasMessageNotContaining("\n");
  }

  @ParameterizedTest
  @CsvSource(
      delimiterString = "=>",
      value = {
        "'\"a\": ' => '\"a\": 9999, \"a\": ' => Duplicate",
        "'\"a\": ' => '\"aa\": ' => no token for byte 0x61 (\"a\")",
        "'\"a\": 97' => '\"a\": 98' => belongs to both \"a\" and \"b\"",
        "'\"a\": 97' => '\"a\": 640' => 'the ids of 263 tokens are not 0 … 262: \"a\" has id 640'",
        "'\"a\": 97' => '\"a\": -1' => \"a\" has id -1",
        "'\"a\": 97' => '\"a\": 6.4' => token \"a\" has no whole number for its id",
        "'\"a\": 97' => '\"a\": 99999999999' => malformed JSON: Numeric value",
        "'\"a\": 97' => '\"a\" 97' => malformed JSON",
        "'{' => '[' => not a JSON object",
        "'262}' => '262' => malformed JSON",
        "'\"the\":' => '\"thx\":' => 'merge 2 (\"th\" + \"e\") makes \"the\", which is no token'",
      })
  void aBrokenVocabIsRefused(String part, String replacement, String message) {
    String spoilt = toy.vocab().replaceFirst(Pattern.quote(part), replacement);
    assertThat(spoilt).isNotEqualTo(toy.vocab());
    assertRefused(stream(spoilt), stream(toy.mergesText()), message);
  }

  @Test
  void whatFollowsAVocabIsRefused() {
    assertRefused(stream(toy.vocab() + " {}"), stream(toy.mergesText()), "something follows");
    assertRefused(stream(toy.vocab() + "]"), stream(toy.mergesText()), "malformed JSON");
    assertRefused(stream(""), stream(toy.mergesText()), "not a JSON object");
  }

  @ParameterizedTest
  @CsvSource(
      delimiterString = "=>",
      value = {
        "'th e' => 'the' => 'line 3: \"the\" is not two tokens with one space between'",
        "'th e' => 'th e x' => is not two tokens",
        "'th e' => 'th  e' => is not two tokens",
        "'th e' => 'e th' => 'merge 2 (\"e\" + \"th\") makes \"eth\", which is no token'",
        "'th e' => 't h' => 'merge 2 (\"t\" + \"h\") makes \"th\", which was made before'",
        "'t h' => 'th e' => 'merge 1 (\"th\" + \"e\") uses \"th\", which no earlier merge makes'",
        "'ab c' => 'a bc' => 'uses \"bc\", which no earlier merge makes'",
      })
  void brokenMergesAreRefused(String part, String replacement, String message) {
    String spoilt = toy.mergesText().replaceFirst(part, replacement);
    assertThat(spoilt).isNotEqualTo(toy.mergesText());
    assertRefused(stream(toy.vocab()), stream(spoilt), message);
  }

  @Test
  void mergesThatRanksAloneWouldNotTellAreRefused() {
    // Of "abc" the merges make "a" + "bc" and stop there; by ranks alone it would be one token.
    ToyVocabulary disordered = new ToyVocabulary("b c", "a b", "ab c");
    assertThatThrownBy(disordered::tokenizer)
        .isInstanceOf(TokenizerException.class)
        .hasMessage(
            "toy: token \"abc\" cannot arise: its own bytes merge to 2 tokens, so the merges are"
                + " out of order");
  }

  @Test
  void aTokenTooLongToCheckIsRefused() {
    String[] doubling = new String[11];
    for (int i = 0; i < doubling.length; i++) {
      doubling[i] = "a".repeat(1 << i) + " " + "a".repeat(1 << i);
    }
    assertThatThrownBy(new ToyVocabulary(doubling)::tokenizer)
        .hasMessage("toy: merge 11 makes a token of 2048 bytes; at most 1024 are accepted");
  }

  @Test
  void malformedUtf8IsRefused() {
    byte[] merges = toy.mergesText().getBytes(StandardCharsets.UTF_8);
    merges[20] = (byte) 0xff;
    assertRefused(stream(toy.vocab()), new ByteArrayInputStream(merges), "not UTF-8");
    byte[] vocab = toy.vocab().getBytes(StandardCharsets.UTF_8);
    vocab[2] = (byte) 0xff;
    assertRefused(
        new ByteArrayInputStream(vocab), stream(toy.mergesText()), "malformed JSON: Invalid UTF-8");
  }

  @Test
  void aHugeFileIsRefused() {
    InputStream endless =
        new InputStream() {
          @Override
          public int read() {
            return ' ';
          }

          @Override
          public int read(byte[] into, int from, int length) {
            return length;
          }
        };
    assertRefused(endless, stream(toy.mergesText()), "more than 64 MiB");
  }

  private static void assertRefused(InputStream vocab, InputStream merges, String message) {
    assertThatThrownBy(() -> Tokenizer.of("toy", vocab, merges))
        .isInstanceOf(TokenizerException.class)
        .hasMessageStartingWith("toy")
        .hasMessageContaining(message)
        .hasMessageNotContaining("\n");
  }
}
