package dev.vitrine.trace;

import dev.vitrine.tensor.Axis;
import dev.vitrine.tensor.Tensor;
import java.util.Iterator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Traces that were computed together. Each is what it would be alone, to the bit: prompts of
 * unequal length need no padding.
 *
 * @param traces in the order of the prompts
 */
public record Batch(List<Trace> traces) implements Iterable<Trace> {

  /** Keeps the traces as they are. */
  public Batch {
    traces = List.copyOf(traces);
  }

  /** The number of traces. */
  public int size() {
    return traces.size();
  }

  /** One trace of it. */
  public Trace get(int index) {
    return traces.get(index);
  }

  /** Whether all prompts have as many tokens. */
  public boolean isEven() {
    return traces.stream().mapToInt(Trace::size).distinct().count() <= 1;
  }

  /**
   * The tensor at {@code site} of all traces, with a {@code batch} axis in front. Positions are
   * labelled by their numbers where the prompts differ.
   *
   * @throws IllegalArgumentException if the prompts are of unequal length, or there is no such site
   */
  public Tensor tensor(Site site) {
    if (!isEven()) {
      throw new IllegalArgumentException(
          "the prompts have %s tokens: only prompts of equal length stack; ask each trace"
              .formatted(traces.stream().map(trace -> Integer.toString(trace.size())).toList()));
    }
    List<Tensor> parts = traces.stream().map(trace -> trace.tensor(site)).toList();
    Tensor stacked = Tensor.stack(parts, Axis.BATCH.of(size()));
    return parts.getFirst().origin().map(stacked::withOrigin).orElse(stacked);
  }

  /** The tensor at the site of that name, alias or shorthand; see {@link #tensor(Site)}. */
  public Tensor tensor(String site) {
    return tensor(Site.find(site, traces.getFirst().model().config()));
  }

  /** The mean loss over all traces that have one, each position weighing the same. */
  public double loss() {
    return traces.stream()
        .flatMapToDouble(trace -> {
          double[] losses = trace.tensor(Site.lossPerToken()).doubles();
          return IntStream.range(0, losses.length).mapToDouble(i -> losses[i]);
        })
        .average()
        .orElseThrow(
            () -> new IllegalStateException("a loss needs a prompt of two tokens or more"));
  }

  @Override
  public Iterator<Trace> iterator() {
    return traces.iterator();
  }
}
