package dev.vitrine.training.bpe;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * The tokens in GPT-2's order of ids: 256 bytes, then one for each merge, then {@code
 * <|endoftext|>}. Encodes and decodes text; the encoding of each word is remembered.
 */
public final class Vocabulary {

  /** The one special token. */
  public static final String END_OF_TEXT = "<|endoftext|>";

  private final List<Merge> merges;
  private final List<String> pieces = new ArrayList<>();
  private final Map<Merge, Integer> ranks = new HashMap<>();
  private final Map<String, int[]> words = new HashMap<>();

  /** Two token ids that become one; its id is 256 plus its place in the list of merges. */
  record Merge(int left, int right) {}

  Vocabulary(List<Merge> merges) {
    this.merges = List.copyOf(merges);
    for (int id = 0; id < ByteAlphabet.SIZE; id++) {
      pieces.add(ByteAlphabet.printable((byte) id));
    }
    for (Merge merge : merges) {
      ranks.put(merge, ranks.size());
      pieces.add(pieces.get(merge.left()) + pieces.get(merge.right()));
    }
    pieces.add(END_OF_TEXT);
  }

  /** How many tokens there are. */
  public int size() {
    return pieces.size();
  }

  /** The id of {@code <|endoftext|>}, the last one. */
  public int endOfText() {
    return pieces.size() - 1;
  }

  List<Merge> merges() {
    return merges;
  }

  /** The printable form of a token, as in {@code vocab.json}. */
  String piece(int id) {
    return pieces.get(id);
  }

  /** The token ids of a text. */
  public int[] encode(String text) {
    return PreTokenizer.words(text).stream()
        .flatMapToInt(word -> IntStream.of(words.computeIfAbsent(word, this::encodeWord)))
        .toArray();
  }

  private int[] encodeWord(String word) {
    int[] ids = ByteAlphabet.ids(word);
    while (true) {
      int best = Integer.MAX_VALUE;
      for (int i = 0; i + 1 < ids.length; i++) {
        best = Math.min(best, ranks.getOrDefault(new Merge(ids[i], ids[i + 1]), best));
      }
      if (best == Integer.MAX_VALUE) {
        return ids;
      }
      ids = merged(ids, merges.get(best), ByteAlphabet.SIZE + best);
    }
  }

  /** The ids after every occurrence of a merge, from the left, has become one id. */
  static int[] merged(int[] ids, Merge merge, int id) {
    int[] result = new int[ids.length];
    int length = 0;
    for (int i = 0; i < ids.length; i++) {
      boolean here = i + 1 < ids.length && ids[i] == merge.left() && ids[i + 1] == merge.right();
      result[length++] = here ? id : ids[i];
      if (here) {
        i++;
      }
    }
    return IntStream.of(result).limit(length).toArray();
  }

  /** The text that token ids spell. */
  public String decode(int... ids) {
    var bytes = new ByteArrayOutputStream();
    for (int id : ids) {
      bytes.writeBytes(
          id == endOfText()
              ? END_OF_TEXT.getBytes(StandardCharsets.UTF_8)
              : ByteAlphabet.bytes(pieces.get(id)));
    }
    return bytes.toString(StandardCharsets.UTF_8);
  }
}
