package dev.vitrine.cli.experiment;

import dev.vitrine.analysis.experiment.Effect;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The tokens that edits moved, as comma-separated values (RFC 4180). */
final class EffectCsv {
  private static final String HEADER =
      "prompt,id,token,logit_before,logit_after,change,probability_before,probability_after";

  private EffectCsv() {}

  static List<String> lines(List<Effect> effects, int top) {
    List<String> lines = new ArrayList<>(List.of(HEADER));
    for (int prompt = 0; prompt < effects.size(); prompt++) {
      for (Effect.Moved token : effects.get(prompt).tokens().stream().limit(top).toList()) {
        lines.add(line(prompt, token));
      }
    }
    return lines;
  }

  private static String line(int prompt, Effect.Moved token) {
    return Stream.of(
            prompt,
            token.id(),
            quoted(token.piece()),
            token.logitBefore(),
            token.logitAfter(),
            token.change(),
            token.probabilityBefore(),
            token.probabilityAfter())
        .map(String::valueOf)
        .collect(Collectors.joining(","));
  }

  private static String quoted(String text) {
    return "\"" + text.replace("\"", "\"\"") + "\"";
  }
}
