package dev.vitrine.tensor.drawing;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Labels show every character, and take the columns that they say. */
class LabelTest {

  @Test
  void blanksAndControlsAreSeen() {
    assertThat(Label.visible(" Mary", false)).isEqualTo("␣Mary");
    assertThat(Label.visible("  a b ", false)).isEqualTo("␣␣a b␣");
    assertThat(Label.visible("\n\n\t\r", false)).isEqualTo("↵↵⇥\\r");
    assertThat(Label.visible("\u001b[31m\u202e\u00a0", false)).isEqualTo("\\x1b[31m\\u202e\\xa0");
    assertThat(Label.visible("\u0301x", false)).isEqualTo("◌\u0301x");
    assertThat(Label.visible("\ud83d", false)).isEqualTo("\\ud83d");
    assertThat(Label.visible("", false)).isEqualTo("∅");
    assertThat(Label.visible("   ", false)).isEqualTo("␣␣␣");
  }

  @Test
  void asciiQuotesWhatHasBlanksAtItsEnds() {
    assertThat(Label.visible(" Mary", true)).isEqualTo("\" Mary\"");
    assertThat(Label.visible("Mary", true)).isEqualTo("Mary");
    assertThat(Label.visible("é\n日", true)).isEqualTo("\\xe9\\n\\u65e5");
    assertThat(Label.visible("", true)).isEqualTo("\"\"");
  }

  @Test
  void widthIsCountedInColumns() {
    assertThat(DisplayWidth.of("Mary")).isEqualTo(4);
    assertThat(DisplayWidth.of("日本")).isEqualTo(4);
    assertThat(DisplayWidth.of("e\u0301")).isEqualTo(1);
    assertThat(DisplayWidth.of("😀")).isEqualTo(2);
    assertThat(DisplayWidth.of("한글ｶ！")).isEqualTo(7);
    assertThat(DisplayWidth.of("␣↵█░")).isEqualTo(4);
    assertThat(DisplayWidth.of(0x3fffe)).isEqualTo(1);
  }

  @Test
  void cuttingNeverSplitsACharacter() {
    assertThat(Label.cut("日本語", 5, false)).isEqualTo("日本…");
    assertThat(Label.cut("日本語", 4, false)).isEqualTo("日…");
    assertThat(Label.cut("short", 5, false)).isEqualTo("short");
    assertThat(Label.cut("longer", 5, true)).isEqualTo("long~");
    assertThat(Label.cut("longer one", 8, true)).isEqualTo("longe...");
    assertThat(Label.cut("x", 0, false)).isEmpty();
    assertThat(Label.padLeft("日", 4)).isEqualTo("  日");
  }

  @Test
  void numbersThatStandTogetherHaveOneFormat() {
    assertThat(Numbers.forMagnitude(3, true).text(-0.0)).isEqualTo("-0");
    assertThat(Numbers.forMagnitude(0.5, false).text(0.25)).isEqualTo("0.2500");
    assertThat(Numbers.forMagnitude(12, false).text(0.25)).isEqualTo("0.25");
    assertThat(Numbers.forMagnitude(12345, false).text(0.25)).isEqualTo("0.3");
    assertThat(Numbers.forMagnitude(1e-5, false).text(1e-5)).isEqualTo("1.00e-05");
    assertThat(Numbers.exact(0.1f, false)).isEqualTo("0.1");
    assertThat(Numbers.exact(Double.NEGATIVE_INFINITY, true)).isEqualTo("-inf");
  }
}
