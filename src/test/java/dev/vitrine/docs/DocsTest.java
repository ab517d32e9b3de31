package dev.vitrine.docs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vitrine.cli.Main;
import dev.vitrine.cli.terminal.Terminal;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every page of {@code docs/} tells the truth: its Java compiles and runs on the built-in model,
 * its commands too, and each prints what the page shows and draws the picture that it shows. {@code
 * -Dvitrine.docs.write=true} writes what was printed into the pages, and the pictures; read it
 * before you keep it. Output that ends with a line of three dots is shown as far as that. {@code
 * -Dvitrine.docs.page=why.md} is that page alone.
 */
class DocsTest {
  private static final Path DOCS = Path.of(System.getProperty("basedir", "."), "..", "docs");
  private static final Pattern WORD = Pattern.compile("\"([^\"]*)\"|'([^']*)'|(\\S+)");
  private static final Pattern LINK = Pattern.compile("\\]\\(([^)#:]+)(#[^)]*)?\\)");

  private static final boolean WRITE = Boolean.getBoolean("vitrine.docs.write");
  private static final String PICTURES = "docs/pictures/";

  @TempDir Path directory;

  static Stream<Page> pages() throws IOException {
    String only = System.getProperty("vitrine.docs.page", "");
    String ending = only.isEmpty() ? ".md" : "/" + only;
    List<Page> pages = new ArrayList<>();
    try (Stream<Path> files = Files.list(DOCS)) {
      for (Path file : files.filter(f -> f.toString().endsWith(ending)).sorted().toList()) {
        pages.add(Page.read(file));
      }
    }
    return pages.stream();
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("pages")
  void codeAndCommandsPrintWhatThePageShows(Page page)
      throws IOException, ReflectiveOperationException {
    Files.createDirectories(pictures());
    List<String> outputs = run(page);
    if (WRITE) {
      page.rewrite(outputs);
      return;
    }
    samePictures();
    for (int i = 0; i < outputs.size(); i++) {
      Page.Example example = page.examples().get(i);
      if (example.isShown()) {
        assertThat(outputs.get(i))
            .as(page + ":\n" + example.code())
            .isEqualTo(page.output(example));
      }
    }
  }

  /** Where pictures are drawn: among the pages, or beside them to be compared. */
  private Path pictures() {
    return WRITE ? DOCS.resolve("pictures") : directory.resolve("pictures");
  }

  private void samePictures() throws IOException {
    try (Stream<Path> drawn = Files.list(pictures())) {
      for (Path picture : drawn.toList()) {
        assertThat(picture)
            .hasSameTextualContentAs(DOCS.resolve("pictures").resolve(picture.getFileName()));
      }
    }
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("pages")
  void linksLeadSomewhere(Page page) throws IOException {
    Matcher links = LINK.matcher(Files.readString(page.file()));
    while (links.find()) {
      assertThat(page.file().resolveSibling(links.group(1))).exists();
    }
  }

  /** What each example of a page prints. */
  private List<String> run(Page page) throws IOException, ReflectiveOperationException {
    List<String> blocks = new ArrayList<>();
    for (Page.Example example : page.examples()) {
      if (example.language().equals("java")) {
        blocks.add(
            example.code().replace("/tmp/", directory + "/").replace(PICTURES, pictures() + "/"));
      }
    }
    List<String> printed =
        blocks.isEmpty()
            ? List.of()
            : Program.run(imports() + imports(blocks), body(blocks), directory);
    List<String> outputs = new ArrayList<>();
    int next = 0;
    for (Page.Example example : page.examples()) {
      String output =
          example.language().equals("java") ? printed.get(next++) : commands(example.code());
      String tidy = tidy(output);
      Page.Example shown = page.examples().get(outputs.size());
      outputs.add(shown.isShown() ? cut(tidy, page.output(shown)) : tidy);
    }
    return outputs;
  }

  /** The imports that {@code docs/README.md} says every page has. */
  private static String imports() throws IOException {
    for (Page.Example example : Page.read(DOCS.resolve("README.md")).examples()) {
      if (example.code().startsWith("import ")) {
        return example.code();
      }
    }
    throw new AssertionError("docs/README.md does not list the imports");
  }

  /** What a page imports besides. */
  private static String imports(List<String> blocks) {
    return blocks.stream()
        .filter(block -> block.startsWith("import "))
        .collect(Collectors.joining());
  }

  private static List<String> body(List<String> blocks) {
    return blocks.stream().map(block -> block.startsWith("import ") ? "" : block).toList();
  }

  /** Runs the lines that begin with {@code ./vitrine}. */
  private String commands(String code) {
    StringBuilder printed = new StringBuilder();
    for (String line : code.replace("\\\n", " ").lines().toList()) {
      if (line.startsWith("./vitrine ")) {
        printed.append(command(line.substring("./vitrine ".length())));
      }
    }
    return printed.toString();
  }

  private String command(String line) {
    List<String> arguments = new ArrayList<>();
    Matcher words = WORD.matcher(line);
    while (words.find() && !words.group().equals("#")) {
      String word = words.group(1) != null ? words.group(1) : words.group(2);
      word = word != null ? word : words.group(3);
      arguments.add(word.replace("/tmp/", directory + "/").replace(PICTURES, pictures() + "/"));
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    PrintStream both = new PrintStream(out, true, StandardCharsets.UTF_8);
    Terminal terminal =
        new Terminal(
            new ByteArrayInputStream(new byte[0]),
            out,
            both,
            Map.of("LANG", "C.UTF-8", "VITRINE_TTY", "", "COLUMNS", "100"));
    Main.run(terminal, arguments.toArray(String[]::new));
    return out.toString(StandardCharsets.UTF_8)
        .replace(pictures() + "/", PICTURES)
        .replace(directory + "/", "/tmp/");
  }

  /** No more lines than a page shows that ends with a line of three dots. */
  private static String cut(String output, String shown) {
    if (!shown.endsWith("\n…\n")) {
      return output;
    }
    long lines = shown.lines().count() - 1;
    return output.lines().limit(lines).collect(Collectors.joining("\n", "", "\n…\n"));
  }

  /** Without blanks at the ends of lines, and with one line end at the end. */
  private static String tidy(String output) {
    String text = output.lines().map(String::stripTrailing).reduce("", (a, b) -> a + b + "\n");
    return text.isBlank() ? "" : text.stripTrailing() + "\n";
  }
}
