package dev.vitrine.cli.weights;

import dev.vitrine.cli.terminal.Terminal;
import dev.vitrine.weights.Progress;
import org.jspecify.annotations.Nullable;

/** Shows how far work on weights has come: a bar for all of it, or one for each file. */
final class Steps implements Progress, AutoCloseable {
  private final String task;
  private final boolean each;
  private final Terminal terminal;
  private String current = "";
  private dev.vitrine.cli.verbs.@Nullable Progress bar;

  private Steps(String task, boolean each, Terminal terminal) {
    this.task = task;
    this.each = each;
    this.terminal = terminal;
  }

  /** One bar. */
  static Steps of(String task, Terminal terminal) {
    return new Steps(task, false, terminal);
  }

  /** A bar for each file. */
  static Steps ofFiles(Terminal terminal) {
    return new Steps("", true, terminal);
  }

  @Override
  public void at(String what, long done, long total) {
    String name = each ? what : task;
    if (bar == null || !name.equals(current)) {
      end();
      current = name;
      bar = new dev.vitrine.cli.verbs.Progress(name, total, terminal);
    }
    bar.to(done);
  }

  /** Ends the bar, before something else is printed. */
  void end() {
    if (bar != null) {
      bar.close();
      bar = null;
    }
  }

  @Override
  public void close() {
    end();
  }
}
