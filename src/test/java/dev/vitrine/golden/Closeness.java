package dev.vitrine.golden;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;

/** Whether what was computed is close enough to what is expected, and where it is not. */
public final class Closeness {
  private Closeness() {}

  /** Holds a tensor to the tolerance that the case states for the precision it was computed in. */
  public static void assertClose(
      String what, double[] actual, double[] expected, JsonNode statement, boolean isDouble) {
    double tolerance = statement.get(isDouble ? "tol_f64" : "tol_f32").asDouble();
    assertClose(what, actual, expected, tolerance);
  }

  static void assertClose(String what, double[] actual, double[] expected, double tolerance) {
    assertThat(actual).as(what + ": number of elements").hasSameSizeAs(expected);
    for (int i = 0; i < actual.length; i++) {
      boolean same =
          Double.isFinite(expected[i])
              ? Math.abs(actual[i] - expected[i]) <= tolerance
              // The file holds floats: what overflows one is infinite there.
              : Double.compare((float) actual[i], expected[i]) == 0;
      if (!same) {
        assertThat(actual[i])
            .as("%s: element %d of %d, tolerance %.3g", what, i, actual.length, tolerance)
            .isEqualTo(expected[i]);
      }
    }
  }

  static double largest(double[] values) {
    double largest = 0;
    for (double value : values) {
      largest = Double.isFinite(value) ? Math.max(largest, Math.abs(value)) : largest;
    }
    return largest;
  }
}
