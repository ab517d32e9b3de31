package dev.vitrine.cli.options;

import dev.vitrine.cli.terminal.Terminal;
import dev.vitrine.model.Gpt2;
import dev.vitrine.text.Tokens;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.regex.Pattern;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** What the model reads. */
public final class PromptOptions {
  private static final Pattern ID = Pattern.compile("\\s*-?\\d+\\s*");

  @Parameters(paramLabel = "PROMPT", arity = "0..*", description = "The text to read, in quotes.")
  private List<String> texts = new ArrayList<>();

  @Option(
      names = "--file",
      paramLabel = "FILE",
      description = "Read the text from a file, - for standard input; one final line end is cut.")
  private List<String> files = new ArrayList<>();

  @Option(
      names = "--ids",
      paramLabel = "5,3,8",
      description = "Read these token ids; for models without a tokenizer.")
  private List<String> ids = new ArrayList<>();

  @Option(
      names = "--bos",
      description = "Put the token that begins a text before it; nothing is added otherwise.")
  private boolean bos;

  /** For picocli. */
  public PromptOptions() {}

  /**
   * Checks that there is something to read.
   *
   * @param most how many prompts the verb takes
   * @throws UsageException if there is none, there are too many, or ids are malformed
   */
  public void check(String verb, int most) {
    int count = texts.size() + files.size() + ids.size();
    if (count == 0) {
      throw new UsageException(
          "no prompt: give a text in quotes, --file FILE (- for standard input) or --ids 5,3,8");
    }
    if (count > most) {
      throw new UsageException(
          "%s takes one prompt, not %d: one text in quotes, one --file or one --ids"
              .formatted(verb, count));
    }
    ids.forEach(list -> parse("--ids", list));
  }

  /** Whether there is anything to read. */
  public boolean isGiven() {
    return !texts.isEmpty() || !files.isEmpty() || !ids.isEmpty();
  }

  /** Takes the first word of the command line off the texts: it says what to do. */
  public Optional<String> takeFirst() {
    return texts.isEmpty() ? Optional.empty() : Optional.of(texts.removeFirst());
  }

  /** The prompts as tokens of a model: texts first, then files, then ids. */
  public List<Tokens> read(Gpt2 model, Terminal terminal) {
    List<Tokens> prompts = new ArrayList<>();
    texts.forEach(text -> prompts.add(begun(model, model.tokens(text))));
    files.forEach(file ->
        prompts.add(begun(model, model.tokens(withoutFinalLineEnd(content(file, terminal))))));
    ids.forEach(list -> prompts.add(begun(model, model.tokens(parse("--ids", list)))));
    return prompts;
  }

  /** The prompt, with the token that begins a text before it if that is asked for. */
  public Tokens begun(Gpt2 model, Tokens prompt) {
    if (!bos) {
      return prompt;
    }
    OptionalInt own = model.config().bos();
    OptionalInt begin =
        own.isPresent()
            ? own
            : model.tokenizer().map(t -> t.endOfText()).orElse(OptionalInt.empty());
    int id =
        begin.orElseThrow(() ->
            new IllegalStateException(
                "the model names no token that begins a text: leave --bos out"));
    return model.tokens(id).append(prompt.ids());
  }

  /**
   * Some ids.
   *
   * @param flag that they stand behind
   * @throws UsageException if they are no numbers with commas between
   */
  public static int[] parse(String flag, String list) {
    String[] numbers = list.split(",", -1);
    if (!Arrays.stream(numbers).allMatch(number -> ID.matcher(number).matches())) {
      throw new UsageException(
          flag + " takes numbers with commas between, such as 5,3,8, not \"" + list + "\"");
    }
    try {
      return Arrays.stream(numbers).mapToInt(n -> Integer.parseInt(n.strip())).toArray();
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          flag + " " + list + " has a number that is no token id: it is too large", e);
    }
  }

  private static String withoutFinalLineEnd(String text) {
    return text.endsWith("\r\n")
        ? text.substring(0, text.length() - 2)
        : text.endsWith("\n") ? text.substring(0, text.length() - 1) : text;
  }

  /** The text of a file, - for standard input; it must be UTF-8. */
  public static String content(String file, Terminal terminal) {
    byte[] bytes;
    try {
      bytes = file.equals("-") ? all(terminal.in()) : Files.readAllBytes(Path.of(file));
    } catch (NoSuchFileException e) {
      throw new IllegalArgumentException(file + ": there is no such file", e);
    } catch (InvalidPathException e) {
      throw new IllegalArgumentException(file + ": is no path: " + e.getReason(), e);
    } catch (IOException e) {
      throw new IllegalArgumentException(file + ": cannot be read: " + e.getMessage(), e);
    }
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      throw new IllegalArgumentException(
          (file.equals("-") ? "standard input" : file) + ": is not UTF-8; convert it first", e);
    }
  }

  private static byte[] all(InputStream in) {
    try {
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
