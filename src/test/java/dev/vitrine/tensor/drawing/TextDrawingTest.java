package dev.vitrine.tensor.drawing;

import static dev.vitrine.tensor.Axis.BATCH;
import static dev.vitrine.tensor.Axis.COMPONENT;
import static dev.vitrine.tensor.Axis.D_MODEL;
import static dev.vitrine.tensor.Axis.HEAD;
import static dev.vitrine.tensor.Axis.KEY;
import static dev.vitrine.tensor.Axis.LAYER;
import static dev.vitrine.tensor.Axis.POSITION;
import static dev.vitrine.tensor.Axis.QUERY;
import static dev.vitrine.tensor.Axis.VOCAB;
import static org.assertj.core.api.Assertions.assertThat;

import dev.vitrine.tensor.Axis;
import dev.vitrine.tensor.Dimension;
import dev.vitrine.tensor.Samples;
import dev.vitrine.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;

/** A tensor draws itself, small as it is or in summary, in any terminal. */
class TextDrawingTest {
  private static final List<String> ODD_LABELS =
      List.of(
          "",
          " ",
          "\n",
          "日本",
          " Mary",
          "e\u0301",
          "\u0301",
          "😀",
          "\u001b[2J",
          "\ud800",
          "x".repeat(99));
  private static final double[] ODD_VALUES = {
    0, -0.0, Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY, 1e30, -1e-30, 1, -2.5
  };

  private static void assertDrawn(Tensor tensor, String expected) {
    assertText(tensor.toString(), expected);
  }

  private static void assertText(String drawn, String expected) {
    assertThat(drawn + "\n").isEqualTo(expected);
  }

  @Test
  void aNumberIsWrittenInFull() {
    assertDrawn(
        Samples.doubles(1, BATCH.of(1)).withOrigin(Samples.named("loss")),
        """
        loss  [batch 1] f64  1.561581040188955
        """);
  }

  @Test
  void aVectorIsBars() {
    Tensor vector =
        Tensor.of(
            new float[] {0.5f, -1, 0, Float.NaN, 2}, POSITION.of(Samples.TOKENS.subList(0, 5)));
    assertDrawn(
        vector,
        """
        [position 5] f32
        0 When    0.500                   ████████
        1 ␣Mary  -1.000  ▐████████████████
        2 ␣and    0.000
        3 ␣John     NaN
        4 ␣went   2.000                   █████████████████████████████████
        """);
  }

  @Test
  void anAttentionPatternIsAHeatMapWithItsTokens() {
    assertDrawn(
        Samples.pattern().withOrigin(Samples.named("blocks.0.attn.hook_pattern")),
        """
        blocks.0.attn.hook_pattern  [query 8, key 8] f32
        query    0         5       strongest key
        0 When   ██                → 0 When 1.000
        1 ␣Mary  ░░▓▓              → 1 ␣Mary 0.750
        2 ␣and   ░░  ▓▓            → 2 ␣and 0.750
        3 ␣John  ░░    ▓▓          → 3 ␣John 0.750
        4 ␣went  ░░      ▓▓        → 4 ␣went 0.750
        5 ␣to    ░░        ▓▓      → 5 ␣to 0.750
        6 ␣the   ░░          ▓▓    → 6 ␣the 0.750
        7 ␣store ░░            ▓▓  → 7 ␣store 0.750
                 0 ··░░▒▒▓▓██ 1
        """);
  }

  @Test
  void placesAmongThousandsAreShadedByTheirMagnitude() {
    double[] places = new double[2 * 30];
    Arrays.fill(places, 1);
    double[] some = {1, 2, 9, 80, 400, 3000, Double.NaN};
    System.arraycopy(some, 0, places, 30, some.length);
    Tensor ranks = Tensor.of(places, LAYER.of(2), POSITION.of(30));
    assertThat(ranks.toString())
        .contains("\n1       ░░▒▒▓▓▓▓██??\n", " 1 (blank) ", "3000, logarithmic, 1 NaN");
    assertThat(ranks.svg()).contains("logarithmic scale");
    assertThat(ranks.times(0.5).toString()).doesNotContain("logarithmic");
  }

