package dev.vitrine.weights.hub.wire;

import dev.vitrine.weights.WeightsException;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Optional;

/** What a status that is no success means, and what to do about it. */
public final class Refusals {

  private Refusals() {}

  /**
   * Lets a success or a redirect pass.
   *
   * @param subject what was asked for
   * @throws Fault if the server may answer otherwise another time
   * @throws WeightsException if it refuses, or answers with a page for people
   */
  public static void check(Reply reply, String subject) throws Fault {
    int status = reply.status();
    String where = reply.host();
    switch (status) {
      case 401, 403 -> throw forbidden(reply, subject);
      case 404, 410 -> throw missing(reply, subject);
      case 407 ->
          throw new WeightsException(
              subject
                  + ": the proxy asks for a login (407); put it into HTTPS_PROXY, and start Java"
                  + " with -Djdk.http.auth.tunneling.disabledSchemes= if it has one already");
      case 429 -> throw later(reply, where + " limits the rate (429)");
      case 408, 425 -> throw new Fault(where + " took too long (" + status + ")");
      default -> {
        if (status >= 500) {
          throw later(reply, where + " is out of order (" + status + ")");
        }
        if (status < 200 || status >= 400) {
          throw new WeightsException(
              subject + ": " + where + " answers " + status + "; check the name and HF_ENDPOINT");
        }
      }
    }
    if (status < 300 && reply.page()) {
      throw new WeightsException(
          subject
              + ": "
              + where
              + " answers with a web page instead of a file; check HF_ENDPOINT,"
              + " or whether the network wants a login");
    }
  }

  private static WeightsException forbidden(Reply reply, String subject) {
    String code = reply.header("x-error-code").orElse("");
    if (code.equals("RepoNotFound")) {
      return new WeightsException(
          subject
              + ": "
              + reply.host()
              + " knows no such model ("
              + reply.status()
              + "); check the name, or set HF_TOKEN if the model is private");
    }
    return new WeightsException(
        subject
            + ": "
            + reply.host()
            + " does not give it to you ("
            + reply.status()
            + "); it is private or gated: accept its terms on its page and set HF_TOKEN to a valid"
            + " token");
  }

  private static WeightsException missing(Reply reply, String subject) {
    String what =
        switch (reply.header("x-error-code").orElse("")) {
          case "RevisionNotFound" -> "revision";
          case "EntryNotFound" -> "file";
          default -> "model, revision or file";
        };
    return new WeightsException(
        subject
            + ": "
            + reply.host()
            + " knows no such "
            + what
            + " ("
            + reply.status()
            + "); check the name and the revision");
  }

  private static Fault later(Reply reply, String message) {
    return reply
        .header("retry-after")
        .flatMap(Refusals::pause)
        .map(pause -> new Fault(message, pause))
        .orElseGet(() -> new Fault(message));
  }

  private static Optional<Duration> pause(String text) {
    if (text.matches("[0-9]{1,9}")) {
      return Optional.of(Duration.ofSeconds(Long.parseLong(text)));
    }
    try {
      Instant then = ZonedDateTime.parse(text, DateTimeFormatter.RFC_1123_DATE_TIME).toInstant();
      Duration pause = Duration.between(Instant.now(), then);
      return Optional.of(pause.isNegative() ? Duration.ZERO : pause);
    } catch (DateTimeException e) {
      return Optional.empty();
    }
  }
}
