package dev.vitrine.analysis.divergence;

import dev.vitrine.model.Gpt2;
import dev.vitrine.tensor.Axis;
import dev.vitrine.tensor.Dimension;
import dev.vitrine.tensor.Tensor;
import dev.vitrine.text.Tokens;
import dev.vitrine.trace.Site;
import dev.vitrine.weights.Checkpoint;
import dev.vitrine.weights.Dtype;
import dev.vitrine.weights.StoredTensor;
import dev.vitrine.weights.WeightsException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.stream.Collectors;

/**
 * The tensors that another tool computed, from a file (safetensors, npz) under the names of our
 * sites, with a batch axis in front or without. It need not have all of them.
 */
public final class Dump implements Side, AutoCloseable {
  private final String name;
  private final Checkpoint file;
  private final Gpt2 model;
  private final Map<Site, StoredTensor> tensors = new LinkedHashMap<>();
  private final int row;
  private int positions = -1;
  private List<String> labels = List.of();

  private Dump(Path path, Gpt2 model, int row) {
    this.name = String.valueOf(path.getFileName());
    this.file = Checkpoint.open(path);
    this.model = model;
    this.row = row;
  }

  /**
   * Opens a file.
   *
   * @param model what its tensors are said to be of
   * @param row which prompt of its batch to read, from 0
   * @throws WeightsException if it cannot be read, or has no site of the model
   */
  public static Dump open(Path path, Gpt2 model, int row) {
    Dump dump = new Dump(path, model, row);
    try {
      dump.find();
      return dump;
    } catch (RuntimeException e) {
      dump.close();
      throw e;
    }
  }

  private void find() {
    for (Site site : Site.all(model.config())) {
      for (String known : site.names(model.config())) {
        StoredTensor tensor =
            file.tensors().stream()
                .filter(t -> t.name().equals(known) || t.name().equals(row + "/" + known))
                .findFirst()
                .orElse(null);
        if (tensor != null) {
          tensors.putIfAbsent(site, tensor);
        }
      }
    }
    if (tensors.isEmpty()) {
      String some =
          file.tensors().stream()
              .limit(3)
              .map(StoredTensor::name)
              .collect(Collectors.joining(", "));
      throw new WeightsException(
          "%s has no tensor by the name of a site, such as %s; it has %s"
              .formatted(name, Site.residPre(0), some.isEmpty() ? "none" : some + ", …"));
    }
    tensors.forEach((site, tensor) -> {
      int at = site.hook().axes().indexOf(Axis.POSITION);
      boolean losses = site.equals(Site.lossPerToken());
      if (at >= 0 && !losses && positions < 0) {
        positions = Math.toIntExact(shape(site, tensor).get(at));
      }
    });
  }

  /** How many positions its sequence has; -1 if no tensor tells. */
  public int positions() {
    return positions;
  }

  /**
   * The prompt that its tensors are of: the one given, or that one with the token that begins a
   * text before it, if the file has one position more.
   *
   * @throws WeightsException if it has another number of positions
   */
  public Tokens read(Tokens prompt) {
    Tokens read = positions == prompt.size() + 1 ? begun(prompt) : prompt;
    if (positions >= 0 && positions != read.size()) {
      throw new WeightsException(
          "%s has %d positions and the prompt %d tokens: give the prompt that it was made of"
              .formatted(name, positions, prompt.size()));
    }
    labels = List.copyOf(read.strings());
    return read;
  }

  private Tokens begun(Tokens prompt) {
    OptionalInt bos = model.config().bos();
    return bos.isPresent() ? model.tokens(bos.getAsInt()).append(prompt.ids()) : prompt;
  }

  /** How many sites it has. */
  public int size() {
    return tensors.size();
  }

  /** The shape without the batch. */
  private List<Long> shape(Site site, StoredTensor tensor) {
    List<Long> shape = tensor.shape();
    int rank = site.hook().axes().size();
    if (shape.size() == rank + 1) {
      boolean alone = tensor.name().startsWith(row + "/");
      if (!alone && row >= shape.getFirst()) {
        throw new WeightsException(
            "%s: %s has %d prompts in its batch, no prompt %d"
                .formatted(name, tensor.name(), shape.getFirst(), row));
      }
      return shape.subList(1, shape.size());
    }
    if (shape.size() != rank) {
      throw new WeightsException(
          "%s: %s has %d axes; expected %s, with a batch in front or without"
              .formatted(name, tensor.name(), shape.size(), site.hook().axes()));
    }
    return shape;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public boolean has(Site site) {
    return tensors.containsKey(site);
  }

  @Override
  public Tensor tensor(Site site) {
    StoredTensor stored = tensors.get(site);
    if (stored == null) {
      throw new IllegalArgumentException(name + " has no " + site);
    }
    List<Long> shape = shape(site, stored);
    List<Dimension> dimensions = new ArrayList<>();
    List<Axis> axes = site.hook().axes();
    for (int i = 0; i < shape.size(); i++) {
      Axis axis = axes.get(i);
      int size = Math.toIntExact(shape.get(i));
      int wanted = expected(axis, site);
      if (wanted >= 0 && size != wanted) {
        throw new WeightsException(
            "%s: %s has %d on the axis %s, the model %d"
                .formatted(name, stored.name(), size, axis, wanted));
      }
      dimensions.add(
          size == labels.size() && expected(axis, site) == labels.size()
              ? axis.of(labels)
              : axis.of(size));
    }
    double[] elements =
        new double[(int) shape.stream().mapToLong(Long::longValue).reduce(1, Math::multiplyExact)];
    boolean batched = stored.size() > elements.length;
    stored.read(batched ? (long) row * elements.length : 0, elements.length, elements, 0);
    return Tensor.of(elements, dimensions.toArray(Dimension[]::new));
  }

  /** The size of an axis in a trace of these tokens. */
  private int expected(Axis axis, Site site) {
    return switch (axis) {
      case POSITION -> site.equals(Site.lossPerToken()) ? labels.size() - 1 : labels.size();
      case QUERY, KEY -> labels.size();
      case HEAD -> model.config().heads();
      case D_MODEL -> model.config().dModel();
      case D_HEAD -> model.config().dHead();
      case D_MLP -> model.config().dMlp();
      case VOCAB -> model.config().vocab();
      case ONE -> 1;
      default -> -1;
    };
  }

  @Override
  public double unit() {
    double unit = 0;
    for (StoredTensor tensor : tensors.values()) {
      unit = Math.max(unit, unit(tensor.dtype()));
    }
    return unit;
  }

  private static double unit(Dtype dtype) {
    return switch (dtype) {
      case F64 -> 0x1p-53;
      case F16 -> 0x1p-11;
      case BF16 -> 0x1p-8;
      default -> 0x1p-24;
    };
  }

  @Override
  public boolean hasWeightsOfItsOwn() {
    return true;
  }

  @Override
  public void close() {
    file.close();
  }
}
