package dev.vitrine.kernels.f32;

import java.util.stream.LongStream;
import java.util.stream.Stream;

/**
 * The floats between two, in the order of their bits and on all processors: of every 31 neighbours
 * one, by a fixed lot, or, where the property {@code vitrine.ulps} is {@code whole}, each of them.
 */
public final class Floats {
  private static final boolean WHOLE = "whole".equals(System.getProperty("vitrine.ulps"));
  private static final int NEIGHBOURS = WHOLE ? 1 : 31;
  private static final int CHUNK = 1 << 13;

  private Floats() {}

  /** Of both signs: those from {@code low} to {@code -least} and from {@code least} to high. */
  public static Stream<float[]> around(float least, float low, float high) {
    return Stream.concat(between(-least, low), between(least, high)).parallel();
  }

  /** Of one sign, {@code from} the nearer to zero; in pieces. */
  public static Stream<float[]> between(float from, float to) {
    return between(from, to, NEIGHBOURS);
  }

  /** Likewise, but each of them always. */
  public static Stream<float[]> all(float from, float to) {
    return between(from, to, 1);
  }

  private static Stream<float[]> between(float from, float to, int neighbours) {
    int first = Float.floatToRawIntBits(from);
    long count = Math.max(0, (long) Float.floatToRawIntBits(to) - first + 1) / neighbours;
    return LongStream.range(0, Math.ceilDiv(count, (long) CHUNK))
        .parallel()
        .mapToObj(chunk -> chunk(first, chunk * CHUNK, count, neighbours));
  }

  /** The 2 · {@code reach} nearest to {@code centre}, and itself. */
  public static float[] near(float centre, int reach) {
    float[] floats = new float[2 * reach + 1];
    int first = Float.floatToRawIntBits(centre) - reach;
    for (int i = 0; i < floats.length; i++) {
      floats[i] = Float.intBitsToFloat(first + i);
    }
    return floats;
  }

  private static float[] chunk(int first, long from, long count, int neighbours) {
    float[] floats = new float[(int) Math.min(CHUNK, count - from)];
    for (int i = 0; i < floats.length; i++) {
      long group = from + i;
      int lot = (int) (((group * 0x9E3779B97F4A7C15L) >>> 33) % neighbours);
      floats[i] = Float.intBitsToFloat(first + (int) (group * neighbours) + lot);
    }
    return floats;
  }
}
