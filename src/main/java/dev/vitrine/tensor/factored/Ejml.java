package dev.vitrine.tensor.factored;

/** Whether the library of decompositions is there: it is optional, as a mere run needs none. */
final class Ejml {
  private Ejml() {}

  /**
   * Asked before anything is touched that needs it.
   *
   * @throws IllegalStateException if it is not on the class path; says what to add
   */
  static void require() {
    try {
      Class.forName("org.ejml.dense.row.factory.DecompositionFactory_DDRM");
    } catch (ClassNotFoundException | LinkageError e) {
      throw new IllegalStateException(
          "decompositions of weights need EJML: add org.ejml:ejml-ddense to the class path", e);
    }
  }
}
