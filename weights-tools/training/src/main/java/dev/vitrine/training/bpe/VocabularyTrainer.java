package dev.vitrine.training.bpe;

import dev.vitrine.training.bpe.Vocabulary.Merge;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Learns a vocabulary from a list of words, the most important first, that should become single
 * tokens. The merges for numbers come first and are fixed, so that a year is always two tokens of
 * two digits; then the pair of tokens that is most frequent in the list is merged again and again,
 * where a word counts the more the earlier it stands.
 */
public final class VocabularyTrainer {

  private final Map<String, Integer> weights = new LinkedHashMap<>();

  /** Adds words, leading space included, each of which counts as this many. */
  public void read(Collection<String> words, int weight) {
    for (String word : words) {
      if (PreTokenizer.words(word).size() != 1) {
        throw new IllegalArgumentException("'" + word + "' cannot be one token");
      }
      if (word.chars().noneMatch(Character::isDigit)) {
        weights.putIfAbsent(word, weight);
      }
    }
  }

  /** The vocabulary of at most this size. */
  public Vocabulary train(int size) {
    List<Merge> merges = numberMerges();
    List<int[]> words = new ArrayList<>(weights.keySet().stream().map(ByteAlphabet::ids).toList());
    List<Integer> counts = List.copyOf(weights.values());
    while (ByteAlphabet.SIZE + merges.size() + 1 < size
        && words.stream().anyMatch(word -> word.length > 1)) {
      Merge best = mostFrequent(words, counts);
      int id = ByteAlphabet.SIZE + merges.size();
      merges.add(best);
      words.replaceAll(word -> Vocabulary.merged(word, best, id));
    }
    return new Vocabulary(merges);
  }

  private static Merge mostFrequent(List<int[]> words, List<Integer> counts) {
    Map<Merge, Integer> pairs = new HashMap<>();
    for (int w = 0; w < words.size(); w++) {
      int[] word = words.get(w);
      for (int i = 0; i + 1 < word.length; i++) {
        pairs.merge(new Merge(word[i], word[i + 1]), counts.get(w), Integer::sum);
      }
    }
    return pairs.entrySet().stream()
        .max(
            Map.Entry.<Merge, Integer>comparingByValue()
                .thenComparing(Map.Entry::getKey, Comparator.comparingInt(Merge::left))
                .thenComparing(Map.Entry::getKey, Comparator.comparingInt(Merge::right)))
        .orElseThrow()
        .getKey();
  }

  /** " d" for ten digits, then " dd" and "dd" for a hundred numbers each. */
  private static List<Merge> numberMerges() {
    int space = ByteAlphabet.ids(" ")[0];
    int[] digits = ByteAlphabet.ids("0123456789");
    List<Merge> merges = new ArrayList<>();
    for (int digit : digits) {
      merges.add(new Merge(space, digit));
    }
    for (int ten = 0; ten < digits.length; ten++) {
      for (int one : digits) {
        merges.add(new Merge(ByteAlphabet.SIZE + ten, one));
      }
    }
    for (int ten : digits) {
      for (int one : digits) {
        merges.add(new Merge(ten, one));
      }
    }
    return merges;
  }
}
