package dev.vitrine.cli.verbs;

import dev.vitrine.cli.terminal.Style;
import dev.vitrine.cli.terminal.Terminal;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.jspecify.annotations.Nullable;

/** Shows how far long work has come, on standard error, once it has taken a second. */
final class Progress implements AutoCloseable {
  private static final long PATIENCE = 1_000_000_000L;

  private final String task;
  private final int steps;
  private final Terminal terminal;
  private final long start = System.nanoTime();
  private int done;
  private @Nullable ProgressBar bar;

  Progress(String task, int steps, Terminal terminal) {
    this.task = task;
    this.steps = steps;
    this.terminal = terminal;
  }

  void step() {
    done++;
    if (bar == null && terminal.showsProgress() && System.nanoTime() - start > PATIENCE) {
      bar =
          new ProgressBarBuilder()
              .setTaskName(task)
              .setInitialMax(steps)
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
