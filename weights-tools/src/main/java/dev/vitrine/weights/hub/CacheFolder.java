package dev.vitrine.weights.hub;

import dev.vitrine.weights.WeightsException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Optional;
import java.util.UUID;

/**
 * One model's folder in the standard Hugging Face cache: {@code blobs} by hash, {@code refs} from
 * revisions to commits, and {@code snapshots} of commits, whose files are links to blobs.
 *
 * <p>Nothing in it is ever seen half written: all is made aside and moved to its place.
 */
final class CacheFolder {

  /** How a snapshot's file comes to hold a blob. */
  @FunctionalInterface
  interface Linking {

    /** Makes {@code link}, which will lie in a snapshot. */
    void link(Path link, Path blob) throws IOException;

    /** As Hugging Face's own tools do it, so that a cache can be moved. */
    Linking SYMBOLIC =
        (link, blob) ->
            Files.createSymbolicLink(
                link, Path.of("..", "..", "blobs", blob.getFileName().toString()));

    /** A second name of the same bytes, where Windows allows no symbolic link. */
    Linking HARD = Files::createLink;
  }

  private static final int COMMIT = 40;

  private final Path folder;
  private final Path locks;
  private final ModelName model;
  private final Iterable<Linking> linkings;

  CacheFolder(Path cache, ModelName model, Iterable<Linking> linkings) {
    String name = "models--" + model.name().replace("/", "--");
    this.folder = cache.resolve(name);
    this.locks = cache.resolve(".locks").resolve(name);
    this.model = model;
    this.linkings = linkings;
  }

  /** Where the bytes of a hash lie. */
  Path blob(String hash) {
    return folder.resolve("blobs").resolve(hash);
  }

  /**
   * Where a part of them lies. The name is not that of Hugging Face's own tools, which take their
   * part for good without a check.
   */
  Path partial(String hash) {
    return folder.resolve("blobs").resolve(hash + ".vitrine.incomplete");
  }

  CacheLock lock(String hash) {
    return CacheLock.of(locks.resolve(hash + ".lock"));
  }

  Path snapshot(String commit) {
    return folder.resolve("snapshots").resolve(commit);
  }

  /** The snapshot of the model's revision, if all of it is here. */
  Optional<Path> complete() {
    return commit().map(this::snapshot).filter(WantedFiles::complete);
  }

  private Optional<String> commit() {
    if (!model.moves()) {
      return Optional.of(model.revision());
    }
    Path ref = ref();
    if (!Files.isRegularFile(ref)) {
      return Optional.empty();
    }
    try (InputStream in = Files.newInputStream(ref)) {
      String text = new String(in.readNBytes(COMMIT + 2), StandardCharsets.UTF_8).strip();
      return Optional.of(text).filter(ModelName::isCommit);
    } catch (IOException e) {
      throw new WeightsException(ref + ": cannot be read (" + e.getMessage() + ")", e);
    }
  }

  private Path ref() {
    return folder.resolve("refs").resolve(model.revision());
  }

  /** Remembers which commit the revision is. */
  void point(String commit) {
    if (model.moves() && !commit().equals(Optional.of(commit))) {
      replace(ref(), aside -> Files.writeString(aside, commit));
    }
  }

  /** Moves a whole file from its part's place to that of its blob. */
  void accept(String hash) {
    try {
      Files.move(
          partial(hash),
          blob(hash),
          StandardCopyOption.ATOMIC_MOVE,
          StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw unwritable(blob(hash), e);
    }
  }

  /** Gives a blob its name in a snapshot. */
  void place(String commit, String file, String hash) {
    Path blob = blob(hash);
    replace(snapshot(commit).resolve(file), aside -> link(aside, blob));
  }

  private void link(Path aside, Path blob) throws IOException {
    for (Linking linking : linkings) {
      try {
        linking.link(aside, blob);
        return;
      } catch (IOException | UnsupportedOperationException e) {
        // The next one asks for less.
      }
    }
    Files.copy(blob, aside);
  }

  @FunctionalInterface
  private interface Making {
    void make(Path aside) throws IOException;
  }

  private void replace(Path path, Making making) {
    Path aside = folder.resolve(".vitrine-" + UUID.randomUUID());
    try {
      Files.createDirectories(path.getParent());
      making.make(aside);
      Files.move(aside, path, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw unwritable(path, e);
    } finally {
      delete(aside);
    }
  }

  private static void delete(Path aside) {
    try {
      Files.deleteIfExists(aside);
    } catch (IOException e) {
      // Worth no second error.
    }
  }

  static WeightsException unwritable(Path path, IOException e) {
    return new WeightsException(
        path
            + ": cannot be written ("
            + e.getMessage()
            + "); make room or get the right to write, or set HF_HUB_CACHE to another folder",
        e);
  }
}
