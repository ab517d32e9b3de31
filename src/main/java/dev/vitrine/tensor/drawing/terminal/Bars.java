package dev.vitrine.tensor.drawing.terminal;

import dev.vitrine.tensor.drawing.Rendering;
import dev.vitrine.tensor.drawing.Statistics;

/** Bars of text: the length of a number beside it, left of the axis where it is negative. */
final class Bars {
  private final double scale;
  private final int left;
  private final int right;
  private final Rendering rendering;

  private Bars(double scale, int left, int right, Rendering rendering) {
    this.scale = scale;
    this.left = left;
    this.right = right;
    this.rendering = rendering;
  }

  /** Bars for numbers of some range, in a number of columns. */
  static Bars of(Statistics statistics, int columns, Rendering rendering) {
    double below = Math.max(0, -statistics.min());
    double above = Math.max(0, statistics.max());
    if (statistics.finite() == 0 || below + above == 0) {
      return new Bars(0, 0, columns, rendering);
    }
    int left = below == 0 ? 0 : Math.max(1, (int) Math.round(columns * (below / (below + above))));
    left = above == 0 ? columns : Math.min(left, columns - 1);
    double scale =
        Math.max(left == 0 ? 0 : below / left, left == columns ? 0 : above / (columns - left));
    return new Bars(scale, left, columns - left, rendering);
  }

  /** The bar of one number. */
  String bar(double x) {
    if (!Double.isFinite(x) || scale == 0) {
      return "";
    }
    double length = Math.min(Math.abs(x) / scale, x < 0 ? left : right);
    int full = (int) length;
    boolean half = length - full >= 0.5;
    String block = rendering.ascii() ? "#" : "█";
    String bar;
    if (x < 0) {
      String part = half ? (rendering.ascii() ? "-" : "▐") : "";
      bar =
          " ".repeat(Math.max(0, left - full - part.length()))
              + paint(part + block.repeat(full), x);
    } else {
      String part = half ? (rendering.ascii() ? "-" : "▌") : "";
      bar = " ".repeat(left) + paint(block.repeat(full) + part, x);
    }
    return bar.isBlank() ? "" : bar;
  }

  private String paint(String text, double x) {
    return rendering.colour() && !text.isEmpty() ? Ansi.foreground(text, x < 0) : text;
  }
}
