package dev.vitrine.weights.npz;

import dev.vitrine.weights.Checkpoint;
import dev.vitrine.weights.Dtype;
import dev.vitrine.weights.StoredTensor;
import dev.vitrine.weights.WeightsException;
import dev.vitrine.weights.bytes.Cursor;
import dev.vitrine.weights.bytes.DenseTensor;
import dev.vitrine.weights.bytes.Slice;
import dev.vitrine.weights.bytes.Storage;
import dev.vitrine.weights.bytes.StridedTensor;
import dev.vitrine.weights.json.JsonObject;
import dev.vitrine.weights.zip.ZipArchive;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads NumPy archives, as {@code numpy.savez} and {@link NpzWriter} write them. */
public final class Npz {

  private static final String ENDING = ".npy";
  private static final int MAX_HEADER = 1 << 16;
  private static final int MAX_METADATA = 16 << 20;

  // NumPy writes its header as a dictionary of Python, in this order.
  private static final Pattern HEADER =
      Pattern.compile(
          "\\{'descr': '([^']{1,20})', 'fortran_order': (True|False), 'shape': \\(([0-9, ]*)\\),"
              + " ?\\} *\n"
              + "?");

  private Npz() {}

  /** Whether a zip is an archive of NumPy. */
  public static boolean recognises(ZipArchive zip) {
    for (String name : zip.names()) {
      if (!name.endsWith(ENDING)) {
        return false;
      }
    }
    return zip.names().iterator().hasNext();
  }

  /**
   * Reads the headers of all arrays.
   *
   * @throws WeightsException if one is broken, or holds more than numbers
   */
  public static Checkpoint read(Storage storage, ZipArchive zip) {
    SequencedMap<String, StoredTensor> tensors = new LinkedHashMap<>();
    Map<String, String> metadata = new LinkedHashMap<>();
    for (String entry : zip.names()) {
      Storage bytes = zip.open(entry);
      if (bytes == null) {
        continue;
      }
      String name = entry.substring(0, entry.length() - ENDING.length());
      if (name.equals(NpzWriter.METADATA)) {
        metadata.putAll(metadata(storage.origin(), bytes));
      } else {
        tensors.put(name, tensor(storage.origin(), name, bytes));
      }
    }
    return new Checkpoint(storage.origin(), "npz", tensors, metadata, List.of(storage));
  }

  /** A header, and where the elements begin. */
  private record Header(String descr, boolean fortran, List<Long> shape, long start) {}

  private static Header header(String what, Storage bytes) {
    Cursor cursor = new Cursor(bytes, 0);
    if (bytes.length() < 12 || cursor.u8() != 0x93 || !cursor.utf8(5).equals("NUMPY")) {
      throw new WeightsException(what + "is no array of NumPy");
    }
    int version = cursor.u8();
    cursor.skip(1);
    long length = version == 1 ? cursor.u16() : cursor.u32();
    if (version < 1 || version > 3 || length > MAX_HEADER) {
      throw new WeightsException(
          what + "has a header of version " + version + " and " + length + " bytes");
    }
    Matcher matcher = HEADER.matcher(cursor.utf8(length));
    if (!matcher.matches()) {
      throw new WeightsException(what + "has a header that is not understood");
    }
    List<Long> shape = new ArrayList<>();
    for (String part : matcher.group(3).split(",", -1)) {
      String number = part.strip();
      if (number.length() > 18 || number.contains(" ")) {
        throw new WeightsException(what + "has the impossible shape (" + matcher.group(3) + ")");
      }
      if (!number.isEmpty()) {
        shape.add(Long.parseLong(number));
      }
    }
    boolean fortran = matcher.group(2).equals("True");
    return new Header(matcher.group(1), fortran, List.copyOf(shape), cursor.position());
  }

  private static StoredTensor tensor(String origin, String name, Storage bytes) {
    String what = origin + ": array '" + name + "' ";
    Header header = header(what, bytes);
    Dtype dtype = dtype(header.descr());
    if (dtype == null) {
      String objects = header.descr().contains("O") ? " (objects: they could run code)" : "";
      throw new WeightsException(
          what
              + "is of type '"
              + header.descr()
              + "'"
              + objects
              + "; read are little-endian numbers");
    }
    long size = 1;
    List<Long> strides = new ArrayList<>(); // of Fortran's order: the first axis runs fastest
    try {
      for (long length : header.shape()) {
        strides.add(size);
        size = Math.multiplyExact(size, length);
      }
      if (Math.multiplyExact(size, (long) dtype.bytes()) != bytes.length() - header.start()) {
        throw new WeightsException(
            what
                + "has shape "
                + header.shape()
                + " of "
                + dtype
                + ", but "
                + (bytes.length() - header.start())
                + " bytes");
      }
    } catch (ArithmeticException e) {
      throw new WeightsException(what + "has an impossibly large shape " + header.shape(), e);
    }
    if (!header.fortran()) {
      return new DenseTensor(name, dtype, header.shape(), bytes, header.start());
    }
    DenseTensor line = new DenseTensor(name, dtype, List.of(size), bytes, header.start());
    return new StridedTensor(name, header.shape(), line, 0, List.copyOf(strides));
  }

  private static @Nullable Dtype dtype(String descr) {
    return switch (descr) {
      case "<f8" -> Dtype.F64;
      case "<f4" -> Dtype.F32;
      case "<f2" -> Dtype.F16;
      case "<i8" -> Dtype.I64;
      case "<i4" -> Dtype.I32;
      case "<i2" -> Dtype.I16;
      case "|i1" -> Dtype.I8;
      case "|u1" -> Dtype.U8;
      case "|b1" -> Dtype.BOOL;
      default -> null;
    };
  }

  /** What {@link NpzWriter} keeps as one string, in UTF-32. */
  private static Map<String, String> metadata(String origin, Storage bytes) {
    String what = origin + ": array '" + NpzWriter.METADATA + "' ";
    Header header = header(what, bytes);
    long length = bytes.length() - header.start();
    if (!header.descr().startsWith("<U") || length > MAX_METADATA || length % 4 != 0) {
      throw new WeightsException(what + "is no text that is read");
    }
    ByteBuffer points =
        ByteBuffer.wrap(new Slice(bytes, header.start(), length).read(0, (int) length))
            .order(ByteOrder.LITTLE_ENDIAN);
    StringBuilder text = new StringBuilder();
    while (points.hasRemaining()) {
      int point = points.getInt();
      text.appendCodePoint(Character.isValidCodePoint(point) ? point : '?');
    }
    JsonObject json =
        JsonObject.parse(origin + " (metadata)", text.toString().getBytes(StandardCharsets.UTF_8));
    Map<String, String> metadata = new LinkedHashMap<>();
    for (String key : json.keys()) {
      json.text(key).ifPresent(value -> metadata.put(key, value));
    }
    return metadata;
  }
}
