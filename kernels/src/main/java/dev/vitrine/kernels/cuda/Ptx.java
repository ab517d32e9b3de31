package dev.vitrine.kernels.cuda;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A file of PTX, as it lies among this package's resources, and what its kernels take. Nobody else
 * checks a launch: the driver copies as many bytes as the PTX says from wherever it is pointed to.
 *
 * @param text the PTX
 * @param kernels the size of each parameter in bytes, by the kernel's name
 */
record Ptx(String text, Map<String, List<Integer>> kernels) {
  /** The files, each of which has a {@code .cu} beside it. */
  static final List<String> FILES = List.of("products", "rows", "attention");

  private static final Pattern ENTRY = Pattern.compile("\\.entry\\s+(\\w+)\\s*\\(([^)]*)\\)");
  private static final Pattern PARAMETER =
      Pattern.compile(
          "\\.param\\s+(?:\\.align\\s+\\d+\\s+)?\\.[bfus](\\d+)\\s+\\w+(?:\\[(\\d+)])?");

  static Ptx of(String text) {
    Map<String, List<Integer>> kernels = new LinkedHashMap<>();
    Matcher entry = ENTRY.matcher(text);
    while (entry.find()) {
      List<Integer> sizes = new ArrayList<>();
      Matcher parameter = PARAMETER.matcher(entry.group(2));
      while (parameter.find()) {
        int count = parameter.group(2) == null ? 1 : Integer.parseInt(parameter.group(2));
        sizes.add(Integer.parseInt(parameter.group(1)) / 8 * count);
      }
      kernels.put(entry.group(1), List.copyOf(sizes));
    }
    return new Ptx(text, kernels);
  }

  /** One of {@link #FILES}. */
  static Ptx load(String file) {
    return of(resource(file + ".ptx"));
  }

  static String resource(String name) {
    try (InputStream stream = Ptx.class.getResourceAsStream(name)) {
      if (stream == null) {
        throw new IllegalStateException(name + " is missing from the program");
      }
      return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
