package dev.vitrine.training.bpe;

import java.nio.charset.StandardCharsets;

/**
 * GPT-2's printable stand-ins for the 256 bytes: printable Latin-1 bytes stand for themselves, the
 * others for the characters from U+0100 on. The order of the byte tokens is GPT-2's too: first the
 * printable ones.
 */
final class ByteAlphabet {

  static final int SIZE = 256;

  private static final int[] ID_OF_BYTE = new int[SIZE];
  private static final char[] CHARACTER_OF_BYTE = new char[SIZE];
  private static final char[] CHARACTER_OF_ID = new char[SIZE];

  static {
    int id = 0;
    for (int value = 0; value < SIZE; value++) {
      if (printable(value)) {
        define(value, (char) value, id++);
      }
    }
    char standIn = SIZE;
    for (int value = 0; value < SIZE; value++) {
      if (!printable(value)) {
        define(value, standIn++, id++);
      }
    }
  }

  private ByteAlphabet() {}

  private static void define(int value, char character, int id) {
    ID_OF_BYTE[value] = id;
    CHARACTER_OF_BYTE[value] = character;
    CHARACTER_OF_ID[id] = character;
  }

  private static boolean printable(int value) {
    return (value >= '!' && value <= '~')
        || (value >= 0xA1 && value <= 0xAC)
        || (value >= 0xAE && value <= 0xFF);
  }

  /** The ids of the byte tokens that spell a text. */
  static int[] ids(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    int[] ids = new int[bytes.length];
    for (int i = 0; i < bytes.length; i++) {
      ids[i] = ID_OF_BYTE[bytes[i] & 0xFF];
    }
    return ids;
  }

  /** The printable stand-in of the byte token with this id. */
  static String printable(byte id) {
    return String.valueOf(CHARACTER_OF_ID[id & 0xFF]);
  }

  /** The bytes that a printable piece stands for. */
  static byte[] bytes(String piece) {
    byte[] bytes = new byte[piece.length()];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) byteOf(piece.charAt(i));
    }
    return bytes;
  }

  private static int byteOf(char character) {
    for (int value = 0; value < SIZE; value++) {
      if (CHARACTER_OF_BYTE[value] == character) {
        return value;
      }
    }
    throw new IllegalArgumentException("'" + character + "' stands for no byte");
  }
}
