package dev.vitrine.cli.terminal;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Standard error as the launcher leaves it. Before any code of ours runs, the JVM writes a warning
 * that the Vector API is incubating, and nothing turns it off. So the launcher hands the real
 * standard error over as descriptor 3 and lets 2 lead nowhere; the first message puts it back.
 */
final class LauncherError extends OutputStream {
  private final FileOutputStream out = new FileOutputStream(FileDescriptor.err);
  private boolean restored;

  private LauncherError() {}

  /** Makes {@link System#err} the real one, if the launcher says that it has put it aside. */
  static PrintStream install(@Nullable String aside, Charset charset) {
    if ("3".equals(aside)) {
      System.setErr(new PrintStream(new LauncherError(), true, charset));
    } else if (!charset.equals(StandardCharsets.UTF_8)) {
      System.setErr(new PrintStream(new FileOutputStream(FileDescriptor.err), true, charset));
    }
    return System.err;
  }

  @Override
  public void write(int b) throws IOException {
    write(new byte[] {(byte) b}, 0, 1);
  }

  @Override
  public synchronized void write(byte[] bytes, int from, int count) throws IOException {
    if (!restored) {
      restored = true;
      restore();
    }
    out.write(bytes, from, count);
  }

  /** By dup2, as opening {@code /dev/fd/3} would fail on a socket and start a file anew. */
  @SuppressWarnings("restricted")
  private static void restore() throws IOException {
    Linker linker = Linker.nativeLinker();
    MethodHandle dup2 =
        linker.downcallHandle(
            linker.defaultLookup().find("dup2").orElseThrow(),
            FunctionDescriptor.of(
                ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.JAVA_INT));
    int result;
    try {
      result = (int) dup2.invokeExact(3, 2);
    } catch (Throwable e) {
      throw new IOException("standard error cannot be put back", e);
    }
    if (result < 0) {
      throw new IOException("standard error cannot be put back");
    }
  }
}
