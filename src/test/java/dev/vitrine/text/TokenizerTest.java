package dev.vitrine.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What goes in comes out, nothing is special unless asked, and the merges alone decide. */
class TokenizerTest {

  private static final Tokenizer GPT2 = Tokenizer.gpt2();
  private static final ToyVocabulary TOY = new ToyVocabulary(ToyVocabulary.MERGES);

  @Test
  void anyTextComesBack() {
    SplittableRandom random = new SplittableRandom(5);
    Tokenizer toy = TOY.tokenizer();
    for (int i = 0; i < 2000; i++) {
      String text = RandomText.unicode(random, 60);
      assertThat(GPT2.decode(GPT2.encode(text).ids())).isEqualTo(text);
      assertThat(toy.decode(toy.encode(text).ids())).isEqualTo(text);
      assertThat(GPT2.encodeSpecial(text).text()).isEqualTo(text);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"a\ud83d", "\ude00b", "\ude00\ud83d", "\ud83d \ud83d\ude00"})
  void aSurrogateWithoutItsPartnerIsAReplacementCharacter(String text) {
    String expected = text.replaceAll("[\\x{d800}-\\x{dfff}]", "\ufffd"); // matches lone ones alone
    assertThat(GPT2.encode(text).text()).isEqualTo(expected);
    assertThat(GPT2.encode(text)).isEqualTo(GPT2.encode(expected));
  }

  @Test
  void jtokkitDoesWhatTheMergesSay() {
    SplittableRandom random = new SplittableRandom(6);
    ToyVocabulary vocabulary =
        new ToyVocabulary("a a", "a b", "b b", "aa a", "aa b", "ab ab", "bb bb", "b c");
    Tokenizer tokenizer = vocabulary.tokenizer();
    for (int i = 0; i < 3000; i++) {
      // Words of 500 bytes and more take another road through jtokkit than short ones.
      int length = i % 50 == 0 ? 400 + random.nextInt(400) : random.nextInt(40);
      String word = RandomText.over("aaaaabbbc", random, length);
      assertThat(tokenizer.encode(word).ids()).as(word).isEqualTo(byMerges(vocabulary, word));
    }
  }

  /** The merges, applied to the word one after the other. */
  private static int[] byMerges(ToyVocabulary vocabulary, String word) {
    List<String> parts = new ArrayList<>();
    word.codePoints().mapToObj(Character::toString).forEach(parts::add);
    for (String merge : vocabulary.merges) {
      String left = merge.substring(0, merge.indexOf(' '));
      String right = merge.substring(left.length() + 1);
      for (int i = 0; i + 1 < parts.size(); i++) {
        if (parts.get(i).equals(left) && parts.get(i + 1).equals(right)) {
          parts.set(i, parts.get(i) + parts.remove(i + 1));
        }
      }
    }
    return parts.stream().mapToInt(vocabulary.tokens::indexOf).toArray();
  }

  @Test
  void wordsAreDividedAsGpt2Does() {
    SplittableRandom random = new SplittableRandom(7);
    Pattern words = Pattern.compile(WordPieces.WORDS, Pattern.UNICODE_CHARACTER_CLASS);
    for (int i = 0; i < 500; i++) {
      String text = RandomText.over("ab1 \n'sé.\u3000", random, 30);
      int[] byWord =
          words
              .matcher(text)
              .results()
              .flatMapToInt(word -> Arrays.stream(GPT2.encode(word.group()).ids()))
              .toArray();
      assertThat(GPT2.encode(text).ids()).as(text).isEqualTo(byWord);
    }
  }

  @Test
  void longTextsOfOneWordTakeNoLongTime() {
    for (String part : List.of("a", " ", "é", "ab", "\n", "😀", "<|endoftext|>")) {
      String text = part.repeat(20_000);
      assertThat(GPT2.encodeSpecial(text).text()).isEqualTo(text);
    }
  }

  @Test
  void specialTokensAreOrdinaryTextUnlessAsked() {
    String text = "a<|endoftext|>b";
    assertThat(GPT2.encode(text).ids()).doesNotContain(50256);
    assertThat(GPT2.encodeSpecial(text).ids()).containsExactly(64, 50256, 65);
    assertThat(GPT2.encode(text).text()).isEqualTo(text);
    assertThat(GPT2.piece(50256)).isEqualTo("<|endoftext|>");
  }

  @Test
  void aPieceOfACharacterShowsAsReplacement() {
    Tokens tokens = GPT2.encode("日");
    assertThat(tokens.size()).isGreaterThan(1);
    assertThat(tokens.strings()).allMatch(piece -> piece.contains("\ufffd"));
    assertThat(tokens.text()).isEqualTo("日");
    byte[] joined = new byte[0];
    for (int id : tokens.ids()) {
      byte[] more = GPT2.bytes(id);
      byte[] all = Arrays.copyOf(joined, joined.length + more.length);
      System.arraycopy(more, 0, all, joined.length, more.length);
      joined = all;
    }
    assertThat(joined).isEqualTo("日".getBytes(StandardCharsets.UTF_8));
  }

  @ParameterizedTest
  @ValueSource(ints = {-1, 50257, 99999})
  void anIdOutOfRangeIsSaidWithTheRange(int id) {
    String message = "token id " + id + " is not in 0 … 50256";
    assertThatThrownBy(() -> GPT2.decode(5, id))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(message);
    assertThatThrownBy(() -> GPT2.piece(id)).hasMessage(message);
    assertThatThrownBy(() -> GPT2.bytes(id)).hasMessage(message);
    assertThatThrownBy(() -> GPT2.tokens(3, id)).hasMessage(message);
  }

  @Test
  void oneTokenIsOneOrNamesWhatItIs() {
    assertThat(GPT2.single(" Mary")).isEqualTo(5335);
    assertThatThrownBy(() -> GPT2.single(" Mary Ann"))
        .isInstanceOf(TokenizerException.class)
        .hasMessage("\" Mary Ann\" is 2 tokens, not one: \" Mary\", \" Ann\"");
    assertThatThrownBy(() -> GPT2.single("")).hasMessage("the empty text is no token");
    assertThatThrownBy(() -> GPT2.single("one\ntwo three four five six seven eight nine"))
        .hasMessageContaining("is 10 tokens")
        .hasMessageContaining("\"\\n\"")
        .hasMessageEndingWith(", …");
  }

  @Test
  void manyThreadsMayBeFirst() throws Exception {
    Tokenizer toy = TOY.tokenizer();
    Tokens expected = TOY.tokenizer().encode("the abc the");
    try (ExecutorService threads = Executors.newFixedThreadPool(8)) {
      List<Future<Tokens>> answers = new ArrayList<>();
      for (int i = 0; i < 64; i++) {
        answers.add(threads.submit(() -> toy.encode("the abc the")));
      }
      for (Future<Tokens> answer : answers) {
        assertThat(answer.get()).isEqualTo(expected);
      }
    }
  }
}
