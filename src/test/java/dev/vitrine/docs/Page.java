package dev.vitrine.docs;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A page of documentation: text, code, and what the code prints. */
final class Page {
  private static final Pattern FENCE =
      Pattern.compile(
          "^```(java|sh|text)[ \\t]*\\n(.*?)^```[ \\t]*$", Pattern.MULTILINE | Pattern.DOTALL);

  /** A block of code, and where in the page its output stands, if it is shown. */
  record Example(String language, String code, int outputFrom, int outputTo) {
    boolean isShown() {
      return outputFrom >= 0;
    }
  }

  private final Path file;
  private final String text;
  private final List<Example> examples = new ArrayList<>();

  private Page(Path file, String text) {
    this.file = file;
    this.text = text;
    Matcher matcher = FENCE.matcher(text);
    while (matcher.find()) {
      String language = matcher.group(1);
      if (!language.equals("text")) {
        examples.add(new Example(language, matcher.group(2), -1, -1));
      } else if (!examples.isEmpty()) {
        Example last = examples.removeLast();
        examples.add(new Example(last.language, last.code, matcher.start(2), matcher.end(2)));
      }
    }
  }

  static Page read(Path file) throws IOException {
    return new Page(file, Files.readString(file));
  }

  Path file() {
    return file;
  }

  List<Example> examples() {
    return List.copyOf(examples);
  }

  /** What the page says that an example prints. */
  String output(Example example) {
    return text.substring(example.outputFrom, example.outputTo);
  }

  /** Writes the page anew with other outputs. */
  void rewrite(List<String> outputs) throws IOException {
    StringBuilder page = new StringBuilder();
    int from = 0;
    for (int i = 0; i < examples.size(); i++) {
      Example example = examples.get(i);
      if (example.isShown()) {
        page.append(text, from, example.outputFrom).append(outputs.get(i));
        from = example.outputTo;
      }
    }
    Files.writeString(file, page.append(text.substring(from)));
  }

  @Override
  public String toString() {
    return String.valueOf(file.getFileName());
  }
}
