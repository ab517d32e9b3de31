package dev.vitrine.training.corpus;

import dev.vitrine.training.bpe.Vocabulary;
import java.util.Arrays;
import java.util.stream.IntStream;

/** Turns marked text into documents. */
public final class TextEncoder {

  private final Vocabulary vocabulary;

  /** An encoder for this vocabulary. */
  public TextEncoder(Vocabulary vocabulary) {
    this.vocabulary = vocabulary;
  }

  /** The document of a text in which decided words stand between ‹ and ›. */
  public Document document(String marked) {
    int[] ids = new int[marked.length()];
    byte[] marks = new byte[marked.length()];
    int length = 0;
    int from = 0;
    while (from < marked.length()) {
      boolean decided = marked.charAt(from) == Skill.OPEN;
      int to = decided ? marked.indexOf(Skill.CLOSE, from) : marked.indexOf(Skill.OPEN, from);
      int end = to < 0 ? marked.length() : to;
      int[] piece = vocabulary.encode(marked.substring(decided ? from + 1 : from, end));
      System.arraycopy(piece, 0, ids, length, piece.length);
      Arrays.fill(marks, length, length + piece.length, decided ? Document.DECIDED : Document.TEXT);
      length += piece.length;
      from = decided ? end + 1 : end;
    }
    return new Document(IntStream.of(ids).limit(length).toArray(), Arrays.copyOf(marks, length));
  }

  /** The text without its marks. */
  public static String plain(String marked) {
    return marked.replace(String.valueOf(Skill.OPEN), "").replace(String.valueOf(Skill.CLOSE), "");
  }
}
