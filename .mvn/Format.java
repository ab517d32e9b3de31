import com.google.googlejavaformat.java.Formatter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Holds every source file to google-java-format, in a process of its own because Maven may run on an older JDK than the
 * sources need. Arguments: {@code check} or {@code write}, and the project's folder.
 */
final class Format {
  public static void main(String[] args) throws Exception {
    boolean write = args[0].equals("write");
    Path root = Path.of(args[1]);
    Formatter formatter = new Formatter();
    List<Path> unformatted = new ArrayList<>();
    for (Path file : sources(root)) {
      String before = Files.readString(file);
      String after = formatter.formatSourceAndFixImports(before);
      if (!after.equals(before)) {
        unformatted.add(root.relativize(file));
        if (write) {
          Files.writeString(file, after);
        }
      }
    }
    if (!unformatted.isEmpty()) {
      System.out.println((write ? "Formatted: " : "Not formatted: ") + unformatted);
      if (!write) {
        System.out.println("Run: ./mvnw -N -Pformat verify");
        System.exit(1);
      }
    }
  }

  private static List<Path> sources(Path root) throws IOException {
    List<Path> sources = new ArrayList<>();
    for (String module : List.of("kernels", "weights-tools", "src", "benchmarks")) {
      try (var files = Files.walk(root.resolve(module))) {
        files
            .filter(file -> file.toString().endsWith(".java"))
            .filter(file -> !root.relativize(file).toString().contains("target"))
            .sorted()
            .forEach(sources::add);
      }
    }
    return sources;
  }
}
