package dev.vitrine.text;

import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The tokens of a byte-level BPE, checked: ids without a gap, every byte a token, every merge made
 * of what earlier merges made, and nothing that jtokkit would join differently (see {@link
 * MergeTable}). Ids may lie in any order: the merges' order alone is the rank.
 */
final class Vocabulary {

  static final String END_OF_TEXT = "<|endoftext|>";

  /** GPT-2's longest token has 128 bytes. The check of a token takes the square of its length. */
  private static final int LONGEST = 1024;

  /** Two neighbouring tokens that become one, as the files write them. */
  record Merge(String left, String right) {}

  /** What the files say, unchecked. Added tokens are never found by merging. */
  record Listing(
      String source, Map<String, Integer> tokens, List<Merge> merges, Map<String, Integer> added) {}

  private final String source;
  private final Map<String, Integer> special = new LinkedHashMap<>();
  private final byte[][] bytes;
  private final int[] ids;

  private Vocabulary(Listing listing) {
    source = listing.source();
    String[] pieces = pieces(listing);
    bytes = new byte[pieces.length][];
    ids = new int[MergeTable.BYTES + listing.merges().size()];
    Map<String, Integer> ranks = HashMap.newHashMap(ids.length);
    rankBytes(listing.tokens(), ranks);
    checkMerges(rankMerges(listing, ranks));
    special.putAll(listing.added());
    Integer endOfText = listing.tokens().get(END_OF_TEXT);
    if (endOfText != null) {
      special.put(END_OF_TEXT, endOfText);
    }
    for (int id = 0; id < pieces.length; id++) {
      if (bytes[id] == null) {
        byte[] spelt = special.containsKey(pieces[id]) ? null : ByteAlphabet.bytes(pieces[id]);
        bytes[id] = spelt != null ? spelt : ByteAlphabet.literal(pieces[id]);
      }
    }
  }

  /** Checks a listing, or throws one line. */
  static Vocabulary of(Listing listing) {
    return new Vocabulary(listing);
  }

  /** The tokens by id: 0 … n - 1, each once. */
  private String[] pieces(Listing listing) {
    Map<String, Integer> all = new LinkedHashMap<>(listing.tokens());
    for (Map.Entry<String, Integer> token : listing.added().entrySet()) {
      Integer other = all.put(token.getKey(), token.getValue());
      if (other != null && !other.equals(token.getValue())) {
        throw error(
            "token %s has two ids, %d and %d"
                .formatted(Quote.of(token.getKey()), other, token.getValue()));
      }
    }
    String[] pieces = new String[all.size()];
    for (Map.Entry<String, Integer> token : all.entrySet()) {
      int id = token.getValue();
      if (id < 0 || id >= pieces.length) {
        throw error(
            "the ids of %d tokens are not 0 … %d: %s has id %d"
                .formatted(pieces.length, pieces.length - 1, Quote.of(token.getKey()), id));
      }
      if (pieces[id] != null) {
        throw error(
            "id %d belongs to both %s and %s"
                .formatted(id, Quote.of(pieces[id]), Quote.of(token.getKey())));
      }
      pieces[id] = token.getKey();
    }
    return pieces;
  }

  private void rankBytes(Map<String, Integer> tokens, Map<String, Integer> ranks) {
    for (int b = 0; b < MergeTable.BYTES; b++) {
      String piece = String.valueOf(ByteAlphabet.character(b));
      Integer id = tokens.get(piece);
      if (id == null) {
        throw error(
            "no token for byte 0x%02x (%s): GPT-2's kind of vocabulary has all 256 bytes"
                .formatted(b, Quote.of(piece)));
      }
      ranks.put(piece, b);
      ids[b] = id;
      bytes[id] = new byte[] {(byte) b};
    }
  }

  private MergeTable rankMerges(Listing listing, Map<String, Integer> ranks) {
    MergeTable table = new MergeTable(listing.merges().size());
    int rank = MergeTable.BYTES;
    for (Merge merge : listing.merges()) {
      String piece = merge.left() + merge.right();
      Integer id = listing.tokens().get(piece);
      if (id == null) {
        throw error("%s makes %s, which is no token".formatted(name(merge, rank), Quote.of(piece)));
      }
      if (ranks.putIfAbsent(piece, rank) != null) {
        throw error(
            "%s makes %s, which was made before".formatted(name(merge, rank), Quote.of(piece)));
      }
      table.add(rank(merge, merge.left(), rank, ranks), rank(merge, merge.right(), rank, ranks));
      ids[rank] = id;
      bytes[id] = spelt(merge, piece, rank);
      rank++;
    }
    return table;
  }

  private int rank(Merge merge, String part, int before, Map<String, Integer> ranks) {
    Integer rank = ranks.get(part);
    if (rank == null || rank >= before) {
      throw error(
          "%s uses %s, which no earlier merge makes"
              .formatted(name(merge, before), Quote.of(part)));
    }
    return rank;
  }

  private byte[] spelt(Merge merge, String piece, int rank) {
    byte[] spelt = ByteAlphabet.bytes(piece);
    if (spelt == null) {
      throw error(name(merge, rank) + " has a character that stands for no byte");
    }
    if (spelt.length > LONGEST) {
      throw error(
          "%s makes a token of %d bytes; at most %d are accepted"
              .formatted("merge " + (rank - MergeTable.BYTES + 1), spelt.length, LONGEST));
    }
    return spelt;
  }

  private static String name(Merge merge, int rank) {
    return "merge %d (%s + %s)"
        .formatted(rank - MergeTable.BYTES + 1, Quote.of(merge.left()), Quote.of(merge.right()));
  }

  private void checkMerges(MergeTable table) {
    for (int rank = MergeTable.BYTES; rank < ids.length; rank++) {
      int[] merged = table.merge(bytes[ids[rank]]);
      if (merged.length != 1) {
        throw error(
            "token %s cannot arise: its own bytes merge to %d tokens, so the merges are out of order"
                .formatted(Quote.of(Utf8.decode(bytes[ids[rank]])), merged.length));
      }
    }
  }

  /** How many tokens there are. */
  int size() {
    return bytes.length;
  }

  /** The bytes of a token; not a copy. */
  byte[] bytes(int id) {
    return bytes[id];
  }

  /** Ids by rank: those of the 256 bytes, then those of the merges' products. */
  int[] idsByRank() {
    return Arrays.copyOf(ids, ids.length);
  }

  /** Tokens that merging never makes out of text, by what is written for them. */
  Map<String, Integer> special() {
    return special;
  }

  private TokenizerException error(String message) {
    return new TokenizerException(source + ": " + message);
  }
}
