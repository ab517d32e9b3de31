package dev.vitrine.weights.formats;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;

/** Damages files, as disks, networks and enemies do. */
final class Mutation {

  private static final long[] HOSTILE = {
    0,
    1,
    -1,
    7,
    8,
    255,
    256,
    65_535,
    Integer.MAX_VALUE,
    Integer.MIN_VALUE,
    0xffff_ffffL,
    1L << 32,
    1L << 61,
    1L << 62,
    Long.MAX_VALUE,
    Long.MIN_VALUE,
    Long.MAX_VALUE - 8,
    16 << 20,
    1 << 24
  };

  private Mutation() {}

  static byte[] mutate(byte[] sound, Random random) {
    byte[] bytes = sound.clone();
    int times = 1 + random.nextInt(4);
    for (int i = 0; i < times && bytes.length > 0; i++) {
      bytes = once(bytes, random);
    }
    return bytes;
  }

  private static byte[] once(byte[] bytes, Random random) {
    int at = place(bytes.length, random);
    switch (random.nextInt(8)) {
      case 0 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
      case 1 -> bytes[at] = (byte) random.nextInt(256);
      case 2 -> {
        return Arrays.copyOf(bytes, at);
      }
      case 3 -> hostileNumber(bytes, at, random);
      case 4 -> {
        return replaceDigits(bytes, at, random);
      }
      case 5 -> {
        int count = Math.min(bytes.length - at, 1 + random.nextInt(16));
        int to = place(bytes.length - count + 1, random);
        System.arraycopy(bytes, at, bytes, to, count);
      }
      case 6 -> {
        int count = Math.min(bytes.length - at, 1 + random.nextInt(16));
        return splice(bytes, at, at + count, new byte[0]);
      }
      default -> {
        int count = Math.min(bytes.length - at, 1 + random.nextInt(64));
        return splice(bytes, at, at, Arrays.copyOfRange(bytes, at, at + count));
      }
    }
    return bytes;
  }

  /** Mostly near the start, where headers are. */
  private static int place(int length, Random random) {
    int bound = random.nextInt(3) == 0 ? length : Math.min(length, 1 << random.nextInt(14));
    return random.nextInt(Math.max(1, bound));
  }

  private static void hostileNumber(byte[] bytes, int at, Random random) {
    long value = HOSTILE[random.nextInt(HOSTILE.length)] + random.nextInt(3) - 1;
    ByteBuffer number = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(0, value);
    int size = 1 << random.nextInt(4);
    for (int i = 0; i < size && at + i < bytes.length; i++) {
      bytes[at + i] = number.get(i);
    }
  }

  /** Replaces the next number that is written in digits. */
  private static byte[] replaceDigits(byte[] bytes, int at, Random random) {
    int from = at;
    while (from < bytes.length && !Character.isDigit(bytes[from])) {
      from++;
    }
    int to = from;
    while (to < bytes.length && Character.isDigit(bytes[to])) {
      to++;
    }
    String number = String.valueOf(HOSTILE[random.nextInt(HOSTILE.length)]);
    return splice(bytes, from, to, number.getBytes(StandardCharsets.US_ASCII));
  }

  private static byte[] splice(byte[] bytes, int from, int to, byte[] instead) {
    byte[] result = Arrays.copyOf(bytes, bytes.length - (to - from) + instead.length);
    System.arraycopy(instead, 0, result, from, instead.length);
    System.arraycopy(bytes, to, result, from + instead.length, bytes.length - to);
    return result;
  }
}
