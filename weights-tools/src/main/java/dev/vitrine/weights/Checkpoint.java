package dev.vitrine.weights;

import dev.vitrine.weights.bytes.Storage;
import dev.vitrine.weights.sharded.Sharded;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;
import java.util.TreeSet;

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
  private final Map<String, List<String>> lists;

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
    this(origin, format, tensors, metadata, storages, Map.of());
  }

  /**
   * The same for formats whose metadata hold lists.
   *
   * @param lists what {@link #list} finds
   */
  public Checkpoint(
      String origin,
      String format,
      SequencedMap<String, StoredTensor> tensors,
      Map<String, String> metadata,
      List<Storage> storages,
      Map<String, List<String>> lists) {
    this.origin = origin;
    this.format = format;
    this.tensors = Collections.unmodifiableSequencedMap(tensors);
    this.metadata = Collections.unmodifiableMap(metadata);
    this.storages = List.copyOf(storages);
    this.lists = Map.copyOf(lists);
  }

  /**
   * Opens a file, the files that an index of shards names, or the weights in a model's directory.
   *
   * @throws WeightsException if it cannot be read, is of no known format, or is broken
   */
  public static Checkpoint open(Path path) {
    return openFile(Files.isDirectory(path) ? ModelFolder.weights(path) : path);
  }

  /** The same of what must be a file. */
  static Checkpoint openFile(Path file) {
    Storage storage = Storage.of(file);
    try {
      if (storage.length() > 0 && storage.read(0, 1)[0] == '{') {
        storage.close();
        return Sharded.open(file);
      }
    } catch (RuntimeException e) {
      storage.close();
      throw e;
    }
    return open(storage);
  }

  /**
   * Opens bytes of any origin, which the checkpoint closes.
   *
   * @throws WeightsException if they are of no known format, or broken
   */
  public static Checkpoint open(Storage storage) {
    try {
      return Formats.read(storage);
    } catch (RuntimeException e) {
      storage.close();
      throw e;
    }
  }

  /**
   * Several files as one.
   *
   * @param tensors those of the parts that count, in order
   * @param parts closed with it
   */
  public static Checkpoint of(
      String origin, SequencedMap<String, StoredTensor> tensors, Collection<Checkpoint> parts) {
    Set<String> formats = new TreeSet<>();
    List<Storage> storages = new ArrayList<>();
    Map<String, String> metadata = new LinkedHashMap<>();
    for (Checkpoint part : parts) {
      formats.add(part.format);
      storages.addAll(part.storages);
      metadata.putAll(part.metadata);
    }
    String format = String.join(", ", formats) + " in " + parts.size() + " files";
    return new Checkpoint(origin, format, tensors, metadata, storages);
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

  /** A list of texts among the metadata, such as a vocabulary; empty if there is none. */
  public List<String> list(String key) {
    return Collections.unmodifiableList(lists.getOrDefault(key, List.of()));
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
