package dev.vitrine.cli.terminal;

import dev.vitrine.model.Gpt2;
import dev.vitrine.text.Tokens;
import dev.vitrine.trace.Trace;
import dev.vitrine.weights.Config;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What was run: the model in one line, and the prompt's tokens with their positions. */
public final class RunHeader {
  private static final int TOKEN_ROWS = 4;

  private final Trace trace;
  private final Style style;
  private final int width;
  private final List<String> lines = new ArrayList<>();

  /** Of a trace, for a terminal of some columns. */
  public RunHeader(Trace trace, Style style, int width) {
    this.trace = trace;
    this.style = style;
    this.width = width;
  }

  /** The lines, under the name that the user calls the model by. */
  public List<String> lines(String modelName) {
    lines.clear();
    header(modelName);
    tokens();
    return List.copyOf(lines);
  }

  /** The label of a token; ids are told from positions and counts by a mark. */
  public static String label(Gpt2 model, String token, Style style) {
    return (model.tokenizer().isPresent() ? "" : "#") + Label.of(token, style);
  }

  private void header(String modelName) {
    Gpt2 model = trace.model();
    Config config = model.config();
    String shape = config.layers() + " layers " + style.times() + " " + config.heads() + " heads";
    String what =
        Stream.of(modelName, shape, model.backend().name())
            .collect(Collectors.joining(style.dot()));
    int size = trace.size();
    String count = size + (size == 1 ? " token" : " tokens");
    if (Columns.width(what + count) + 2 <= width) {
      lines.add(style.faint(Columns.left(what, width - Columns.width(count)) + count));
    } else {
      lines.add(style.faint(Columns.fit(what, width, style)));
    }
  }

  private void tokens() {
    Tokens tokens = trace.tokens();
    List<String> cells = new ArrayList<>();
    for (int i = 0; i < tokens.size(); i++) {
      cells.add(i + " " + label(trace.model(), tokens.string(i), style));
    }
    int widest = cells.stream().mapToInt(Columns::width).max().orElse(1) + 2;
    int digits = String.valueOf(tokens.size() - 1).length();
    int perRow = Math.max(1, width / (widest + digits));
    int rows = Math.ceilDiv(cells.size(), perRow);
    for (int row = 0; row < rows; row++) {
      if (rows > TOKEN_ROWS && row == 1) {
        row = rows - TOKEN_ROWS + 2;
        lines.add(style.faint(" ".repeat(digits) + " " + style.ellipsis()));
      }
      StringBuilder line = new StringBuilder();
      for (int i = row * perRow; i < Math.min(cells.size(), (row + 1) * perRow); i++) {
        String number = Columns.right(String.valueOf(i), digits);
        String text =
            Columns.fit(
                label(trace.model(), tokens.string(i), style),
                Math.max(1, width - digits - 1),
                style);
        boolean last = i == Math.min(cells.size(), (row + 1) * perRow) - 1;
        line.append(style.faint(number)).append(' ');
        line.append(last ? text : Columns.left(text, widest - 1));
      }
      lines.add(line.toString());
    }
  }
}
