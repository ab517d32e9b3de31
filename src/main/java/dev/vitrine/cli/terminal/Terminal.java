package dev.vitrine.cli.terminal;

import java.io.BufferedOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;

/**
 * The streams of a command and what they can show. Standard output carries results and nothing
 * else; a failure to write it is an {@link UncheckedIOException}, not silence.
 */
public final class Terminal {
  private static final int USUAL_WIDTH = 80;
  private static final int LEAST_WIDTH = 20;

  private final InputStream in;
  private final OutputStream out;
  private final PrintStream err;
  private final Map<String, String> environment;

  /** A terminal over any streams; the environment says what it can show. */
  public Terminal(
      InputStream in, OutputStream out, PrintStream err, Map<String, String> environment) {
    this.in = in;
    this.out = out;
    this.err = err;
    this.environment = Map.copyOf(environment);
  }

  /** The streams of this process. */
  public static Terminal system() {
    // Not System.out: it is a PrintStream, which swallows errors.
    OutputStream out = new BufferedOutputStream(new FileOutputStream(FileDescriptor.out), 1 << 14);
    Terminal terminal = new Terminal(System.in, out, System.err, System.getenv());
    PrintStream err = LauncherError.install(System.getenv("VITRINE_STDERR"), terminal.charset());
    return new Terminal(System.in, out, err, System.getenv());
  }

  /** Standard input. */
  public InputStream in() {
    return in;
  }

  /** Standard error, for messages and progress. */
  public PrintStream err() {
    return err;
  }

  /** Standard output, for bytes. */
  public OutputStream out() {
    return out;
  }

  /** Writes text to standard output. */
  public void print(String text) {
    write(text.getBytes(charset()));
  }

  /** Writes a line to standard output. */
  public void line(String text) {
    print(text + "\n");
  }

  /** Writes bytes to standard output. */
  public void write(byte[] bytes) {
    try {
      out.write(bytes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Sends on what was written so far. */
  public void flush() {
    try {
      out.flush();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Whether standard output is watched by a person; the launcher says so. */
  public boolean interactive() {
    return environment.getOrDefault("VITRINE_TTY", "").contains("1");
  }

  /** Whether a person watches standard error. */
  public boolean showsProgress() {
    return environment.getOrDefault("VITRINE_TTY", "").contains("2");
  }

  /** Whether to use colours. */
  public boolean colour() {
    return interactive()
        && environment.getOrDefault("NO_COLOR", "").isEmpty()
        && !environment.getOrDefault("TERM", "").equals("dumb");
  }

  /** Whether characters outside ASCII can be shown. */
  public boolean unicode() {
    for (String name : new String[] {"VITRINE_LOCALE", "LC_ALL", "LC_CTYPE", "LANG"}) {
      String locale = environment.getOrDefault(name, "").toLowerCase(Locale.ROOT);
      if (!locale.isEmpty()) {
        return locale.contains("utf-8") || locale.contains("utf8");
      }
    }
    return System.getProperty("os.name", "").startsWith("Windows");
  }

  private Charset charset() {
    return unicode() ? StandardCharsets.UTF_8 : StandardCharsets.US_ASCII;
  }

  /** The number of columns. */
  public int width() {
    for (String name : new String[] {"COLUMNS", "VITRINE_COLUMNS"}) {
      String value = environment.getOrDefault(name, "").strip();
      if (value.matches("[1-9][0-9]{0,3}")) {
        return Math.max(LEAST_WIDTH, Integer.parseInt(value));
      }
    }
    return USUAL_WIDTH;
  }
}
