package dev.vitrine.kernels.f32;

import dev.vitrine.kernels.Array;

/** Elements moved between plain arrays, rows and keys, whose layouts differ. */
final class Elements {
  private Elements() {}

  static void write(Array array, int row, int column, int count, float[] from, int at) {
    switch (array) {
      case FloatArray rows -> System.arraycopy(from, at, rows.data, rows.at(row) + column, count);
      case KeyArray keys -> {
        if (column == 0 && count == keys.columns()) {
          writeRow(keys, row, from, at);
        } else {
          for (int i = 0; i < count; i++) {
            keys.data[keys.at(row, column + i)] = from[at + i];
          }
        }
      }
      case ValueArray values -> values.write(row, column, count, from, at);
      default -> throw foreign(array);
    }
  }

  /** A whole row, head by head, which asks for each head's place once. */
  private static void writeRow(KeyArray keys, int row, float[] from, int at) {
    int next = at;
    for (int head = 0; head < keys.heads; head++) {
      int to = keys.panel(head, row / keys.width) + row % keys.width;
      for (int d = 0; d < keys.headSize; d++) {
        keys.data[to] = from[next++];
        to += keys.width;
      }
    }
  }

  static void read(Array array, int row, int column, int count, float[] into, int at) {
    switch (array) {
      case FloatArray rows -> System.arraycopy(rows.data, rows.at(row) + column, into, at, count);
      case KeyArray keys -> {
        for (int i = 0; i < count; i++) {
          into[at + i] = keys.data[keys.at(row, column + i)];
        }
      }
      case ValueArray values -> values.read(row, column, count, into, at);
      default -> throw foreign(array);
    }
  }

  static void copy(Array from, int fromRow, Array to, int toRow, int count) {
    if (from instanceof FloatArray rows) {
      for (int r = 0; r < count; r++) {
        write(to, toRow + r, 0, to.columns(), rows.data, rows.at(fromRow + r));
      }
    } else {
      float[] row = new float[from.columns()];
      for (int r = 0; r < count; r++) {
        read(from, fromRow + r, 0, row.length, row, 0);
        write(to, toRow + r, 0, row.length, row, 0);
      }
    }
  }

  private static IllegalArgumentException foreign(Array array) {
    return new IllegalArgumentException(
        "an array of another backend: " + array.getClass().getSimpleName());
  }
}
