package dev.vitrine.weights.hub;

/** Hears how far a fetch is. It is called often, by the thread that fetches. */
@FunctionalInterface
public interface Progress {

  /** Says nothing. */
  Progress SILENT = (file, done, total) -> {};

  /**
   * So many bytes of a file are here.
   *
   * @param file its name, such as {@code model.safetensors}
   * @param done less than before where a part had to be thrown away
   * @param total its size as published
   */
  void at(String file, long done, long total);
}
