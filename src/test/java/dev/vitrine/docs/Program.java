package dev.vitrine.docs;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.StringWriter;
import java.lang.reflect.InvocationTargetException;
import java.net.URI;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;

/** The Java of a page as one program: its blocks after one another, each with its own output. */
final class Program {
  private static final String MARK = "\u0001";

  private Program() {}

  /** What each block printed. */
  static List<String> run(String imports, List<String> blocks, Path directory)
      throws IOException, ReflectiveOperationException {
    StringBuilder source = new StringBuilder(imports);
    source.append("public class Example {\n  public static void run() throws Exception {\n");
    for (String block : blocks) {
      source.append(block).append("\n    System.out.print(\"\\u0001\");\n");
    }
    source.append("  }\n}\n");
    compile(source.toString(), directory);
    PrintStream before = System.out;
    ByteArrayOutputStream printed = new ByteArrayOutputStream();
    try (URLClassLoader loader =
        new URLClassLoader(new URL[] {directory.toUri().toURL()}, Program.class.getClassLoader())) {
      System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
      loader.loadClass("Example").getMethod("run").invoke(null);
    } catch (InvocationTargetException e) {
      throw new AssertionError("the page's code fails: " + e.getCause(), e.getCause());
    } finally {
      System.setOut(before);
    }
    List<String> outputs = new ArrayList<>();
    for (String output : printed.toString(StandardCharsets.UTF_8).split(MARK, -1)) {
      outputs.add(output);
    }
    return outputs.subList(0, blocks.size());
  }

  private static void compile(String source, Path directory) {
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    StringWriter messages = new StringWriter();
    JavaFileObject file =
        new SimpleJavaFileObject(URI.create("string:///Example.java"), JavaFileObject.Kind.SOURCE) {
          @Override
          public CharSequence getCharContent(boolean ignoreEncodingErrors) {
            return source;
          }
        };
    List<String> options =
        List.of(
            "-proc:none", "-d", directory.toString(), "-cp", System.getProperty("java.class.path"));
    boolean compiled = compiler.getTask(messages, null, null, options, null, List.of(file)).call();
    if (!compiled) {
      throw new AssertionError("the page's code does not compile:\n" + messages + "\n" + source);
    }
  }
}
