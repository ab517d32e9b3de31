package dev.vitrine.weights.hub;

import dev.vitrine.weights.Progress;
import dev.vitrine.weights.WeightsException;
import dev.vitrine.weights.hub.wire.Fault;
import dev.vitrine.weights.hub.wire.Patience;
import dev.vitrine.weights.hub.wire.Refusals;
import dev.vitrine.weights.hub.wire.Reply;
import dev.vitrine.weights.hub.wire.Wire;
import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Brings one file into its part's place, goes on where an earlier attempt broke off, checks it. */
final class Download {

  private static final int PIECE = 1 << 16;

  /** So much more than before is reason to go on: a server that gives a byte a time is not. */
  private static final long WORTH = 1 << 20;

  /** How often the whole file may be wrong: the first time, an old part may be the reason. */
  private static final int MAX_WRONG = 2;

  private static final Pattern RANGE =
      Pattern.compile("bytes ([0-9]{1,18})-([0-9]{1,18})/([0-9]{1,18}|\\*)");

  private final Wire wire;
  private final URI uri;
  private final String subject;
  private final PublishedFile file;
  private final Path partial;
  private final Progress progress;
  private @Nullable String validator;

  Download(
      Wire wire, URI uri, String subject, PublishedFile file, Path partial, Progress progress) {
    this.wire = wire;
    this.uri = uri;
    this.subject = subject;
    this.file = file;
    this.partial = partial;
    this.progress = progress;
  }

  /**
   * Leaves the whole file in the part's place.
   *
   * @throws WeightsException if it cannot be had; a part that may be right stays
   */
  void run(Patience patience) {
    Patience.Count count = patience.new Count(subject);
    long best = length();
    int wrong = 0;
    while (true) {
      try {
        receive();
        if (file.is(partial)) {
          return;
        }
        discard();
        wrong++;
        throw new Fault(
            "the bytes from "
                + uri.getHost()
                + " are not those published (their hash is wrong), and were thrown away");
      } catch (Fault fault) {
        if (wrong >= MAX_WRONG) {
          throw new WeightsException(
              subject + ": " + fault.line() + "; check HF_ENDPOINT and the proxy", fault);
        }
        if (length() >= best + WORTH) {
          best = length();
          count.achieved();
        }
        count.failed(fault);
      }
    }
  }

  private void receive() throws Fault {
    if (length() > file.size()) {
      discard();
    }
    long have = length();
    if (have == file.size() && Files.exists(partial)) {
      return;
    }
    checkRoom(have);
    Map<String, String> headers = new LinkedHashMap<>();
    if (have > 0) {
      headers.put("Range", "bytes=" + have + "-");
      if (validator != null) {
        headers.put("If-Range", validator);
      }
    }
    try (Reply reply = wire.get(uri, headers)) {
      if (reply.status() == 416) {
        discard();
        throw new Fault(reply.host() + " has no such range (416)");
      }
      Refusals.check(reply, subject);
      long offset = offset(reply, have);
      checkLength(reply, offset);
      write(reply, offset);
    }
  }

  /** Where the reply's bytes belong: at the start, or behind those that are here. */
  private long offset(Reply reply, long have) throws Fault {
    @Nullable String tag = reply.header("etag").filter(text -> text.startsWith("\"")).orElse(null);
    boolean changed = have > 0 && validator != null && tag != null && !validator.equals(tag);
    validator = tag;
    if (reply.status() == 200) {
      return 0;
    }
    Matcher range = RANGE.matcher(reply.header("content-range").orElse(""));
    boolean asked =
        reply.status() == 206
            && have > 0
            && !changed
            && range.matches()
            && Long.parseLong(range.group(1)) == have
            && Long.parseLong(range.group(2)) == file.size() - 1
            && (range.group(3).equals("*") || Long.parseLong(range.group(3)) == file.size());
    if (!asked) {
      discard();
      throw new Fault(reply.host() + " answers with another range than was asked for");
    }
    return have;
  }

  private void checkLength(Reply reply, long offset) throws Fault {
    OptionalLong length = Reply.length(reply.header("content-length"));
    if (length.isPresent() && length.getAsLong() != file.size() - offset) {
      throw new Fault(
          reply.host()
              + " announces "
              + length.getAsLong()
              + " bytes, but "
              + (file.size() - offset)
              + " of the published "
              + file.size()
              + " are wanted");
    }
  }

  private void checkRoom(long have) {
    long room;
    try {
      Files.createDirectories(partial.getParent());
      room = Files.getFileStore(partial.getParent()).getUsableSpace();
    } catch (IOException e) {
      throw CacheFolder.unwritable(partial, e);
    }
    // Some file systems do not know, and say 0.
    if (room > 0 && room < file.size() - have) {
      throw new WeightsException(
          subject
              + ": needs "
              + (file.size() - have)
              + " bytes, but "
              + partial.getParent()
              + " has room for "
              + room
              + "; make room or set HF_HUB_CACHE to another disk");
    }
  }

  private void write(Reply reply, long offset) throws Fault {
    byte[] piece = new byte[PIECE];
    long done = offset;
    try (FileChannel out = open(offset)) {
      progress.at(file.file(), done, file.size());
      for (int count = reply.read(piece); count >= 0; count = reply.read(piece)) {
        if (count > file.size() - done) {
          discard();
          throw new Fault(
              reply.host() + " sends more than the published " + file.size() + " bytes");
        }
        append(out, ByteBuffer.wrap(piece, 0, count));
        done += count;
        progress.at(file.file(), done, file.size());
      }
      if (done == file.size()) {
        out.force(true);
      }
    } catch (Fault fault) {
      throw fault;
    } catch (ClosedByInterruptException e) {
      throw new WeightsException("the fetch was interrupted; fetch again to go on", e);
    } catch (IOException e) {
      throw CacheFolder.unwritable(partial, e);
    }
    if (done < file.size()) {
      throw new Fault(reply.host() + " broke off after " + done + " of " + file.size() + " bytes");
    }
  }

  private FileChannel open(long offset) throws IOException {
    FileChannel out =
        FileChannel.open(partial, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    out.truncate(offset);
    out.position(offset);
    return out;
  }

  private static void append(FileChannel out, ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      out.write(bytes);
    }
  }

  private long length() {
    try {
      return Files.exists(partial) ? Files.size(partial) : 0;
    } catch (IOException e) {
      throw new WeightsException(partial + ": cannot be read (" + e.getMessage() + ")", e);
    }
  }

  private void discard() {
    validator = null;
    try {
      Files.deleteIfExists(partial);
    } catch (IOException e) {
      throw CacheFolder.unwritable(partial, e);
    }
  }
}
