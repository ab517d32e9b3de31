package dev.vitrine.generate;

import dev.vitrine.model.Gpt2;
import dev.vitrine.text.Tokens;
import dev.vitrine.trace.Trace;
import java.util.Arrays;
import java.util.concurrent.CancellationException;
import java.util.function.BooleanSupplier;

/**
 * A text that was continued token by token: each step chooses a token from the logits behind the
 * last one and extends the trace by it.
 *
 * @param trace every tensor of prompt and continuation, as one run over all of them would have it
 * @param promptSize how many of its tokens are the prompt's
 * @param reason why it ended
 */
public record Generation(Trace trace, int promptSize, Reason reason) {

  /** Why a continuation ended. */
  public enum Reason {
    /** A token came after which to stop; it is the last of the continuation. */
    STOP_TOKEN("stop_token"),
    /** As many tokens were added as were asked for. */
    MAX_NEW("max_new"),
    /** The context has no room for another token. */
    CONTEXT_END("context_end"),
    /** It was cancelled, or its thread interrupted. */
    CANCELLED("cancelled");

    private final String text;

    Reason(String text) {
      this.text = text;
    }

    @Override
    public String toString() {
      return text;
    }
  }

  /** Is told each token as it is chosen. */
  @FunctionalInterface
  public interface Listener {

    /**
     * A token was added.
     *
     * @param trace up to this token and with it
     * @param id the token
     */
    void token(Trace trace, int id);
  }

  /** The ids that were added. */
  public int[] ids() {
    return Arrays.copyOfRange(trace.tokens().ids(), promptSize, trace.size());
  }

  /** The tokens that were read. */
  public Tokens prompt() {
    return trace.tokens().first(promptSize);
  }

  /** Continues a trace to its end; see {@link #run(Trace, Sampling, Listener, BooleanSupplier)}. */
  public static Generation run(Trace prompt, Sampling sampling) {
    return run(prompt, sampling, (trace, id) -> {}, () -> false);
  }

  /**
   * Continues a trace, which itself stays as it is.
   *
   * @param listener is told each token, on this thread
   * @param cancelled is asked before each step; an interrupt of the thread, which stays set, ends
   *     the continuation as well
   */
  public static Generation run(
      Trace prompt, Sampling sampling, Listener listener, BooleanSupplier cancelled) {
    Gpt2 model = prompt.model();
    Sampler sampler = new Sampler(sampling);
    Trace trace = prompt;
    Reason reason = Reason.MAX_NEW;
    for (int step = 0; step < sampling.maxNew(); step++) {
      if (trace.size() >= model.config().context()) {
        reason = Reason.CONTEXT_END;
        break;
      }
      if (cancelled.getAsBoolean() || Thread.currentThread().isInterrupted()) {
        reason = Reason.CANCELLED;
        break;
      }
      int id = sampler.next(trace.logits(-1).doubles(), trace.tokens().ids());
      try {
        trace = trace.extended(id);
      } catch (CancellationException e) {
        reason = Reason.CANCELLED;
        break;
      }
      listener.token(trace, id);
      if (sampling.stopsAt(id)) {
        reason = Reason.STOP_TOKEN;
        break;
      }
    }
    return new Generation(trace, prompt.size(), reason);
  }
}
