package dev.vitrine.weights.zip;

import dev.vitrine.weights.WeightsException;
import dev.vitrine.weights.bytes.Cursor;
import dev.vitrine.weights.bytes.Slice;
import dev.vitrine.weights.bytes.Storage;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.SequencedMap;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;
import org.jspecify.annotations.Nullable;

/**
 * The entries of a zip.
 *
 * <p>Stored entries are read where they lie; compressed ones are held in memory, but only up to
 * {@value #MAX_INFLATED} bytes.
 */
public final class ZipArchive {

  /** What compressed entries may unpack to in all: a bomb unfolds to a thousand times its size. */
  public static final int MAX_INFLATED = 512 << 20;

  private static final int END_64 = 0x06064b50;
  private static final int LOCATOR_64 = 0x07064b50;
  private static final int CENTRAL = 0x02014b50;
  private static final int LOCAL = 0x04034b50;
  private static final int END_BYTES = 22;
  private static final int CENTRAL_BYTES = 46;
  private static final long ALL_ONES = 0xffff_ffffL;
  private static final int MAX_NAME = 4096;
  private static final int FIRST_INFLATED = 1 << 16;

  private final Storage storage;
  private final SequencedMap<String, Entry> entries = new LinkedHashMap<>();

  private long inflated;

  private record Entry(String name, int method, long compressed, long size, long header) {}

  /**
   * Reads the directory.
   *
   * @throws WeightsException if it is broken
   */
  public ZipArchive(Storage storage) {
    this.storage = storage;
    long end = findEnd();
    Cursor cursor = new Cursor(storage, end + 10);
    long count = cursor.u16();
    cursor.skip(4);
    long start = cursor.u32();
    if (end >= 20 && new Cursor(storage, end - 20).i32() == LOCATOR_64) {
      long end64 = new Cursor(storage, end - 12).i64();
      if (end64 < 0 || end64 > end - 56 || new Cursor(storage, end64).i32() != END_64) {
        throw broken("its directory is not where it should be");
      }
      cursor = new Cursor(storage, end64 + 32);
      count = cursor.i64();
      cursor.skip(8);
      start = cursor.i64();
    }
    if (start < 0 || start > end || count < 0 || count > (end - start) / CENTRAL_BYTES) {
      throw broken("its directory is not where it should be");
    }
    readDirectory(new Cursor(storage, start), count);
  }

  private WeightsException broken(String why) {
    return new WeightsException(
        storage.origin() + ": is a broken zip (" + why + "); fetch it again");
  }

  /** The end record is followed by a comment of unknown length. */
  private long findEnd() {
    int tail = (int) Math.min(storage.length(), END_BYTES + 0xffff);
    byte[] bytes = storage.read(storage.length() - tail, tail);
    for (int at = tail - END_BYTES; at >= 0; at--) {
      if (bytes[at] == 'P' && bytes[at + 1] == 'K' && bytes[at + 2] == 5 && bytes[at + 3] == 6) {
        return storage.length() - tail + at;
      }
    }
    throw broken("it ends before its directory");
  }

  private void readDirectory(Cursor cursor, long count) {
    for (long i = 0; i < count; i++) {
      if (cursor.i32() != CENTRAL) {
        throw broken("entry " + i + " of its directory is none");
      }
      cursor.skip(4);
      int flags = cursor.u16();
      int method = cursor.u16();
      cursor.skip(8);
      long compressed = cursor.u32();
      long size = cursor.u32();
      int nameLength = cursor.u16();
      int extraLength = cursor.u16();
      int commentLength = cursor.u16();
      cursor.skip(8);
      long header = cursor.u32();
      if (nameLength > MAX_NAME) {
        throw broken("an entry's name has " + nameLength + " bytes");
      }
      String name = cursor.utf8(nameLength);
      if ((flags & 1) != 0) {
        throw new WeightsException(storage.origin() + ": '" + name + "' is encrypted");
      }
      long after = cursor.position() + extraLength;
      while (cursor.position() + 4 <= after) {
        int id = cursor.u16();
        long next = cursor.u16() + cursor.position();
        if (id == 1 && next <= after) { // sizes beyond 32 bits, in this order, where all ones stand
          size = size == ALL_ONES && cursor.position() + 8 <= next ? cursor.i64() : size;
          compressed =
              compressed == ALL_ONES && cursor.position() + 8 <= next ? cursor.i64() : compressed;
          header = header == ALL_ONES && cursor.position() + 8 <= next ? cursor.i64() : header;
        }
        cursor.skip(Math.min(next, after) - cursor.position());
      }
      cursor.skip(after - cursor.position() + commentLength);
      Entry entry = new Entry(name, method, compressed, size, header);
      if (entries.put(name, entry) != null) {
        throw broken("it has two entries '" + name + "'");
      }
    }
  }

