package dev.vitrine.cli;

import dev.vitrine.cli.edit.EditOptions;
import dev.vitrine.cli.options.ModelOptions;
import dev.vitrine.cli.options.OutputOptions;
import dev.vitrine.cli.options.PromptOptions;
import dev.vitrine.cli.options.SamplingOptions;
import dev.vitrine.cli.options.SaveOptions;
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

  private HelpText() {}

  /** Has a verb explain its flags so. */
  static void group(CommandLine verb) {
    Map<String, IHelpSectionRenderer> sections = new LinkedHashMap<>(verb.getHelpSectionMap());
    sections.put(UsageMessageSpec.SECTION_KEY_OPTION_LIST, HelpText::options);
    verb.setHelpSectionMap(sections);
    verb.getCommandSpec().usageMessage().abbreviateSynopsis(true);
    verb.getSubcommands().values().forEach(HelpText::group);
  }

  private static String options(Help help) {
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
      text.append('\n').append(help.colorScheme().text("@|bold " + heading + ":|@")).append('\n');
      Help.Layout layout =
          help.createDefaultLayout(help.commandSpec().options(), List.of(), help.colorScheme());
      text.append(
          help.optionListExcludingGroups(
              options, layout, null, help.createDefaultParamLabelRenderer()));
    });
    return text.toString();
  }

  private static String heading(OptionSpec option) {
    return option.userObject() instanceof Member member
        ? HEADINGS.getOrDefault(member.getDeclaringClass(), OWN)
        : OWN;
  }
}
