package dev.vitrine.text;

import com.knuddels.jtokkit.Encodings;
import com.knuddels.jtokkit.api.Encoding;
import com.knuddels.jtokkit.api.EncodingType;
import com.knuddels.jtokkit.api.GptBytePairEncodingParams;
import com.knuddels.jtokkit.api.IntArrayList;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Text to ids by jtokkit's byte pair encoding, which knows ranks; ids are ours. The only class that
 * touches jtokkit, so that nothing of it is loaded before the first text is encoded.
 */
final class WordPieces {

  /** GPT-2's division of text into words, which merges never cross. */
  static final String WORDS =
      "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+";

  private final Encoding encoding;

  /** Ids by rank, or null where they are the same. */
  private final int @Nullable [] ids;

  private WordPieces(Encoding encoding, int @Nullable [] ids) {
    this.encoding = encoding;
    this.ids = ids;
  }

  /** GPT-2's own, as it ships with jtokkit. */
  static WordPieces r50k() {
    return new WordPieces(
        Encodings.newLazyEncodingRegistry().getEncoding(EncodingType.R50K_BASE), null);
  }

  /** One of a vocabulary of one's own. */
  static WordPieces of(Vocabulary vocabulary) {
    int[] ids = vocabulary.idsByRank();
    Map<byte[], Integer> ranks = LinkedHashMap.newLinkedHashMap(ids.length);
    for (int rank = 0; rank < ids.length; rank++) {
      ranks.put(vocabulary.bytes(ids[rank]), rank);
    }
    String name = "vitrine";
    GptBytePairEncodingParams parameters =
        new GptBytePairEncodingParams(
            name, Pattern.compile(WORDS, Pattern.UNICODE_CHARACTER_CLASS), ranks, Map.of());
    Encoding encoding =
        Encodings.newLazyEncodingRegistry()
            .registerGptBytePairEncoding(parameters)
            .getEncoding(name)
            .orElseThrow();
    return new WordPieces(encoding, ids);
  }

  /** The ids of a text in which nothing is special. */
  int[] encode(String text) {
    int[] ranks = encoding.encodeOrdinary(Utf8.wellFormed(text)).toArray();
    if (ids != null) {
      for (int i = 0; i < ranks.length; i++) {
        ranks[i] = ids[ranks[i]];
      }
    }
    return ranks;
  }

  /** The bytes of one rank. */
  byte[] bytes(int rank) {
    IntArrayList one = new IntArrayList(1);
    one.add(rank);
    return encoding.decodeBytes(one);
  }
}
