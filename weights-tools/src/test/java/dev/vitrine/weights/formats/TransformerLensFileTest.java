package dev.vitrine.weights.formats;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vitrine.weights.Checkpoint;
import dev.vitrine.weights.Gpt2Weights;
import dev.vitrine.weights.Progress;
import dev.vitrine.weights.StoredTensor;
import dev.vitrine.weights.inspect.Anatomy;
import dev.vitrine.weights.inspect.Verification;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** A state_dict that TransformerLens made and {@code torch.save} wrote. */
class TransformerLensFileTest {

  private static Path file() throws URISyntaxException {
    return Path.of(
        Objects.requireNonNull(
                TransformerLensFileTest.class.getResource("/torch/transformerlens.pth"))
            .toURI());
  }

  @Test
  void itsElementsAreThoseThatWereSaved() throws URISyntaxException {
    try (Checkpoint checkpoint = Checkpoint.open(file())) {
      assertThat(checkpoint.format()).isEqualTo("PyTorch");
      double next = 0;
      for (StoredTensor tensor : checkpoint.tensors()) {
        if (!tensor.name().endsWith("mask") && !tensor.name().endsWith("IGNORE")) {
          for (double element : tensor.doubles()) {
            assertThat(element).as(tensor.name()).isEqualTo(next / 64);
            next++;
          }
        }
      }
      assertThat(next).isEqualTo(7 * 4 + 5 * 4 + 2 * (4 * 24 + 3 * 6 + 4) + 4 * 7 + 7);
    }
  }

  @Test
  void itIsAWholeModel() throws URISyntaxException {
    try (Gpt2Weights weights = Gpt2Weights.open(file())) {
      assertThat(weights.config().attentionOnly()).isTrue();
      assertThat(weights.config().layerNorm()).isFalse();
      assertThat(Verification.of(weights, Progress.SILENT).faults()).isEmpty();
      assertThat(Anatomy.of(weights).total()).isEqualTo(319);
      // Row 1 of W_Q, of both heads: elements 48 + 3 … 5 and 48 + 12 + 3 … 5.
      double[] row = new double[6];
      weights.qkv(0).read(1, 0, 6, row, 0);
      assertThat(row)
          .containsExactly(51 / 64.0, 52 / 64.0, 53 / 64.0, 63 / 64.0, 64 / 64.0, 65 / 64.0);
    }
  }
}
