package dev.vitrine.weights.bytes;

import dev.vitrine.weights.WeightsException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/**
 * Reads a storage from one place on, little-endian, through a small buffer.
 *
 * <p>Whatever lengths the bytes claim, it allocates no more than the storage still holds.
 */
public final class Cursor {

  private static final int BUFFER = 1 << 13;

  private final Storage storage;
  private final byte[] bytes;
  private final ByteBuffer buffer;
  private long next; // the place after the buffer

  /** A cursor at a place of a storage. */
  public Cursor(Storage storage, long position) {
    this.storage = storage;
    this.bytes = new byte[(int) Math.min(BUFFER, storage.length())];
    this.buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).limit(0);
    this.next = position;
  }

  /** Where it stands. */
  public long position() {
    return next - buffer.remaining();
  }

  /** The number of bytes after it. */
  public long remaining() {
    return storage.length() - position();
  }

  /** Moves on. */
  public void skip(long count) {
    need(count);
    next = position() + count;
    buffer.limit(0);
  }

  private void need(long count) {
    if (count < 0 || count > remaining()) {
      throw new WeightsException(
          storage.origin()
              + ": wants "
              + Long.toUnsignedString(count)
              + " bytes at byte "
              + position()
              + ", where only "
              + remaining()
              + " are left; fetch it again");
    }
  }

  private void fill(int count) {
    if (buffer.remaining() < count) {
      need(count);
      next = position();
      int some = (int) Math.min(bytes.length, storage.length() - next);
      storage.read(next, bytes, 0, some);
      buffer.position(0).limit(some);
      next += some;
    }
  }

  /** The next byte, from 0 to 255. */
  public int u8() {
    fill(1);
    return buffer.get() & 0xff;
  }

  /** The next two bytes, from 0 to 65535. */
  public int u16() {
    fill(2);
    return buffer.getShort() & 0xffff;
  }

  /** The next four bytes, signed. */
  public int i32() {
    fill(4);
    return buffer.getInt();
  }

  /** The next four bytes, unsigned. */
  public long u32() {
    return i32() & 0xffff_ffffL;
  }

  /** The next eight bytes, signed. */
  public long i64() {
    fill(8);
    return buffer.getLong();
  }

  /** The next bytes. */
  public byte[] bytes(long count) {
    need(count);
    if (count > Integer.MAX_VALUE - 8) {
      throw new WeightsException(storage.origin() + ": has " + count + " bytes where few belong");
    }
    byte[] all = new byte[(int) count];
    storage.read(position(), all, 0, all.length);
    skip(count);
    return all;
  }

  /** The next bytes as text. */
  public String utf8(long count) {
    byte[] all = bytes(count);
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(all)).toString();
    } catch (CharacterCodingException e) {
      throw new WeightsException(
          storage.origin() + ": has text that is not valid UTF-8 before byte " + position(), e);
    }
  }
}
