package dev.vitrine.benchmarks;

/** {@code in x out}, as a parameter of a benchmark is written. */
final class Shape {
  private Shape() {}

  static int in(String shape) {
    return Integer.parseInt(shape.substring(0, shape.indexOf('x')));
  }

  static int out(String shape) {
    return Integer.parseInt(shape.substring(shape.indexOf('x') + 1));
  }
}
