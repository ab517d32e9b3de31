package dev.vitrine.weights.hub;

import dev.vitrine.weights.WeightsException;
import java.util.regex.Pattern;

/**
 * A model on the hub, such as {@code openai-community/gpt2@main}.
 *
 * @param name one or two words with a slash between
 * @param revision a branch, a tag or a commit
 */
record ModelName(String name, String revision) {

  static final String MAIN = "main";

  private static final String WORD = "[A-Za-z0-9_](?:[A-Za-z0-9._-]{0,94}[A-Za-z0-9_])?";
  private static final Pattern NAME = Pattern.compile(WORD + "(?:/" + WORD + ")?");
  private static final Pattern REVISION =
      Pattern.compile("[A-Za-z0-9_][A-Za-z0-9._+-]*(?:/[A-Za-z0-9_][A-Za-z0-9._+-]*)*");
  private static final int MAX_REVISION = 200;
  private static final Pattern COMMIT = Pattern.compile("[0-9a-f]{40}");

  /** Checks that neither can leave the folder that is named after it. */
  ModelName {
    if (!isName(name)) {
      throw new WeightsException(
          "'" + brief(name) + "' is no name of a model; it is NAME or OWNER/NAME, such as gpt2");
    }
    if (revision.length() > MAX_REVISION
        || revision.contains("..")
        || !REVISION.matcher(revision).matches()) {
      throw new WeightsException(
          "'"
              + brief(revision)
              + "' is no revision of "
              + name
              + "; it is a branch, a tag or a commit, such as main");
    }
  }

  /**
   * Takes NAME or NAME@REVISION apart.
   *
   * @throws WeightsException if it is neither
   */
  static ModelName parse(String text) {
    int at = text.indexOf('@');
    return at < 0
        ? new ModelName(text, MAIN)
        : new ModelName(text.substring(0, at), text.substring(at + 1));
  }

  static boolean isName(String text) {
    return text.length() <= 200
        && NAME.matcher(text).matches()
        && !text.contains("--")
        && !text.contains("..");
  }

  static boolean isCommit(String text) {
    return COMMIT.matcher(text).matches();
  }

  /** Whether the revision can move. */
  boolean moves() {
    return !isCommit(revision);
  }

  private static String brief(String text) {
    return text.length() > 60 ? text.substring(0, 60) + "…" : text;
  }

  @Override
  public String toString() {
    return revision.equals(MAIN) ? name : name + "@" + revision;
  }
}
