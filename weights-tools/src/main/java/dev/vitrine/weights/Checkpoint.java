package dev.vitrine.weights;

import dev.vitrine.weights.bytes.Storage;
import dev.vitrine.weights.safetensors.Safetensors;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/**
 * A file of named tensors, of any format that is known here: the door through which formats enter.
 *
 * <p>The format is recognised by content, not by name. Opening reads and checks only what the file
 * says of its tensors; elements are read when they are asked for. Safe for use by several threads.
 */
public final class Checkpoint implements AutoCloseable {

  private final String origin;
  private final String format;
  private final SequencedMap<String, StoredTensor> tensors;
  private final Map<String, String> metadata;
  private final List<Storage> storages;

  /**
   * What a reader of a format makes.
   *
   * @param format the format's name, for people
   * @param storages what {@link #close()} closes and what the hash is taken of
   */
  public Checkpoint(
      String origin,
      String format,
      SequencedMap<String, StoredTensor> tensors,
      Map<String, String> metadata,
      List<Storage> storages) {
    this.origin = origin;
    this.format = format;
    this.tensors = Collections.unmodifiableSequencedMap(tensors);
    this.metadata = Collections.unmodifiableMap(metadata);
    this.storages = List.copyOf(storages);
  }

  /**
   * Opens a file.
   *
   * @throws WeightsException if it cannot be read, is of no known format, or is broken
   */
  public static Checkpoint open(Path file) {
    return open(Storage.of(file));
  }

  /**
   * Opens bytes of any origin, which the checkpoint closes.
   *
   * @throws WeightsException if they are of no known format, or broken
   */
  public static Checkpoint open(Storage storage) {
    try {
      return recognise(storage);
    } catch (RuntimeException e) {
      storage.close();
      throw e;
    }
  }

  private static Checkpoint recognise(Storage storage) {
    if (storage.length() == 0) {
      throw new WeightsException(storage.origin() + ": is empty (0 bytes); fetch it again");
    }
    byte[] head = storage.read(0, (int) Math.min(storage.length(), 64));
    @Nullable String other = otherFormat(head);
    if (other != null) {
      throw new WeightsException(storage.origin() + ": " + other);
    }
    return Safetensors.read(storage);
  }

  private static @Nullable String otherFormat(byte[] head) {
    String text = new String(head, StandardCharsets.ISO_8859_1);
    if (text.startsWith("version https://git-lfs")) {
      return "is a Git LFS pointer, not the weights; run 'git lfs pull' in its repository";
    }
    if (text.startsWith("GGUF")) {
      return "is GGUF, which is not read yet; use the model's safetensors";
    }
    if (text.startsWith("PK\3\4") || text.startsWith("\u0080\2")) {
      return "is a PyTorch file, which is not read yet; use the model's safetensors";
    }
    if (text.startsWith("\u0089HDF")) {
      return "is HDF5 (TensorFlow), which is not read; use the model's safetensors";
    }
    if (text.startsWith("<!") || text.startsWith("<html")) {
      return "is a web page, not weights; fetch the file itself";
    }
    return null;
  }

  /** The file, for messages. */
  public String origin() {
    return origin;
  }

  /** The name of the format, for people. */
  public String format() {
    return format;
  }

  /** All tensors, in the order of the file. */
  public Collection<StoredTensor> tensors() {
    return tensors.values();
  }

  /** The tensor of that name, or empty if there is none. */
  public Optional<StoredTensor> find(String name) {
    return Optional.ofNullable(tensors.get(name));
  }

  /**
   * The tensor of that name.
   *
   * @throws WeightsException if there is none
   */
  public StoredTensor tensor(String name) {
    return find(name)
        .orElseThrow(() -> new WeightsException(origin + ": has no tensor '" + name + "'"));
  }

  /** What the file says besides, as text. */
  public Map<String, String> metadata() {
    return metadata;
  }

  /** The files behind it. */
  List<Storage> storages() {
    return storages;
  }

  @Override
  public void close() {
    storages.forEach(Storage::close);
  }
}
