package dev.vitrine.text;

/**
 * Decodes UTF-8 with one U+FFFD for each maximal invalid subpart, as the Unicode standard (§3.9),
 * the WHATWG and Python do. Java's own decoder differs on encoded surrogates: it takes the three
 * bytes for one.
 */
final class Utf8 {

  private static final char REPLACEMENT = '\uFFFD';

  private Utf8() {}

  static String decode(byte[] bytes) {
    StringBuilder text = new StringBuilder(bytes.length);
    int i = 0;
    while (i < bytes.length) {
      int lead = bytes[i] & 0xff;
      int length = length(lead);
      int good = good(bytes, i, length);
      if (lead < 0x80) {
        text.append((char) lead);
      } else if (length > 1 && good == length) {
        text.appendCodePoint(codePoint(bytes, i, length));
      } else {
        text.append(REPLACEMENT);
      }
      i += good;
    }
    return text.toString();
  }

  /** How long a character is that starts with this byte; 1 too where none can. */
  private static int length(int lead) {
    if (lead < 0xc2 || lead > 0xf4) {
      return 1;
    }
    return lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
  }

  /** How many of a character's bytes are there and may stand together; at least the first. */
  private static int good(byte[] bytes, int start, int length) {
    int lead = bytes[start] & 0xff;
    // The second byte is bounded by the first: no overlong form, no surrogate, none past U+10FFFF.
    int low = lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80;
    int high = lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf;
    int good = 1;
    while (good < length && start + good < bytes.length) {
      int next = bytes[start + good] & 0xff;
      if (next < low || next > high) {
        break;
      }
      low = 0x80;
      high = 0xbf;
      good++;
    }
    return good;
  }

  private static int codePoint(byte[] bytes, int start, int length) {
    int point = (bytes[start] & 0xff) & (0xff >> (length + 1));
    for (int i = 1; i < length; i++) {
      point = point << 6 | (bytes[start + i] & 0x3f);
    }
    return point;
  }

  /** The text with U+FFFD for each surrogate without its partner, which has no UTF-8 form. */
  static String wellFormed(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (Character.isSurrogate(text.charAt(i))) {
        return replaceLoneSurrogates(text);
      }
    }
    return text;
  }

  private static String replaceLoneSurrogates(String text) {
    StringBuilder result = new StringBuilder(text.length());
    text.codePoints()
        .map(c -> c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE ? REPLACEMENT : c)
        .forEach(result::appendCodePoint);
    return result.toString();
  }
}
