package dev.vitrine.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

/** Tokens are a value: ids that know their strings. */
class TokensTest {

  private static final Tokenizer GPT2 = Tokenizer.gpt2();

  @Test
  void theyKnowIdsAndStrings() {
    Tokens tokens = GPT2.encode("Hello, world");
    assertThat(tokens.ids()).containsExactly(15496, 11, 995);
    assertThat(tokens.strings()).containsExactly("Hello", ",", " world");
    assertThat(tokens.size()).isEqualTo(3);
    assertThat(tokens.id(2)).isEqualTo(995);
    assertThat(tokens.string(2)).isEqualTo(" world");
    assertThat(tokens.text()).isEqualTo("Hello, world");
    assertThat(tokens).hasToString("[\"Hello\" 15496, \",\" 11, \" world\" 995]");
  }

  @Test
  void appendingAndTakingMakeNewOnes() {
    Tokens tokens = GPT2.encode("Hello");
    Tokens longer = tokens.append(11, 995);
    assertThat(longer).isEqualTo(GPT2.encode("Hello, world"));
    assertThat(longer.first(1)).isEqualTo(tokens).hasSameHashCodeAs(tokens);
    assertThat(longer.first(0).isEmpty()).isTrue();
    assertThat(tokens.size()).isOne();
    assertThat(tokens.append(GPT2.encode(", world"))).isEqualTo(longer);
  }

  @Test
  void nobodyCanChangeThem() {
    int[] ids = {15496, 11};
    Tokens tokens = GPT2.tokens(ids);
    ids[0] = 0;
    tokens.ids()[1] = 0;
    assertThat(tokens.ids()).containsExactly(15496, 11);
  }

  @Test
  void withoutATokenizerTheStringsAreNumbers() {
    Tokens tokens = Tokens.ofIds(5, 3).append(8);
    assertThat(tokens.strings()).containsExactly("5", "3", "8");
    assertThat(tokens.text()).isEqualTo("5 3 8");
    assertThat(tokens).hasToString("[5, 3, 8]");
    assertThat(tokens).isNotEqualTo(GPT2.tokens(5, 3, 8));
    assertThat(tokens).isEqualTo(Tokens.ofIds(5, 3, 8));
  }

  @Test
  void whatDoesNotFitIsSaid() {
    Tokens tokens = GPT2.encode("Hello");
    assertThatThrownBy(() -> tokens.append(Tokens.ofIds(5)))
        .hasMessage("the tokens to append belong to another tokenizer");
    assertThatThrownBy(() -> tokens.append(50257)).hasMessage("token id 50257 is not in 0 … 50256");
    assertThatThrownBy(() -> tokens.first(2))
        .hasMessage("there are 1 tokens, so the first 2 cannot be taken");
    assertThatThrownBy(() -> tokens.string(1))
        .isInstanceOf(IndexOutOfBoundsException.class)
        .hasMessage("position 1 is not among 1 tokens");
    assertThatThrownBy(() -> Tokens.ofIds(-1)).hasMessage("token id -1 is negative");
  }
}
