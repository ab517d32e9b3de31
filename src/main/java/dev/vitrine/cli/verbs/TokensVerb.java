package dev.vitrine.cli.verbs;

import dev.vitrine.cli.options.OutputOptions;
import dev.vitrine.cli.options.PromptOptions;
import dev.vitrine.cli.options.UsageException;
import dev.vitrine.cli.options.Version;
import dev.vitrine.cli.terminal.Columns;
import dev.vitrine.cli.terminal.Json;
import dev.vitrine.cli.terminal.Label;
import dev.vitrine.cli.terminal.Style;
import dev.vitrine.cli.terminal.Terminal;
import dev.vitrine.model.Gpt2;
import dev.vitrine.text.Tokenizer;
import dev.vitrine.text.Tokens;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Shows how a text falls into tokens. */
@Command(
    name = "tokens",
    description = "Show the tokens of a text: position, id and string.",
    footer = {
      "",
      "--json: {\"tokens\": [{\"id\", \"token\", \"bytes\"?}], \"count\", \"text\", \"encoding\","
          + " \"version\"}; \"bytes\", in hexadecimal, where a token is only part of a character."
    })
public final class TokensVerb implements Verb {
  @Parameters(paramLabel = "TEXT", arity = "0..*", description = "The text, in quotes.")
  private List<String> texts = new ArrayList<>();

  @Option(
      names = "--file",
      paramLabel = "FILE",
      description = "Read the text from a file, - for standard input, as it is.")
  private @Nullable String file;

  @Option(names = "--ids", paramLabel = "5,3,8", description = "Show these token ids instead.")
  private @Nullable String ids;

  @Option(
      names = "--encoding",
      paramLabel = "NAME",
      description = "gpt2 for GPT-2's own vocabulary; otherwise the model's.")
  private @Nullable String encoding;

  @Option(
      names = "--model",
      paramLabel = "NAME",
      description = "The model whose vocabulary it is: \"embedded\" (default) or a directory.")
  private String model = "embedded";

  @Option(
      names = "--special",
      description = "Let <|endoftext|> in the text stand for the token of that name.")
  private boolean special;

  @Mixin private OutputOptions output = new OutputOptions();

  /** For picocli. */
  public TokensVerb() {}

  @Override
  public int run(Terminal terminal) {
    check();
    Tokenizer tokenizer = tokenizer();
    Tokens tokens = read(tokenizer, terminal);
    if (output.json()) {
      print(tokens, tokenizer, terminal);
    } else {
      draw(tokens, tokenizer, terminal);
    }
    return 0;
  }

  private void check() {
    int count = texts.size() + (file == null ? 0 : 1) + (ids == null ? 0 : 1);
    if (count != 1) {
      throw new UsageException(
          count == 0
              ? "no text: give it in quotes, or --file FILE (- for standard input)"
              : "tokens takes one text, not %d; a text with spaces goes in quotes"
                  .formatted(count));
    }
    if (encoding != null && !encoding.equals("gpt2")) {
      throw new UsageException(
          "there is no encoding \"" + encoding + "\"; there is gpt2, or --model for a model's own");
    }
    if (ids != null) {
      PromptOptions.parse("--ids", ids);
    }
  }

  private Tokenizer tokenizer() {
    if (encoding != null) {
      return Tokenizer.gpt2();
    }
    return Gpt2.tokenizerOf(model)
        .orElseThrow(() ->
            new IllegalStateException(
                model + ": has no tokenizer (tokenizer.json, or vocab.json and merges.txt)"));
  }

  private Tokens read(Tokenizer tokenizer, Terminal terminal) {
    if (ids != null) {
      return tokenizer.tokens(PromptOptions.parse("--ids", ids));
    }
    String text = file == null ? texts.getFirst() : PromptOptions.content(file, terminal);
    return special ? tokenizer.encodeSpecial(text) : tokenizer.encode(text);
  }

  private static void draw(Tokens tokens, Tokenizer tokenizer, Terminal terminal) {
    Style style = Style.of(terminal);
    int width = terminal.width();
    int count = tokens.size();
    int places = Math.max(3, String.valueOf(count).length());
    for (int i = 0; i < count; i++) {
      String numbers = Columns.right(String.valueOf(i), places);
      String id = Columns.right(String.valueOf(tokens.id(i)), 7);
      String label = label(tokens.string(i), tokenizer.bytes(tokens.id(i)), style);
      terminal.line(
          style.faint(numbers)
              + id
              + "  "
              + style.strong(Columns.fit(label, width - places - 9, style)));
    }
    terminal.line(style.faint(count + (count == 1 ? " token" : " tokens")));
  }

  /** Part of a character is shown as its bytes. */
  private static String label(String token, byte[] bytes, Style style) {
    if (token.indexOf('\ufffd') < 0) {
      return Label.of(token, style);
    }
    return "<" + HexFormat.ofDelimiter(" ").formatHex(bytes) + ">";
  }

  private void print(Tokens tokens, Tokenizer tokenizer, Terminal terminal) {
    Json.print(
        terminal,
        json -> {
          json.writeArrayFieldStart("tokens");
          for (int i = 0; i < tokens.size(); i++) {
            json.writeStartObject();
            json.writeNumberField("id", tokens.id(i));
            json.writeStringField("token", tokens.string(i));
            if (tokens.string(i).indexOf('\ufffd') >= 0) {
              json.writeStringField(
                  "bytes", HexFormat.of().formatHex(tokenizer.bytes(tokens.id(i))));
            }
            json.writeEndObject();
          }
          json.writeEndArray();
          json.writeNumberField("count", tokens.size());
          json.writeStringField("text", tokens.text());
          json.writeStringField("encoding", encoding == null ? model : encoding);
          json.writeStringField("version", Version.text());
        });
  }
}
