package dev.vitrine.weights;

/** Hears how far long work is. It is called often, by the thread that works. */
@FunctionalInterface
public interface Progress {

  /** Says nothing. */
  Progress SILENT = (what, done, total) -> {};

  /**
   * So much of it is done.
   *
   * @param what what is worked on, such as the name of a file
   * @param done bytes or elements; less than before where a part had to be thrown away
   * @param total how many there are in all
   */
  void at(String what, long done, long total);
}
