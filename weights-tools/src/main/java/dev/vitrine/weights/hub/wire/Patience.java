package dev.vitrine.weights.hub.wire;

import dev.vitrine.weights.WeightsException;
import java.time.Duration;

/**
 * How often a request is sent again, and after which pause.
 *
 * @param attempts how many attempts in a row may fail
 * @param first the pause after the first failure; each further one is twice as long
 * @param longest the longest pause; a server that asks for more is not waited for
 */
public record Patience(int attempts, Duration first, Duration longest) {

  /** What is attempted. */
  @FunctionalInterface
  public interface Attempt<T> {

    /** Does it once. */
    T run() throws Fault;
  }

  /** Six attempts within about half a minute. */
  public static final Patience STANDARD =
      new Patience(6, Duration.ofSeconds(1), Duration.ofMinutes(2));

  /** Checks that there is at least one attempt. */
  public Patience {
    if (attempts < 1) {
      throw new IllegalArgumentException("attempts is " + attempts + ", but must be at least 1");
    }
  }

  /**
   * Attempts until it succeeds.
   *
   * @param subject what is attempted, for messages
   * @throws WeightsException if it fails for good, or as often as is borne
   */
  public <T> T persist(String subject, Attempt<T> attempt) {
    Count count = new Count(subject);
    while (true) {
      try {
        return attempt.run();
      } catch (Fault fault) {
        count.failed(fault);
      }
    }
  }

  /** A count of failures in a row. */
  public final class Count {

    private final String subject;
    private int failures;

    /**
     * Starts at none.
     *
     * @param subject what is attempted, for messages
     */
    public Count(String subject) {
      this.subject = subject;
    }

    /** Something was achieved: failures before it do not count. */
    public void achieved() {
      failures = 0;
    }

    /**
     * Pauses before the next attempt.
     *
     * @throws WeightsException if there is to be none
     */
    public void failed(Fault fault) {
      failures++;
      if (failures >= attempts) {
        throw new WeightsException(
            subject
                + ": "
                + fault.line()
                + "; gave up after "
                + failures
                + (failures == 1 ? " try" : " tries")
                + ", so try again later",
            fault);
      }
      Duration pause = fault.asked().orElse(backoff());
      if (pause.compareTo(longest) > 0) {
        throw new WeightsException(
            subject
                + ": "
                + fault.line()
                + " and asks to wait "
                + pause.toSeconds()
                + " s; try again then",
            fault);
      }
      sleep(pause);
    }

    private Duration backoff() {
      Duration pause = first.multipliedBy(1L << Math.min(failures - 1, 20));
      return pause.compareTo(longest) > 0 ? longest : pause;
    }
  }

  private static void sleep(Duration pause) {
    try {
      Thread.sleep(pause);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new WeightsException("the fetch was interrupted; fetch again to go on", e);
    }
  }
}
