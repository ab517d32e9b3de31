package dev.vitrine.weights.torch;

import dev.vitrine.weights.Checkpoint;
import dev.vitrine.weights.StoredTensor;
import dev.vitrine.weights.WeightsException;
import dev.vitrine.weights.bytes.Cursor;
import dev.vitrine.weights.bytes.DenseTensor;
import dev.vitrine.weights.bytes.Slice;
import dev.vitrine.weights.bytes.Storage;
import dev.vitrine.weights.bytes.StridedTensor;
import dev.vitrine.weights.torch.Pickled.Dictionary;
import dev.vitrine.weights.torch.Pickled.Elements;
import dev.vitrine.weights.torch.Pickled.Sequence;
import dev.vitrine.weights.torch.Pickled.Tensor;
import dev.vitrine.weights.torch.Pickled.Text;
import dev.vitrine.weights.torch.Pickled.Whole;
import dev.vitrine.weights.zip.ZipArchive;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Reads what {@code torch.save} wrote of a dictionary of tensors: the zip, and the older form. */
public final class Torch {

  /** A pickle of a model names tensors; it needs no more. */
  private static final int MAX_PICKLE = 16 << 20;

  private static final long LEGACY_VERSION = 1001;

  // Under these keys training programs keep the model beside the state of the optimiser.
  private static final List<String> NESTED = List.of("state_dict", "model_state_dict", "model");

  private Torch() {}

  /** Whether a zip is one of {@code torch.save}. */
  public static boolean recognises(ZipArchive zip) {
    return pickleName(zip) != null;
  }

  private static @Nullable String pickleName(ZipArchive zip) {
    for (String name : zip.names()) {
      if (name.equals("data.pkl")
          || (name.endsWith("/data.pkl") && name.indexOf('/') == name.length() - 9)) {
        return name;
      }
    }
    return null;
  }

  /**
   * Reads the zip of {@code torch.save} since version 1.6.
   *
   * @throws WeightsException if it is broken, or holds more than tensors
   */
  public static Checkpoint readZip(Storage storage, ZipArchive zip) {
    String origin = storage.origin();
    String pickle = pickleName(zip);
    Storage program = pickle == null ? null : zip.open(pickle);
    if (pickle == null || program == null) {
      throw new WeightsException(origin + ": has no data.pkl");
    }
    if (program.length() > MAX_PICKLE) {
      throw new WeightsException(
          origin + ": has a pickle of " + program.length() + " bytes, more than is read");
    }
    String folder = pickle.substring(0, pickle.length() - "data.pkl".length());
    Storage order = zip.open(folder + "byteorder");
    if (order != null
        && !new String(order.read(0, (int) Math.min(16, order.length())), StandardCharsets.US_ASCII)
            .equals("little")) {
      throw new WeightsException(origin + ": is not little-endian; save it again on a PC");
    }
    Pickled root = Unpickler.read(origin, new Cursor(program, 0));
    Map<String, Storage> opened = new HashMap<>();
    return checkpoint(
        storage,
        "PyTorch",
        root,
        elements ->
            opened.computeIfAbsent(
                elements.key(),
                key -> {
                  Storage data = zip.open(folder + "data/" + key);
                  if (data == null) {
                    throw new WeightsException(origin + ": lacks 'data/" + key + "'");
                  }
                  return data;
                }));
  }

  /**
   * Reads the older form: pickles in a row, then the bytes of each storage.
   *
   * @throws WeightsException if it is broken, or holds more than tensors
   */
  public static Checkpoint readLegacy(Storage storage) {
    String origin = storage.origin();
    Cursor cursor = new Cursor(storage, 0);
    Unpickler.read(origin, cursor); // the magic number, by which it was recognised
    if (!(Unpickler.read(origin, cursor) instanceof Whole(long version))
        || version != LEGACY_VERSION) {
      throw new WeightsException(origin + ": is a pickle, but not of torch.save");
    }
    Unpickler.read(origin, cursor); // the machine that wrote it
    Pickled root = Unpickler.read(origin, cursor);
    if (!(Unpickler.read(origin, cursor) instanceof Sequence(List<Pickled> keys))) {
      throw new WeightsException(origin + ": lacks the list of its storages");
    }
    Map<String, Long> places = new HashMap<>();
    Map<String, Elements> used = new HashMap<>();
    for (Tensor tensor : tensors(origin, root).values()) {
      used.put(tensor.elements().key(), tensor.elements());
    }
    for (Pickled key : keys) {
      Elements elements = key instanceof Text(String name) ? used.get(name) : null;
      if (elements == null) {
        throw new WeightsException(
            origin + ": holds a storage that no tensor uses, so its length is unknown");
      }
      long size = cursor.i64();
      if (size != elements.size() || size < 0 || size > cursor.remaining()) {
        throw new WeightsException(origin + ": storage '" + elements.key() + "' has a wrong size");
      }
      places.put(elements.key(), cursor.position());
      cursor.skip(size * elements.dtype().bytes());
    }
    return checkpoint(
        storage,
        "PyTorch, before 1.6",
        root,
        elements -> {
          Long place = places.get(elements.key());
          if (place == null) {
            throw new WeightsException(origin + ": lacks storage '" + elements.key() + "'");
          }
          return new Slice(storage, place, storage.length() - place);
        });
  }

