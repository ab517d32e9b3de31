package dev.vitrine.trace;

import dev.vitrine.tensor.Axis;
import dev.vitrine.tensor.Dimension;
import dev.vitrine.tensor.Tensor;
import dev.vitrine.trace.edit.Edit;
import dev.vitrine.trace.edit.Target;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Draws edits of any site, any region, and any kind. */
public final class RandomEdits {
  private final Trace trace;
  private final Random random;

  /** For a trace. */
  public RandomEdits(Trace trace, Random random) {
    this.trace = trace;
    this.random = random;
  }

  /** Some edits; a set in which one overwrites another is drawn again. */
  public List<Edit> some() {
    for (int attempt = 0; attempt < 50; attempt++) {
      List<Edit> edits = new ArrayList<>();
      for (int i = 1 + random.nextInt(4); i > 0; i--) {
        edits.add(one());
      }
      try {
        trace.with(edits);
        return edits;
      } catch (IllegalArgumentException e) {
        String message = String.valueOf(e.getMessage());
        if (!message.contains("nothing reads") && !message.contains("later key")) {
          throw e;
        }
      }
    }
    throw new AssertionError("fifty random sets of edits were all refused");
  }

  private Edit one() {
    List<Site> sites = trace.sites().stream().filter(s -> s.hook() != Hook.LOSS_PER_TOKEN).toList();
    Site site = sites.get(random.nextInt(sites.size()));
    Target target = target(site);
    return switch (random.nextInt(8)) {
      case 0 -> Edit.zero(target);
      case 1 -> Edit.set(target, random.nextGaussian());
      case 2 -> Edit.scale(target, 2 * random.nextDouble());
      case 3 -> Edit.add(target, inner(site, target), random.nextGaussian());
      case 4 -> Edit.mean(target, over(site));
      case 5 -> Edit.set(target, inner(site, target));
      case 6 -> Edit.compute(target, x -> x.times(0.5).plus(0.25));
      default -> Edit.patch(target, other());
    };
  }

  /** Another run of the same length. */
  private Trace other() {
    int vocab = trace.model().config().vocab();
    int[] ids = random.ints(trace.size(), 0, vocab).toArray();
    return trace.model().trace(trace.model().tokens(ids));
  }

  private Target target(Site site) {
    Target target = Target.of(site);
    for (Axis axis : site.hook().axes()) {
      if (axis != Axis.ONE && random.nextBoolean()) {
        int size = trace.tensor(site).size(axis);
        int[] indices = new int[1 + random.nextInt(Math.min(3, size))];
        for (int i = 0; i < indices.length; i++) {
          indices[i] = random.nextInt(2 * size) - size;
        }
        target = target.at(axis, indices);
      }
    }
    return target;
  }

  /** Values along the innermost axis of a target. */
  private Tensor inner(Site site, Target target) {
    Axis axis = site.hook().axes().getLast();
    int size = trace.tensor(site).size(axis);
    int[] named = target.indices(axis, size);
    Dimension dimension = axis.of(named == null ? size : named.length);
    double[] values = random.doubles(dimension.size(), -1, 1).toArray();
    return Tensor.of(values, dimension);
  }

  private Axis[] over(Site site) {
    List<Axis> axes =
        site.hook().axes().stream()
            .filter(axis -> axis != Axis.ONE && random.nextBoolean())
            .toList();
    return axes.isEmpty() ? new Axis[] {site.hook().axes().getFirst()} : axes.toArray(Axis[]::new);
  }
}
