package dev.vitrine.text;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * GPT-2's way of writing any byte as one visible character, so that a vocabulary of byte strings
 * fits in a text file: printable Latin-1 stands for itself, the 68 other bytes are written from
 * U+0100 on, in their order. A space is Ġ, a line feed Ċ.
 */
final class ByteAlphabet {

  private static final char[] CHARACTER = new char[256];
  private static final short[] BYTE = new short[0x100 + 68];

  static {
    Arrays.fill(BYTE, (short) -1);
    char next = 0x100;
    for (int b = 0; b < 256; b++) {
      boolean printable = (b > ' ' && b <= '~') || (b >= 0xa1 && b != 0xad);
      CHARACTER[b] = printable ? (char) b : next++;
      BYTE[CHARACTER[b]] = (short) b;
    }
  }

  private ByteAlphabet() {}

  /** The character that stands for a byte, 0 … 255. */
  static char character(int b) {
    return CHARACTER[b];
  }

  /** The bytes of a token as it is written in the files, or null where a character is foreign. */
  static byte @Nullable [] bytes(String piece) {
    byte[] bytes = new byte[piece.length()];
    for (int i = 0; i < bytes.length; i++) {
      char c = piece.charAt(i);
      if (c >= BYTE.length || BYTE[c] < 0) {
        return null;
      }
      bytes[i] = (byte) BYTE[c];
    }
    return bytes;
  }

  /**
   * The bytes of a special token or of one that no merge makes: what is written is meant as it is.
   */
  static byte[] literal(String piece) {
    return piece.getBytes(StandardCharsets.UTF_8);
  }
}
