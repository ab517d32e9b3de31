package dev.vitrine.cli.verbs;

import dev.vitrine.cli.terminal.Style;
import dev.vitrine.cli.terminal.Terminal;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.jspecify.annotations.Nullable;

/** Shows how far long work has come, on standard error, once it has taken a second. */
public final class Progress implements AutoCloseable {
  private static final long PATIENCE = 1_000_000_000L;
  private static final long MILLION = 1_000_000;
  private static final long MANY = 10 * MILLION;

  private final String task;
  private final long steps;
  private final Terminal terminal;
  private final long start = System.nanoTime();
  private long done;
  private @Nullable ProgressBar bar;

  /** Work of so many steps, none of them done. */
  public Progress(String task, long steps, Terminal terminal) {
    this.task = task;
    this.steps = steps;
    this.terminal = terminal;
  }

  /** One more step is done. */
  public void step() {
    to(done + 1);
  }

  /** So many steps are done. */
  public void to(long steps) {
    done = steps;
    if (bar == null && terminal.showsProgress() && System.nanoTime() - start > PATIENCE) {
      bar =
          new ProgressBarBuilder()
              .setTaskName(task)
              .setInitialMax(this.steps)
              .setUnit(this.steps < MANY ? "" : "M", this.steps < MANY ? 1 : MILLION)
              .setStyle(
                  Style.of(terminal).unicode()
                      ? ProgressBarStyle.UNICODE_BLOCK
                      : ProgressBarStyle.ASCII)
              .setConsumer(new ConsoleProgressBarConsumer(terminal.err(), terminal.width() - 1))
              .build();
    }
    if (bar != null) {
      bar.stepTo(done);
    }
  }

  @Override
  public void close() {
    if (bar != null) {
      bar.close();
    }
  }
}
