package dev.vitrine.golden;

import com.fasterxml.jackson.databind.JsonNode;
import dev.vitrine.kernels.Activation;
import dev.vitrine.kernels.Array;
import dev.vitrine.kernels.Backend;
import dev.vitrine.weights.Checkpoint;
import dev.vitrine.weights.StoredTensor;
import java.util.Map;

/** One operation of the golden numerics, as a backend computes it. */
record Numerics(Backend backend, Checkpoint inputs, JsonNode run) {

  /** What it gives, by the keys under which the run names the expected tensors. */
  Map<String, double[]> results() {
    return switch (run.get("op").asText()) {
      case "softmax" -> Map.of("expect", softmax(false));
      case "log_softmax" -> Map.of("expect", softmax(true));
      case "layer_norm" -> layerNorm();
      case "activation" -> activation();
      case "cross_entropy" -> Map.of("expect", crossEntropy());
      default -> throw new AssertionError("no such operation: " + run);
    };
  }

  private double[] softmax(boolean log) {
    Array x = row("input");
    if (log) {
      backend.logSoftmax(x, x);
    } else {
      backend.softmax(x, x);
    }
    return values(x);
  }

  private Map<String, double[]> layerNorm() {
    Array x = row("input");
    Array out = backend.rows(1, x.columns());
    Array scale = backend.rows(1, 1);
    Array normalized = backend.rows(1, x.columns());
    double epsilon = run.get("eps").asDouble();
    backend.layerNorm(x, row("gain"), row("bias"), epsilon, out, scale, normalized);
    return Map.of(
        "expect", values(out),
        "expect_scale", values(scale),
        "expect_normalized", values(normalized));
  }

  private Map<String, double[]> activation() {
    Activation activation = Activation.named(run.get("function").asText()).orElseThrow();
    Array x = row("input");
    backend.activate(activation, x, x);
    return Map.of("expect", values(x));
  }

  private double[] crossEntropy() {
    StoredTensor logits = inputs.tensor(run.get("input").asText());
    double[] targets = inputs.tensor(run.get("targets").asText()).doubles();
    int vocab = (int) (logits.size() / targets.length);
    double[] all = logits.doubles();
    Array rows = backend.rows(targets.length, vocab);
    for (int r = 0; r < targets.length; r++) {
      backend.write(rows, r, 0, vocab, all, r * vocab);
    }
    backend.logSoftmax(rows, rows);
    double[] losses = new double[targets.length];
    for (int r = 0; r < targets.length; r++) {
      backend.read(rows, r, (int) targets[r], 1, losses, r);
      losses[r] = -losses[r];
    }
    return losses;
  }

  private Array row(String key) {
    double[] values = inputs.tensor(run.get(key).asText()).doubles();
    Array row = backend.rows(1, values.length);
    backend.write(row, 0, 0, values.length, values, 0);
    return row;
  }

  private double[] values(Array row) {
    double[] values = new double[row.columns()];
    backend.read(row, 0, 0, values.length, values, 0);
    return values;
  }
}
