package dev.vitrine.weights.zip;

import dev.vitrine.weights.WeightsException;
import dev.vitrine.weights.bytes.Destination;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32;

/**
 * Writes a zip whose entries are stored as they are, so that a reader finds each where it lies and
 * unpacks none. Java's own stream asks for an entry's checksum before its content, which would mean
 * to make the content twice; here the checksum follows it, as the format allows.
 */
public final class ZipWriter {

  private static final int LOCAL = 0x04034b50;
  private static final int DESCRIPTOR = 0x08074b50;
  private static final int CENTRAL = 0x02014b50;
  private static final int END_64 = 0x06064b50;
  private static final int LOCATOR_64 = 0x07064b50;
  private static final int END = 0x06054b50;

  /** What 32 bits cannot say stands in an extra field, under these. */
  private static final long ALL_ONES = 0xffff_ffffL;

  private static final short EXTRA_64 = 1;
  private static final short VERSION_64 = 45;

  /** The checksum follows the content; names are UTF-8. */
  private static final short FLAGS = 0x0808;

  /** The first of January 1980: the same input gives the same file. */
  private static final short DATE = 0x21;

  private static final int MOST = 0xffff;

  private record Entry(String name, long size, long start, int checksum) {
    boolean large() {
      return size >= ALL_ONES;
    }
  }

  private final Destination out;
  private final List<Entry> entries = new ArrayList<>();
  private final CRC32 checksum = new CRC32();
  private String name = "";
  private long size;
  private long start;
  private long left;
  private long position;

  /** A zip that begins where the destination is. */
  public ZipWriter(Destination out) {
    this.out = out;
  }

  /**
   * Begins an entry of so many bytes.
   *
   * @throws WeightsException if its name is too long
   */
  public void begin(String entry, long bytes) {
    byte[] utf8 = entry.getBytes(StandardCharsets.UTF_8);
    if (utf8.length > MOST) {
      throw new WeightsException("'" + entry + "' is too long for an entry of a zip");
    }
    name = entry;
    size = bytes;
    start = position;
    left = bytes;
    checksum.reset();
    boolean large = bytes >= ALL_ONES;
    ByteBuffer header = record(30 + utf8.length + (large ? 20 : 0));
    header.putInt(LOCAL).putShort(VERSION_64).putShort(FLAGS).putShort((short) 0);
    header.putShort((short) 0).putShort(DATE).putInt(0);
    header.putInt(large ? -1 : 0).putInt(large ? -1 : 0);
    header.putShort((short) utf8.length).putShort((short) (large ? 20 : 0)).put(utf8);
    if (large) {
      header.putShort(EXTRA_64).putShort((short) 16).putLong(0).putLong(0);
    }
    write(header);
  }

  /** Writes the next bytes of the entry. */
  public void write(byte[] bytes, int count) {
    checksum.update(bytes, 0, count);
    out.write(bytes, 0, count);
    position += count;
    left -= count;
  }

  /**
   * Ends the entry.
   *
   * @throws IllegalStateException if it has not as many bytes as it was to have
   */
  public void end() {
    if (left != 0) {
      throw new IllegalStateException("an entry has " + left + " bytes less than it was to have");
    }
    Entry entry = new Entry(name, size, start, (int) checksum.getValue());
    entries.add(entry);
    ByteBuffer descriptor = record(entry.large() ? 24 : 16);
    descriptor.putInt(DESCRIPTOR).putInt(entry.checksum());
    if (entry.large()) {
      descriptor.putLong(size).putLong(size);
    } else {
      descriptor.putInt((int) size).putInt((int) size);
    }
    write(descriptor);
  }

  /** Writes the directory, after which there are no more entries. */
  public void finish() {
    long directory = position;
    entries.forEach(this::list);
    long length = position - directory;
    if (entries.size() >= MOST || directory >= ALL_ONES || length >= ALL_ONES) {
      end64(directory, length);
    }
    ByteBuffer end = record(22);
    short count = (short) Math.min(entries.size(), MOST);
    end.putInt(END).putInt(0).putShort(count).putShort(count);
    end.putInt(low(length)).putInt(low(directory)).putShort((short) 0);
    write(end);
  }

  private void list(Entry entry) {
    boolean far = entry.start() >= ALL_ONES;
    int extra = (entry.large() ? 16 : 0) + (far ? 8 : 0);
    int field = extra == 0 ? 0 : extra + 4;
    byte[] utf8 = entry.name().getBytes(StandardCharsets.UTF_8);
    ByteBuffer header = record(46 + utf8.length + field);
    header.putInt(CENTRAL).putShort(VERSION_64).putShort(VERSION_64).putShort(FLAGS);
    header.putShort((short) 0).putShort((short) 0).putShort(DATE).putInt(entry.checksum());
    header.putInt(low(entry.size())).putInt(low(entry.size()));
    header.putShort((short) utf8.length).putShort((short) field);
    header.putShort((short) 0).putShort((short) 0).putShort((short) 0).putInt(0);
    header.putInt(low(entry.start())).put(utf8);
    if (extra > 0) {
      header.putShort(EXTRA_64).putShort((short) extra);
    }
    if (entry.large()) {
      header.putLong(entry.size()).putLong(entry.size());
    }
    if (far) {
      header.putLong(entry.start());
    }
    write(header);
  }

  private void end64(long directory, long length) {
    long here = position;
    ByteBuffer end = record(76);
    end.putInt(END_64).putLong(44).putShort(VERSION_64).putShort(VERSION_64).putInt(0).putInt(0);
    end.putLong(entries.size()).putLong(entries.size()).putLong(length).putLong(directory);
    end.putInt(LOCATOR_64).putInt(0).putLong(here).putInt(1);
    write(end);
  }

  private static int low(long value) {
    return (int) Math.min(value, ALL_ONES);
  }

  private static ByteBuffer record(int bytes) {
    return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  private void write(ByteBuffer record) {
    byte[] bytes = new byte[record.flip().remaining()];
    record.get(bytes);
    out.write(bytes, 0, bytes.length);
    position += bytes.length;
  }
}
