package dev.vitrine.training.corpus;

/** Writes documents of one kind without end. */
public interface Source {

  /** The kind, as reports name it. */
  String name();

  /** The next document. */
  Document next(Dice dice);
}