  private static Checkpoint checkpoint(
      Storage storage, String format, Pickled root, Function<Elements, Storage> open) {
    SequencedMap<String, StoredTensor> tensors = new LinkedHashMap<>();
    tensors(storage.origin(), root)
        .forEach((name, tensor) -> tensors.put(name, tensor(storage.origin(), name, tensor, open)));
    return new Checkpoint(storage.origin(), format, tensors, Map.of(), List.of(storage));
  }

  private static SequencedMap<String, Tensor> tensors(String origin, Pickled root) {
    if (root instanceof Dictionary(Map<String, Pickled> items)) {
      for (String key : NESTED) {
        if (items.get(key) instanceof Dictionary nested) {
          return tensors(nested);
        }
      }
      return tensors((Dictionary) root);
    }
    throw new WeightsException(
        origin + ": holds no dictionary of tensors; save the model's state_dict()");
  }

  private static SequencedMap<String, Tensor> tensors(Dictionary dictionary) {
    SequencedMap<String, Tensor> tensors = new LinkedHashMap<>();
    dictionary
        .items()
        .forEach((name, value) -> {
          if (value instanceof Tensor tensor) {
            tensors.put(name, tensor);
          }
        });
    return tensors;
  }

  private static StoredTensor tensor(
      String origin, String name, Tensor tensor, Function<Elements, Storage> open) {
    String what = origin + ": tensor '" + name + "' ";
    Elements elements = tensor.elements();
    Storage data = open.apply(elements);
    if (elements.size() < 0 || elements.size() > data.length() / elements.dtype().bytes()) {
      throw new WeightsException(
          what
              + "lies in a storage of "
              + elements.size()
              + " elements, of which there are only "
              + data.length()
              + " bytes; fetch it again");
    }
    check(what, tensor);
    if (isDense(tensor)) {
      long offset = tensor.offset() * elements.dtype().bytes();
      return new DenseTensor(name, elements.dtype(), tensor.shape(), data, offset);
    }
    DenseTensor line = new DenseTensor(name, elements.dtype(), List.of(elements.size()), data, 0);
    return new StridedTensor(name, tensor.shape(), line, tensor.offset(), tensor.strides());
  }

  /** Every element lies inside the storage, and there are no more of them than it has. */
  private static void check(String what, Tensor tensor) {
    List<Long> shape = tensor.shape();
    List<Long> strides = tensor.strides();
    boolean sound = shape.size() == strides.size() && tensor.offset() >= 0;
    try {
      long size = 1;
      long last = tensor.offset();
      for (int axis = 0; sound && axis < shape.size(); axis++) {
        sound = shape.get(axis) >= 0 && strides.get(axis) >= 0;
        size = Math.multiplyExact(size, shape.get(axis));
        long steps = Math.max(0, shape.get(axis) - 1);
        last = Math.addExact(last, Math.multiplyExact(steps, strides.get(axis)));
      }
      long available = tensor.elements().size();
      sound &= size <= available && (size == 0 ? tensor.offset() <= available : last < available);
    } catch (ArithmeticException e) {
      sound = false;
    }
    if (!sound) {
      throw new WeightsException(
          what
              + "of shape "
              + brief(shape)
              + " and strides "
              + brief(strides)
              + " does not fit its storage of "
              + tensor.elements().size()
              + " elements");
    }
  }

  private static String brief(List<Long> lengths) {
    return lengths.size() <= 8 ? lengths.toString() : "of " + lengths.size() + " axes";
  }

  private static boolean isDense(Tensor tensor) {
    List<Long> strides = new ArrayList<>();
    long stride = 1;
    for (long length : tensor.shape().reversed()) {
      strides.addFirst(stride);
      stride *= length;
    }
    for (int axis = 0; axis < strides.size(); axis++) {
      if (tensor.shape().get(axis) != 1 && !strides.get(axis).equals(tensor.strides().get(axis))) {
        return false;
      }
    }
    return true;
  }
}
