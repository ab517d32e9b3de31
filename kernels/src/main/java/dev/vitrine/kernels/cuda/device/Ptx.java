package dev.vitrine.kernels.cuda.device;

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
 * A file of PTX, as it lies among the resources, and what its kernels take. Nobody else checks a
 * launch: the driver copies as many bytes as the PTX says from wherever it is pointed to.
 *
 * @param text the PTX
 * @param kernels the size of each parameter in bytes, by the kernel's name
 */
public record Ptx(String text, Map<String, List<Integer>> kernels) {
  /** The files of the contract, each of which has a {@code .cu} beside it. */
  public static final List<String> FILES = List.of("products", "rows", "attention");

  private static final String FOLDER = "/dev/vitrine/kernels/cuda/";

  private static final Pattern ENTRY = Pattern.compile("\\.entry\\s+(\\w+)\\s*\\(([^)]*)\\)");
  private static final Pattern PARAMETER =
      Pattern.compile(
          "\\.param\\s+(?:\\.align\\s+\\d+\\s+)?\\.[bfus](\\d+)\\s+\\w+(?:\\[(\\d+)])?");

  /** Reads what the kernels take. */
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

  /** A file of that name. */
  static Ptx load(String file) {
    return of(resource(file + ".ptx"));
  }

  /** A file that lies there, as text. */
  public static String resource(String name) {
    try (InputStream stream = Ptx.class.getResourceAsStream(FOLDER + name)) {
      if (stream == null) {
        throw new IllegalStateException(name + " is missing from the program");
      }
      return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