  @Test
  void maskedScoresAreLeftBlank() {
    Tensor scores =
        Tensor.of(new float[] {1, Float.NEGATIVE_INFINITY, -3, 2}, QUERY.of(2), KEY.of(2));
    assertDrawn(
        scores,
        """
        [query 2, key 2] f32
        query 0     strongest key
        0     ▒▒    → 0 1
        1     -█▓▓  → 1 2
              size: 0 ··░░▒▒▓▓██ 3.000, 1 -inf left blank
        """);
  }

  @Test
  void aSmallMatrixIsATable() {
    assertDrawn(
        Samples.floats(1, LAYER.of(2), COMPONENT.of(List.of("embed", "0.attn", " x"))),
        """
        [layer 2, component 3] f32
        layer \\ component   embed  0.attn      ␣x
        0                   1.562  -0.608  -1.091
        1                  -0.625  -1.118  -1.658
        """);
  }

  @Test
  void aLargeMatrixIsItsSummaryAndCorners() {
    assertDrawn(
        Samples.floats(2, POSITION.of(Samples.TOKENS), D_MODEL.of(64)),
        """
        [position 8, d_model 64] f32
        512 elements · min -2.584 · mean -0.030 · max 3.098 · std 0.963
        -2.584 ▁▁▁▂▃▅▅▅▅█▇▇█▆▄▄▄▃▁▁▁▁ ▁ 3.098
        position \\ d_model       0       1       2       3       4       5  …      61      62      63
        0 When               0.276   0.479  -0.002   0.338  -1.085  -1.746  …   1.096   0.037  -0.543
        1 ␣Mary              0.409  -1.139  -0.921   0.198  -0.301   0.991  …  -1.520  -0.857   0.412
        2 ␣and               0.148  -0.248   1.187  -1.496   1.617  -0.285  …  -1.110   0.308  -1.167
        3 ␣John              0.592   0.961   3.098   0.956  -0.681  -0.380  …  -1.928   0.963   0.678
        4 ␣went              0.441   1.322  -0.349  -0.407  -1.224   1.021  …  -0.812  -1.296  -1.011
        5 ␣to                0.162   0.389   0.384  -0.614   0.938   0.125  …   0.080  -0.780  -0.760
        6 ␣the               0.890  -0.490   1.733   0.191  -0.102  -1.618  …  -1.371  -1.021  -0.068
        7 ␣store            -0.858  -1.035   0.661   1.104   0.771   0.153  …  -1.063   0.483   0.300
        """);
  }

  @Test
  void aLongVectorIsItsSummaryAndExtremes() {
    assertDrawn(
        Samples.floats(3, VOCAB.of(1000, id -> " t" + id)),
        """
        [vocab 1000] f32
        1,000 elements · min -3.094 · mean -0.005 · max 4.199 · std 0.994
        -3.094 ▁▁▁▁▂▃▄▅▇▇█▆▆▅▃▂▁▁▁▁▁ ▁▁ 4.199
        largest   827 ␣t827: 4.199 · 28 ␣t28: 3.854 · 419 ␣t419: 3.108 · 453 ␣t453: 2.929 · 177 ␣t177: 2.824
        smallest  881 ␣t881: -3.094 · 849 ␣t849: -2.593 · 939 ␣t939: -2.590 · 921 ␣t921: -2.574
        """);
  }

  @Test
  void slicesStandOneBelowAnother() {
    assertDrawn(
        Samples.counting(BATCH.of(1), HEAD.of(2), QUERY.of(2), POSITION.of(2)),
        """
        [batch 1, head 2, query 2, position 2] f32
        head 0
        query \\ position  0  1
        0                 0  1
        1                 2  3
        head 1
        query \\ position  0  1
        0                 4  5
        1                 6  7
        """);
  }

