package dev.vitrine.cli.verbs;

import dev.vitrine.cli.terminal.Terminal;
import dev.vitrine.model.Gpt2;
import dev.vitrine.text.Tokenizer;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * Prints the text of tokens as they come. A character whose bytes lie in two tokens is printed with
 * the second.
 */
final class StreamedText {
  private final Gpt2 model;
  private final Terminal terminal;
  private final CharsetDecoder decoder =
      StandardCharsets.UTF_8
          .newDecoder()
          .onMalformedInput(CodingErrorAction.REPLACE)
          .onUnmappableCharacter(CodingErrorAction.REPLACE);
  private byte[] pending = {};
  private boolean begun;

  StreamedText(Gpt2 model, Terminal terminal) {
    this.model = model;
    this.terminal = terminal;
  }

  void token(int id) {
    Optional<Tokenizer> tokenizer = model.tokenizer();
    if (tokenizer.isPresent() && id < tokenizer.get().size()) {
      decode(tokenizer.get().bytes(id), false);
    } else {
      show((begun ? " " : "") + id);
    }
    begun = true;
    terminal.flush();
  }

  /** Prints what is left of a character that did not become whole, and a line end. */
  void end() {
    decode(new byte[0], true);
    terminal.line("");
    terminal.flush();
  }

  private void decode(byte[] more, boolean last) {
    ByteBuffer in = ByteBuffer.allocate(pending.length + more.length);
    in.put(pending).put(more).flip();
    CharBuffer out = CharBuffer.allocate(in.remaining() + 2);
    decoder.decode(in, out, last);
    if (last) {
      decoder.flush(out);
    }
    pending = new byte[in.remaining()];
    in.get(pending);
    show(out.flip().toString());
  }

  /** A model may say anything; on a terminal it may not move the cursor. */
  private void show(String text) {
    if (!terminal.interactive()) {
      terminal.write(text.getBytes(StandardCharsets.UTF_8));
      return;
    }
    StringBuilder safe = new StringBuilder();
    text.codePoints()
        .map(c -> Character.isISOControl(c) && c != '\n' && c != '\t' ? '\ufffd' : c)
        .forEach(safe::appendCodePoint);
    terminal.print(safe.toString());
  }
}
