package dev.vitrine.training.corpus;

import dev.vitrine.training.corpus.Sources.Weighted;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Fills rows of a fixed length with documents that end in {@code <|endoftext|>}. A row begins with
 * the beginning of a document (as a prompt does); its last document is cut where the row ends.
 */
public final class RowWriter {

  /** Tokens in a row. */
  public static final int LENGTH = 256;

  private static final int MARKS = 4;

  private final List<Weighted> sources;
  private final int endOfText;
  private final long[] written;
  private final Dice dice;

  /** Draws from these sources with these dice. */
  public RowWriter(List<Weighted> sources, int endOfText, Dice dice) {
    this.sources = sources;
    this.endOfText = endOfText;
    this.dice = dice;
    written = new long[sources.size()];
  }

  /** The next row: token ids, each marked with source * 4 + mark. */
  public Document next() {
    int[] ids = new int[LENGTH];
    byte[] marks = new byte[LENGTH];
    int filled = 0;
    while (filled < LENGTH) {
      int number = choose();
      Document document = sources.get(number).source().next(dice);
      int length = Math.min(document.length(), LENGTH - filled);
      System.arraycopy(document.ids(), 0, ids, filled, length);
      byte[] own = document.marks();
      for (int i = 0; i < length; i++) {
        marks[filled + i] = (byte) (number * MARKS + own[i]);
      }
      filled += length;
      written[number] += length;
      if (filled < LENGTH) {
        marks[filled] = (byte) (number * MARKS + (number == 0 ? 0 : Document.TEXT));
        ids[filled++] = endOfText;
      }
    }
    return new Document(ids, marks);
  }

  /** Now and then any source, otherwise the one that lags most behind its share. */
  private int choose() {
    if (dice.chance(0.15)) {
      return dice.below(sources.size());
    }
    int lagging = 0;
    for (int i = 1; i < sources.size(); i++) {
      boolean more =
          written[i] / sources.get(i).share() < written[lagging] / sources.get(lagging).share();
      lagging = more ? i : lagging;
    }
    return lagging;
  }

  /**
   * Writes rows as little-endian 16-bit ids into one file and a byte of mark for each into another.
   */
  public void write(Path ids, Path marks, long rows) throws IOException {
    try (OutputStream idStream = new BufferedOutputStream(Files.newOutputStream(ids), 1 << 20);
        OutputStream markStream = new BufferedOutputStream(Files.newOutputStream(marks), 1 << 20)) {
      for (long i = 0; i < rows; i++) {
        Document row = next();
        for (int id : row.ids()) {
          idStream.write(id);
          idStream.write(id >> 8);
        }
        markStream.write(row.marks());
      }
    }
  }
}