  @Test
  void asciiIsEnough() {
    assertText(
        Samples.pattern().draw(Rendering.standard().inAscii().width(50)),
        """
        [query 8, key 8] f32
        query      0         5       key across
        0 When     @@
        1 " Mary"  ::##
        2 " and"   ::  ##
        3 " John"  ::    ##
        4 " went"  ::      ##
        5 " to"    ::        ##
        6 " the"   ::          ##
        7 " store" ::            ##
                   0 ..::++##@@ 1
        """);
  }

  @RepeatedTest(200)
  void nothingThatATensorHoldsSpoilsTheDrawing(RepetitionInfo repetition) {
    Random random = new Random(repetition.getCurrentRepetition());
    Tensor tensor = odd(random);
    int width = 20 + random.nextInt(100);
    Rendering ascii = Rendering.standard().width(width).inAscii();
    assertThat(tensor.draw(ascii)).isASCII();
    for (Rendering rendering : List.of(ascii, Rendering.standard().width(width))) {
      for (String line : tensor.draw(rendering).split("\n", -1)) {
        assertThat(DisplayWidth.of(line)).as(line).isLessThanOrEqualTo(width);
        assertThat(line).matches("\\P{Cc}*");
      }
    }
    for (String line : tensor.draw(Rendering.standard().width(width).inColour()).split("\n", -1)) {
      String plain = line.replaceAll("\u001b\\[[0-9;]*m", "");
      assertThat(DisplayWidth.of(plain)).as(plain).isLessThanOrEqualTo(width);
      assertThat(plain).matches("\\P{Cc}*");
    }
  }

  /** A tensor of any shape, with labels and numbers that have broken drawings before. */
  static Tensor odd(Random random) {
    List<Axis> axes = new ArrayList<>(Arrays.asList(Axis.values()));
    axes.remove(Axis.ONE);
    Collections.shuffle(axes, random);
    List<Dimension> dimensions = new ArrayList<>();
    int count = 1;
    for (Axis axis : axes.subList(0, random.nextInt(5))) {
      int size =
          new int[] {0, 1, 2, 3, 7, 60, 300}
              [(int) Math.min(6, Math.abs(random.nextGaussian() * 3) + 0.9)];
      size = count * size > 20_000 ? 1 : size;
      count *= size;
      int shift = random.nextInt(20);
      dimensions.add(
          random.nextBoolean()
              ? axis.of(size)
              : axis.of(size, i -> ODD_LABELS.get((i + shift) % ODD_LABELS.size())));
    }
    double[] data = new double[count];
    boolean tame = random.nextBoolean();
    for (int i = 0; i < count; i++) {
      boolean plain = tame || random.nextInt(4) > 0;
      data[i] = plain ? random.nextGaussian() : ODD_VALUES[random.nextInt(ODD_VALUES.length)];
    }
    Tensor tensor = Tensor.of(data, dimensions.toArray(Dimension[]::new));
    return random.nextBoolean()
        ? tensor
        : tensor.withOrigin(Samples.named("a.\u001b[31m." + random));
  }

  @Test
  void theDefaultLocaleDoesNotMatter() {
    Locale before = Locale.getDefault();
    Tensor tensor = Samples.floats(2, POSITION.of(Samples.TOKENS), D_MODEL.of(640));
    String text = tensor.toString();
    String svg = tensor.svg();
    try {
      for (String tag : List.of("de-DE", "ar-EG-u-nu-arab", "tr-TR", "hi-IN-u-nu-deva")) {
        Locale.setDefault(Locale.forLanguageTag(tag));
        assertThat(tensor.toString()).isEqualTo(text);
        assertThat(tensor.svg()).isEqualTo(svg);
        assertThat(Axis.named("POSITION")).isEqualTo(POSITION);
      }
    } finally {
      Locale.setDefault(before);
    }
  }
}
