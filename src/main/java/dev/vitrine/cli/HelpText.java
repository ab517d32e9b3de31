package dev.vitrine.cli;

import dev.vitrine.cli.edit.EditOptions;
import dev.vitrine.cli.options.ModelOptions;
import dev.vitrine.cli.options.OutputOptions;
import dev.vitrine.cli.options.PromptOptions;
import dev.vitrine.cli.options.SamplingOptions;
import dev.vitrine.cli.options.SaveOptions;
import dev.vitrine.cli.terminal.Columns;
import java.lang.reflect.Member;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Help;
import picocli.CommandLine.IHelpSectionRenderer;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.UsageMessageSpec;

/** Lays out what {@code --help} says: flags in groups, each under a heading. */
final class HelpText {
  private static final String OWN = "Options";
  private static final String GENERAL = "General";

  /** Flags that several verbs share, by the class that has them; all others are the verb's own. */
  private static final Map<Class<?>, String> HEADINGS =
      Map.of(
          PromptOptions.class, "Prompt",
          EditOptions.class, "Edits, which apply in the order in which they stand",
          SamplingOptions.class, "Choice of tokens",
          SaveOptions.class, "Keeping it as an experiment",
          ModelOptions.class, "Model",
          OutputOptions.class, GENERAL);

  /**
   * The least width that picocli lays out by itself, and what we leave for the names of flags
   * below.
   */
  private static final int LEAST_WIDTH = 55;

  private static final int NAMES = 18;

  private HelpText() {}

  /** Has a verb explain its flags so, in so many columns. */
  static void group(CommandLine verb, int width) {
    Map<String, IHelpSectionRenderer> sections = new LinkedHashMap<>(verb.getHelpSectionMap());
    sections.put(UsageMessageSpec.SECTION_KEY_OPTION_LIST, help -> options(help, width));
    sections.put(
        UsageMessageSpec.SECTION_KEY_PARAMETER_LIST,
        help -> help.parameterList(layout(help, width), help.createDefaultParamLabelRenderer()));
    sections.put(
        UsageMessageSpec.SECTION_KEY_DESCRIPTION,
        help -> flowing(List.of(help.commandSpec().usageMessage().description()), width));
    sections.put(
        UsageMessageSpec.SECTION_KEY_FOOTER,
        help -> flowing(List.of(help.commandSpec().usageMessage().footer()), width));
    verb.setHelpSectionMap(sections);
    verb.getCommandSpec().usageMessage().abbreviateSynopsis(true);
    verb.getSubcommands().values().forEach(each -> group(each, width));
  }

  /**
   * Lines of one paragraph flow into as many as there is room for. An indented line is part of a
   * table, which stays as it is where it fits; those indented more go on with it.
   */
  private static String flowing(List<String> lines, int width) {
    StringBuilder text = new StringBuilder();
    List<String> together = new ArrayList<>();
    for (String line : lines) {
      boolean goesOn =
          line.startsWith("   ")
              || (!line.startsWith(" ") && !line.isEmpty() && !line.startsWith("--json"));
      boolean table = line.startsWith(" ");
      boolean other = together.isEmpty() || together.getFirst().isEmpty();
      if (!goesOn || other || table != together.getFirst().startsWith(" ")) {
        append(text, together, width);
        together.clear();
      }
      together.add(line);
    }
    append(text, together, width);
    return text.toString();
  }

  private static void append(StringBuilder text, List<String> lines, int width) {
    boolean table = !lines.isEmpty() && lines.getFirst().startsWith(" ");
    if (table && lines.stream().allMatch(line -> line.length() <= width)) {
      lines.forEach(line -> text.append(line).append('\n'));
    } else if (!lines.isEmpty()) {
      String all = String.join(" ", lines.stream().map(String::strip).toList());
      List<String> parts = Columns.wrap(all, table ? width - 4 : width);
      String indent = table ? "  " : "";
      for (String part : parts) {
        text.append((indent + part).stripTrailing()).append('\n');
        indent = table ? "    " : "";
      }
    }
  }

  /** Picocli's, or where that would be too wide a narrow one like it. */
  private static Help.Layout layout(Help help, int width) {
    return width >= LEAST_WIDTH
        ? help.createDefaultLayout(help.commandSpec().options(), List.of(), help.colorScheme())
        : new Help.Layout(
            help.colorScheme(), Help.TextTable.forDefaultColumns(help.colorScheme(), NAMES, width));
  }

  private static String options(Help help, int width) {
    Map<String, List<OptionSpec>> groups = new LinkedHashMap<>();
    List<OptionSpec> all =
        help.commandSpec().options().stream()
            .filter(option -> !option.hidden())
            .sorted(Comparator.comparing((OptionSpec option) -> heading(option).equals(GENERAL)))
            .toList();
    for (OptionSpec option : all) {
      groups.computeIfAbsent(heading(option), _ -> new ArrayList<>()).add(option);
    }
    StringBuilder text = new StringBuilder();
    groups.forEach((heading, options) -> {
      options.sort(Comparator.comparingInt(OptionSpec::order));
      text.append('\n');
      for (String line : Columns.wrap(heading + ":", width)) {
        text.append(help.colorScheme().text("@|bold " + line + "|@")).append('\n');
      }
      text.append(
          help.optionListExcludingGroups(
              options, layout(help, width), null, help.createDefaultParamLabelRenderer()));
    });
    return text.toString();
  }

  private static String heading(OptionSpec option) {
    return option.userObject() instanceof Member member
        ? HEADINGS.getOrDefault(member.getDeclaringClass(), OWN)
        : OWN;
  }
}