  /** The names of the entries, in the order of the directory. */
  public Iterable<String> names() {
    return Collections.unmodifiableSet(entries.keySet());
  }

  /**
   * The bytes of an entry, or null if there is none of that name.
   *
   * @throws WeightsException if the entry is broken, or too large to be unpacked
   */
  public @Nullable Storage open(String name) {
    Entry entry = entries.get(name);
    if (entry == null) {
      return null;
    }
    Slice packed = packed(entry);
    return switch (entry.method()) {
      case 0 -> {
        if (entry.size() != entry.compressed()) {
          throw broken("'" + name + "' is stored, but of two sizes");
        }
        yield packed;
      }
      case 8 -> Storage.of(storage.origin() + "/" + name, inflate(entry, packed));
      default ->
          throw new WeightsException(
              storage.origin()
                  + ": '"
                  + name
                  + "' is packed by method "
                  + entry.method()
                  + ", which is not read; save it uncompressed");
    };
  }

  private Slice packed(Entry entry) {
    if (entry.header() < 0 || entry.header() > storage.length() - 30) {
      throw broken("'" + entry.name() + "' lies outside the file");
    }
    Cursor cursor = new Cursor(storage, entry.header());
    if (cursor.i32() != LOCAL) {
      throw broken("'" + entry.name() + "' is not where the directory says");
    }
    cursor.skip(22);
    int nameLength = cursor.u16();
    int extraLength = cursor.u16();
    long start = cursor.position() + nameLength + extraLength;
    if (entry.compressed() < 0 || entry.compressed() > storage.length() - start) {
      throw broken("'" + entry.name() + "' reaches beyond the end of the file");
    }
    return new Slice(storage, start, entry.compressed());
  }

  private byte[] inflate(Entry entry, Slice packed) {
    // No stream of deflate unfolds to more than 1032 times its length.
    if (entry.size() < 0
        || entry.size() > MAX_INFLATED - inflated
        || entry.size() / 1032 > packed.length()
        || packed.length() > MAX_INFLATED) {
      throw new WeightsException(
          storage.origin()
              + ": '"
              + entry.name()
              + "' unpacks to "
              + Long.toUnsignedString(entry.size())
              + " bytes, more than is read; save it uncompressed");
    }
    try (Inflater inflater = new Inflater(true)) {
      inflater.setInput(packed.read(0, (int) packed.length()));
      // Grows with what comes out: the size is only a claim.
      byte[] bytes = new byte[(int) Math.min(entry.size(), FIRST_INFLATED)];
      int done = 0;
      while (done < entry.size()) {
        if (done == bytes.length) {
          bytes = Arrays.copyOf(bytes, (int) Math.min(entry.size(), 2L * done));
        }
        int some = inflater.inflate(bytes, done, bytes.length - done);
        if (some == 0) {
          throw broken("'" + entry.name() + "' unpacks to less than the directory says");
        }
        done += some;
      }
      if (inflater.inflate(new byte[1]) != 0) {
        throw broken("'" + entry.name() + "' unpacks to more than the directory says");
      }
      inflated += bytes.length;
      return bytes;
    } catch (DataFormatException e) {
      throw new WeightsException(
          storage.origin() + ": is a broken zip ('" + entry.name() + "' cannot be unpacked)", e);
    }
  }
}
