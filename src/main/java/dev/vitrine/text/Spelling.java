package dev.vitrine.text;

import dev.vitrine.text.Vocabulary.Listing;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * A vocabulary as files spell it, each byte by the character that GPT-2 has for it.
 *
 * @param tokens by id
 * @param merges in their order, two tokens with a space between
 */
public record Spelling(List<String> tokens, List<String> merges) {

  /**
   * The vocabulary beside a model's weights; see {@link Tokenizer#read}.
   *
   * @throws TokenizerException when there is one and it is not GPT-2's kind, or cannot be read
   */
  public static Optional<Spelling> read(Path directory) {
    return VocabularyFiles.find(directory).map(Supplier::get).map(Spelling::of);
  }

  /**
   * The vocabulary of a {@code vocab.json} and its {@code merges.txt}.
   *
   * @param source what messages call the two
   * @throws TokenizerException when they are not GPT-2's kind, or cannot be read
   */
  public static Spelling read(String source, InputStream vocab, InputStream merges) {
    byte[] tokens = VocabularyFiles.content(source, vocab);
    byte[] pairs = VocabularyFiles.content(source, merges);
    return of(VocabularyFiles.listing(source, source, tokens, source, pairs));
  }

  private static Spelling of(Listing listing) {
    String[] tokens = new String[Vocabulary.of(listing).size()];
    listing.tokens().forEach((token, id) -> tokens[id] = token);
    listing.added().forEach((token, id) -> tokens[id] = token);
    return new Spelling(
        Arrays.asList(tokens),
        listing.merges().stream().map(merge -> merge.left() + " " + merge.right()).toList());
  }

  /** What the two lists say, unchecked. */
  Listing listing(String source) {
    Map<String, Integer> ids = LinkedHashMap.newLinkedHashMap(tokens.size());
    Map<String, Integer> added = new HashMap<>();
    for (int id = 0; id < tokens.size(); id++) {
      String token = tokens.get(id);
      Integer other = ids.put(token, id);
      if (other != null) {
        throw new TokenizerException(
            "%s: token %s has two ids, %d and %d".formatted(source, Quote.of(token), other, id));
      }
      if (token.startsWith("<|") && token.endsWith("|>")) {
        added.put(token, id);
      }
    }
    List<Vocabulary.Merge> pairs =
        merges.stream()
            .map(line -> {
              Vocabulary.Merge merge = VocabularyFiles.merge(line);
              if (merge == null) {
                throw new TokenizerException(
                    "%s: the merge %s is not two tokens with one space between"
                        .formatted(source, Quote.of(line)));
              }
              return merge;
            })
            .toList();
    return new Listing(source, ids, pairs, added);
  }
}
