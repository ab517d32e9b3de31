package dev.vitrine.analysis.circuits;

import static dev.vitrine.tensor.Axis.HEAD;
import static dev.vitrine.tensor.Axis.HEAD2;
import static dev.vitrine.tensor.Axis.LAYER;
import static dev.vitrine.tensor.Axis.LAYER2;

import dev.vitrine.tensor.Tensor;
import dev.vitrine.tensor.factored.FactoredMatrix;

/** Through what a later head reads an earlier head's output. */
public enum Composition {
  /** Through its queries: where it looks from. */
  Q("QK₂"),
  /** Through its keys: where it looks. */
  K("QK₂ᵀ"),
  /** Through its values: what it moves. */
  V("OV₂");

  private final String reader;

  Composition(String reader) {
    this.reader = reader;
  }

  /** The circuit of the reader, as formulas write it. */
  String reader() {
    return reader;
  }

  /** {@code [layer, head, layer2, head2]}, of the writers and the readers. */
  static Tensor scores(FactoredMatrix writers, FactoredMatrix readers) {
    int layers = writers.a().size(LAYER);
    int heads = writers.a().size(HEAD);
    double[] scores = new double[layers * heads * layers * heads];
    Tensor written = writers.norm();
    Tensor read = readers.norm();
    for (int to = 1; to < layers; to++) {
      FactoredMatrix reader = readers.at(LAYER, to).rename(HEAD, HEAD2);
      for (int from = 0; from < to; from++) {
        Tensor norms = writers.at(LAYER, from).normOfProduct(reader);
        for (int head = 0; head < heads; head++) {
          for (int head2 = 0; head2 < heads; head2++) {
            double scale = written.get(from, head) * read.get(to, head2);
            scores[((from * heads + head) * layers + to) * heads + head2] =
                norms.get(head, head2) / scale;
          }
        }
      }
    }
    Tensor tensor =
        Tensor.of(scores, LAYER.of(layers), HEAD.of(heads), LAYER2.of(layers), HEAD2.of(heads));
    return written.view().map(tensor::withView).orElse(tensor);
  }
}
