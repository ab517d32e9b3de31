package dev.vitrine.text;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Bytes that are no UTF-8 become U+FFFD, one for each maximal subpart (Unicode, §3.9). */
class Utf8Test {

  @ParameterizedTest
  @CsvSource({
    "41c0af41f4808041, A��A�A",
    "f0808041, ���A",
    "eda080, ���",
    "edbfbf, ���",
    "f4908080, ����",
    "f5808080, ����",
    "e28241, �A",
    "e282, �",
    "f09f98, �",
    "f09f9880, 😀",
    "c2, �",
    "c3a9, é",
    "e0a080, \u0800",
    "e09fbf, ���",
    "80bf, ��",
  })
  void eachMaximalSubpartIsOneReplacement(String hex, String text) {
    assertThat(Utf8.decode(HexFormat.of().parseHex(hex))).isEqualTo(text);
  }

  @Test
  void soundTextDecodesAsEverywhere() {
    SplittableRandom random = new SplittableRandom(8);
    for (int i = 0; i < 1000; i++) {
      String text = RandomText.unicode(random, 40);
      assertThat(Utf8.decode(text.getBytes(StandardCharsets.UTF_8))).isEqualTo(text);
      assertThat(Utf8.wellFormed(text)).isEqualTo(text);
    }
  }

  @Test
  void everyCodePointComesBack() {
    for (int point = 0; point <= Character.MAX_CODE_POINT; point++) {
      if (point < Character.MIN_SURROGATE || point > Character.MAX_SURROGATE) {
        String text = Character.toString(point);
        if (!Utf8.decode(text.getBytes(StandardCharsets.UTF_8)).equals(text)) {
          throw new AssertionError("U+%04X does not come back".formatted(point));
        }
      }
    }
  }
}
