package dev.vitrine.weights.safetensors;

import dev.vitrine.weights.Checkpoint;
import dev.vitrine.weights.Dtype;
import dev.vitrine.weights.StoredTensor;
import dev.vitrine.weights.WeightsException;
import dev.vitrine.weights.bytes.DenseTensor;
import dev.vitrine.weights.bytes.Storage;
import dev.vitrine.weights.json.JsonObject;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.Set;

/**
 * Reads safetensors: 8 bytes of header length, a header in JSON, the bytes of the tensors.
 *
 * <p>As the format demands, the tensors fill the rest of the file without gap or overlap, so that
 * no byte of a file means two things, or nothing.
 */
public final class Safetensors {

  /** No GPT-2 needs a thousandth of it; it bounds what a hostile header may cost. */
  static final int MAX_HEADER = 16 << 20;

  static final String METADATA = "__metadata__";
  private static final Set<String> KEYS = Set.of("dtype", "shape", "data_offsets");

  private Safetensors() {}

  /**
   * Reads and checks the header.
   *
   * @throws WeightsException if it is no sound safetensors file
   */
  public static Checkpoint read(Storage storage) {
    String origin = storage.origin();
    int headerLength = headerLength(storage);
    JsonObject header =
        JsonObject.parse(origin + " (header)", storage.read(Long.BYTES, headerLength));
    long dataStart = Long.BYTES + (long) headerLength;
    Map<String, String> metadata = new LinkedHashMap<>();
    List<DenseTensor> tensors = new ArrayList<>();
    for (String key : header.keys()) {
      JsonObject entry =
          header
              .object(key)
              .orElseThrow(
                  () -> new WeightsException(origin + ": header entry '" + key + "' is null"));
      if (key.equals(METADATA)) {
        for (String name : entry.keys()) {
          entry.text(name).ifPresent(text -> metadata.put(name, text));
        }
      } else {
        tensors.add(tensor(storage, key, entry, dataStart));
      }
    }
    checkTiling(storage, tensors, dataStart);
    SequencedMap<String, StoredTensor> byName = new LinkedHashMap<>();
    tensors.forEach(tensor -> byName.put(tensor.name(), tensor));
    return new Checkpoint(origin, "safetensors", byName, metadata, List.of(storage));
  }

  private static int headerLength(Storage storage) {
    String origin = storage.origin();
    if (storage.length() < Long.BYTES + 2) {
      throw new WeightsException(
          origin
              + ": has only "
              + storage.length()
              + " bytes, too few for safetensors;"
              + " fetch it again");
    }
    long length =
        ByteBuffer.wrap(storage.read(0, Long.BYTES)).order(ByteOrder.LITTLE_ENDIAN).getLong();
    if (length < 2 || length > MAX_HEADER || storage.read(Long.BYTES, 1)[0] != '{') {
      throw new WeightsException(
          origin
              + ": is of no known format (known: safetensors, PyTorch, GGUF, npz);"
              + " check the path");
    }
    if (length > storage.length() - Long.BYTES) {
      throw new WeightsException(
          origin
              + ": ends inside its header ("
              + length
              + " bytes of header, "
              + storage.length()
              + " bytes of file); fetch it again");
    }
    return (int) length;
  }

  private static DenseTensor tensor(
      Storage storage, String name, JsonObject entry, long dataStart) {
    String what = storage.origin() + ": tensor '" + name + "' ";
    for (String key : entry.keys()) {
      if (!KEYS.contains(key)) {
        throw new WeightsException(what + "has an unknown key '" + key + "' in the header");
      }
    }
    String dtypeName =
        entry.text("dtype").orElseThrow(() -> new WeightsException(what + "has no dtype"));
    Dtype dtype =
        Dtype.named(dtypeName)
            .orElseThrow(() ->
                new WeightsException(
                    what + "is of dtype " + dtypeName + "; known are " + Dtype.names()));
    List<Long> shape = entry.longs("shape");
    List<Long> offsets = entry.longs("data_offsets");
    if (offsets.size() != 2 || offsets.get(0) < 0 || offsets.get(1) < offsets.get(0)) {
      throw new WeightsException(what + "has impossible data_offsets " + offsets);
    }
    long begin = offsets.get(0);
    long end = offsets.get(1);
    if (end > storage.length() - dataStart) {
      throw new WeightsException(
          what
              + "ends at byte "
              + end
              + " of the data, of which there are only "
              + (storage.length() - dataStart)
              + "; the file is truncated: fetch it again");
    }
    if (bytes(what, dtype, shape) != end - begin) {
      throw new WeightsException(
          what + "has shape " + shape + " of " + dtype + ", but " + (end - begin) + " bytes");
    }
    return new DenseTensor(name, dtype, shape, storage, dataStart + begin);
  }

  private static long bytes(String what, Dtype dtype, List<Long> shape) {
    try {
      long bytes = dtype.bytes();
      for (long length : shape) {
        if (length < 0) {
          throw new WeightsException(what + "has a negative length in its shape " + shape);
        }
        bytes = Math.multiplyExact(bytes, length);
      }
      return bytes;
    } catch (ArithmeticException e) {
      throw new WeightsException(what + "has an impossibly large shape " + shape, e);
    }
  }

  private static void checkTiling(Storage storage, List<DenseTensor> tensors, long dataStart) {
    long reached = dataStart;
    String before = "the header";
    List<DenseTensor> ordered = new ArrayList<>(tensors);
    ordered.sort(
        Comparator.comparingLong(DenseTensor::offset).thenComparingLong(StoredTensor::size));
    for (DenseTensor tensor : ordered) {
      if (tensor.offset() != reached) {
        String fault = tensor.offset() < reached ? "' overlaps " : "' leaves a gap after ";
        throw new WeightsException(
            storage.origin() + ": tensor '" + tensor.name() + fault + before);
      }
      reached = tensor.offset() + tensor.size() * tensor.dtype().bytes();
      before = "'" + tensor.name() + "'";
    }
    if (reached != storage.length()) {
      throw new WeightsException(
          storage.origin()
              + ": has "
              + (storage.length() - reached)
              + " bytes that belong to no tensor; fetch it again");
    }
  }
}
