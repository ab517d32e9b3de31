package dev.vitrine.weights.gguf;

import dev.vitrine.weights.WeightsException;
import dev.vitrine.weights.bytes.Cursor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What the metadata say: single values as text, and lists of texts. */
record Metadata(Map<String, String> texts, Map<String, List<String>> lists) {

  private static final int MAX_TEXT = 1 << 20;
  private static final int MAX_LIST = 1 << 21;

  static Metadata read(String origin, Cursor cursor, long pairs) {
    Metadata metadata = new Metadata(new LinkedHashMap<>(), new LinkedHashMap<>());
    for (long i = 0; i < pairs; i++) {
      String key = Gguf.name(origin, cursor);
      int type = cursor.i32();
      boolean known = metadata.texts.containsKey(key) || metadata.lists.containsKey(key);
      if (known) {
        throw new WeightsException(origin + ": has the metadata '" + key + "' twice");
      }
      if (type == 9) {
        metadata.list(origin, cursor, key);
      } else {
        metadata.texts.put(key, value(origin, cursor, key, type));
      }
    }
    return metadata;
  }

  private static String value(String origin, Cursor cursor, String key, int type) {
    return switch (type) {
      case 0 -> String.valueOf(cursor.u8());
      case 1 -> String.valueOf((byte) cursor.u8());
      case 2 -> String.valueOf(cursor.u16());
      case 3 -> String.valueOf((short) cursor.u16());
      case 4 -> String.valueOf(cursor.u32());
      case 5 -> String.valueOf(cursor.i32());
      case 6 -> String.valueOf(Float.intBitsToFloat(cursor.i32()));
      case 7 -> String.valueOf(cursor.u8() != 0);
      case 8 -> text(origin, cursor, key);
      case 10 -> Long.toUnsignedString(cursor.i64());
      case 11 -> String.valueOf(cursor.i64());
      case 12 -> String.valueOf(Double.longBitsToDouble(cursor.i64()));
      default ->
          throw new WeightsException(
              origin + ": metadata '" + key + "' is of unknown type " + type);
    };
  }

  private static String text(String origin, Cursor cursor, String key) {
    long length = cursor.i64();
    if (length < 0 || length > MAX_TEXT) {
      throw new WeightsException(
          origin
              + ": metadata '"
              + key
              + "' has "
              + Long.toUnsignedString(length)
              + " bytes, more than is read");
    }
    return cursor.utf8(length);
  }

  private void list(String origin, Cursor cursor, String key) {
    int type = cursor.i32();
    long length = cursor.i64();
    if (type == 8) {
      if (length < 0 || length > Math.min(MAX_LIST, cursor.remaining() / Long.BYTES)) {
        throw new WeightsException(
            origin
                + ": metadata '"
                + key
                + "' claims "
                + Long.toUnsignedString(length)
                + " texts, more than it can hold");
      }
      List<String> items = new ArrayList<>();
      for (long i = 0; i < length; i++) {
        items.add(text(origin, cursor, key));
      }
      lists.put(key, items);
      return;
    }
    int bytes =
        switch (type) {
          case 0, 1, 7 -> 1;
          case 2, 3 -> 2;
          case 4, 5, 6 -> 4;
          case 10, 11, 12 -> 8;
          default ->
              throw new WeightsException(
                  origin + ": metadata '" + key + "' is a list of unknown type " + type);
        };
    if (length < 0 || length > cursor.remaining() / bytes) {
      throw new WeightsException(
          origin
              + ": metadata '"
              + key
              + "' claims "
              + Long.toUnsignedString(length)
              + " numbers, more than it can hold");
    }
    cursor.skip(length * bytes);
  }
}
