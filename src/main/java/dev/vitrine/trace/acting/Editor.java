package dev.vitrine.trace.acting;

import dev.vitrine.kernels.Array;
import dev.vitrine.kernels.Span;
import dev.vitrine.model.Gpt2;
import dev.vitrine.model.Watch;
import dev.vitrine.text.Tokens;
import dev.vitrine.trace.Hook;
import dev.vitrine.trace.Site;
import dev.vitrine.trace.kept.Capture;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Watches one layer of a pass, and changes what the edits of its sequences name there.
 *
 * <p>An edited tensor is a new one: whoever holds the old one keeps it as it was.
 */
public final class Editor implements Watch {

  /**
   * The rows of one sequence in a pass.
   *
   * @param group sequences of one group are edited together: their means are common
   * @param row the first of the rows in the pass
   * @param first its position
   * @param count how many rows
   * @param joined how many of them come from the trace that this one derives from, and so have its
   *     edits of {@code hook_resid_pre} behind them
   * @param newFrom the number of the first edit that that trace did not have
   */
  public record Part(
      Program program,
      Tokens tokens,
      int group,
      int row,
      int first,
      int count,
      int joined,
      int newFrom) {

    int end() {
      return first + count;
    }

    /** The positions of these rows at which an edit acts. */
    int[] positions(Applied edit) {
      boolean behind = edit.region().site().hook() == Hook.RESID_PRE && edit.number() < newFrom;
      return edit.region().positions(behind ? first + joined : first, end());
    }
  }

  /** An edit, and the rows that it acts on. */
  @SuppressWarnings("ArrayRecordComponent") // jobs are never compared
  record Job(Part part, Applied edit, int[] positions) {}

  private final Gpt2 model;
  private final int layer;
  private List<Part> parts;
  private final @Nullable Capture capture;
  private final boolean tallies;
  private @Nullable Array residPre;

  /**
   * For one layer of a pass.
   *
   * @param layer the block, or -1 outside the blocks
   * @param capture what is looked at
   * @param tallies whether to count what the edits do: the first time, and not when it is looked at
   *     again
   */
  public Editor(
      Gpt2 model, int layer, List<Part> parts, @Nullable Capture capture, boolean tallies) {
    this.model = model;
    this.layer = layer;
    this.parts = parts;
    this.capture = capture;
    this.tallies = tallies;
  }

  /** For looking once more at a layer of a trace, of which all rows are at hand. */
  public static Editor again(
      Gpt2 model, Program program, Tokens tokens, int layer, Capture capture) {
    return again(model, program, tokens, layer, 0, tokens.size(), capture);
  }

  /** For looking once more at the rows from one position to another, exclusive. */
  public static Editor again(
      Gpt2 model, Program program, Tokens tokens, int layer, int from, int to, Capture capture) {
    int count = to - from;
    Part part = new Part(program, tokens, 0, 0, from, count, count, program.edits().size());
    return new Editor(model, layer, List.of(part), capture, false);
  }

  /** The residual stream into the block, as this pass found it after its edits. */
  public Array residPre() {
    return Objects.requireNonNull(residPre);
  }

  @Override
  public boolean wants(Hook hook) {
    return capture != null && capture.wants(hook);
  }

  @Override
  public boolean edits(Hook hook) {
    return !jobs(hook).isEmpty();
  }

  @Override
  public boolean edits(Hook input, int head) {
    return jobs(input).stream().anyMatch(job -> job.edit.region().hasHead(head))
        || jobs(Hook.ATTN_IN).stream().anyMatch(job -> job.edit.region().hasHead(head));
  }

  @Override
  public Watch unseen() {
    return new Editor(model, layer, parts, null, false);
  }

  @Override
  public Array see(Hook hook, Array tensor) {
    Array seen = tensor;
    List<Job> jobs = jobs(hook);
    if (!jobs.isEmpty()) {
      seen = model.backend().rows(tensor.rows(), tensor.columns());
      model.backend().copy(tensor, 0, seen, 0, tensor.rows());
      new Editing(model, seen, jobs, tallies).run();
    }
    if (capture != null) {
      capture.see(hook, seen);
    }
    if (hook == Hook.RESID_PRE) {
      residPre = seen;
    }
    return seen;
  }

  @Override
  public List<Span> seeScores(List<Span> spans) {
    return edit(Hook.ATTN_SCORES, spans);
  }

  @Override
  public List<Span> seePattern(List<Span> spans) {
    List<Span> edited = new ArrayList<>(edit(Hook.PATTERN, spans));
    if (capture != null) {
      capture.seeAttention(spans);
    }
    for (Part part : partsOf(Hook.ATTN_SCORES)) {
      Span span = spans.get(parts.indexOf(part));
      if (!edited.contains(span)) {
        edited.add(span);
      }
    }
    return edited;
  }

  /** The sequences in which a hook is edited, of those that have rows here. */
  private List<Part> partsOf(Hook hook) {
    return jobs(hook).stream().map(Job::part).distinct().toList();
  }

  /** Whether the attention of a part is written out to be edited. */
  public boolean editsAttention(Part part) {
    return edits(part, Hook.ATTN_SCORES) || edits(part, Hook.PATTERN);
  }

  private boolean edits(Part part, Hook hook) {
    return part.program.acts(hook, layer)
        && part.program.at(new Site(hook, layer)).stream()
            .anyMatch(edit -> part.positions(edit).length > 0);
  }

  /** From here on only some of the rows are there. */
  public void narrow(List<Part> rest) {
    parts = rest;
  }

  private List<Span> edit(Hook hook, List<Span> spans) {
    List<Job> jobs = jobs(hook);
    if (jobs.isEmpty()) {
      return List.of();
    }
    new Editing(model, hook, spans, parts, jobs, tallies).run();
    return partsOf(hook).stream().map(part -> spans.get(parts.indexOf(part))).toList();
  }

  /** What acts on a hook here, in the order of the edits. */
  private List<Job> jobs(Hook hook) {
    if (hook.inBlock() != layer >= 0) {
      return List.of();
    }
    List<Job> jobs = null;
    for (Part part : parts) {
      if (part.program.acts(hook, layer)) {
        for (Applied edit : part.program.at(new Site(hook, layer))) {
          int[] positions = part.positions(edit);
          if (positions.length > 0) {
            jobs = jobs == null ? new ArrayList<>() : jobs;
            jobs.add(new Job(part, edit, positions));
          }
        }
      }
    }
    return jobs == null ? List.of() : jobs;
  }
}
