package dev.vitrine.tensor.drawing;

import static dev.vitrine.tensor.Axis.HEAD;
import static dev.vitrine.tensor.Axis.KEY;
import static dev.vitrine.tensor.Axis.POSITION;
import static dev.vitrine.tensor.Axis.QUERY;
import static dev.vitrine.tensor.Axis.VOCAB;
import static org.assertj.core.api.Assertions.assertThat;

import dev.vitrine.tensor.Samples;
import dev.vitrine.tensor.Tensor;
import java.io.StringReader;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;

/** Pictures are XML that stands alone, of a size that a browser can bear. */
class SvgTest {

  private static Document parse(String xml) throws Exception {
    return DocumentBuilderFactory.newInstance()
        .newDocumentBuilder()
        .parse(new InputSource(new StringReader(xml)));
  }

  private static List<String> texts(Document document, String tag) {
    NodeList nodes = document.getElementsByTagName(tag);
    List<String> texts = new ArrayList<>();
    for (int i = 0; i < nodes.getLength(); i++) {
      texts.add(nodes.item(i).getTextContent());
    }
    return texts;
  }

  @Test
  void everyCellSaysItsPlaceAndNumber() throws Exception {
    Document svg = parse(Samples.pattern().svg());
    assertThat(texts(svg, "title"))
        .hasSize(1 + 64)
        .startsWith("[query 8, key 8] f32")
        .contains("query 3 ␣John, key 0 When: 0.25", "query 0 When, key 0 When: 1.0");
    assertThat(texts(svg, "text")).contains("query", "key", "␣Mary");
  }

  @Test
  void barsSayTheirNumbers() throws Exception {
    Document svg = parse(Samples.counting(POSITION.of(List.of("<a>", "&b", "\"c'"))).svg());
    assertThat(texts(svg, "text")).contains("0  <a>", "1  &b", "2  \"c'", "2");
    assertThat(texts(svg, "title")).contains("2  \"c': 2.0");
  }

  @Test
  void largeTensorsAreBroughtDownAndSaySo() throws Exception {
    String attention = Samples.floats(1, HEAD.of(40), QUERY.of(100), KEY.of(100)).svg();
    assertThat(attention.length()).isLessThan(1_500_000);
    assertThat(texts(parse(attention), "text"))
        .contains("the first 16 of 40 maps", "each cell is the strongest of 6 x 6 elements");
    String logits = Samples.floats(1, POSITION.of(50), VOCAB.of(5000)).svg();
    assertThat(logits.length()).isLessThan(1_500_000);
    assertThat(texts(parse(Samples.floats(1, VOCAB.of(5000)).svg()), "text"))
        .contains("the 32 largest of 5000");
  }

  @Test
  void whatIsNotFiniteIsCounted() throws Exception {
    float inf = Float.POSITIVE_INFINITY;
    Tensor scores = Tensor.of(new float[] {1, -inf, Float.NaN, inf}, QUERY.of(2), KEY.of(2));
    assertThat(texts(parse(scores.svg()), "text")).contains("1 NaN", "1 +inf", "1 -inf");
  }

  @RepeatedTest(100)
  void nothingThatATensorHoldsSpoilsThePicture(RepetitionInfo repetition) throws Exception {
    Tensor tensor = TextDrawingTest.odd(new Random(1000 + repetition.getCurrentRepetition()));
    assertThat(parse(tensor.svg()).getDocumentElement().getTagName()).isEqualTo("svg");
    assertThat(tensor.svg()).doesNotContain("NaN\"", "Infinity\"");
  }

  @Test
  void aPageHoldsThePictureAndTheDescription() {
    String page = Samples.pattern().withOrigin(Samples.named("a<b")).html();
    assertThat(page)
        .contains("<svg ", "<title>a&lt;b  [query 8, key 8] f32</title>")
        .doesNotContain("a<b");
    assertThat(page).doesNotContain("href", "src=").contains("<pre>a&lt;b");
  }
}
