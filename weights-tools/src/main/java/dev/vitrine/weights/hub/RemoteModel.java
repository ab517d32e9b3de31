package dev.vitrine.weights.hub;

import dev.vitrine.weights.WeightsException;
import dev.vitrine.weights.hub.wire.Patience;
import dev.vitrine.weights.hub.wire.Refusals;
import dev.vitrine.weights.hub.wire.Reply;
import dev.vitrine.weights.hub.wire.Wire;
import dev.vitrine.weights.json.JsonObject;
import java.net.URI;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;

/** What the hub says about a model. */
final class RemoteModel {

  private static final int MAX_LISTING = 1 << 24;

  private final Wire wire;
  private final URI endpoint;
  private final ModelName model;
  private final Patience patience;

  RemoteModel(Wire wire, URI endpoint, ModelName model, Patience patience) {
    this.wire = wire;
    this.endpoint = endpoint;
    this.model = model;
    this.patience = patience;
  }

  /**
   * What a revision is.
   *
   * @param commit its commit
   * @param files the names of its files, as the hub gives them
   */
  record Listing(String commit, Set<String> files) {}

  /**
   * Asks which commit the revision is and which files it has.
   *
   * @throws WeightsException if the hub knows no such model, or does not say
   */
  Listing list() {
    URI uri =
        URI.create(
            endpoint
                + "/api/models/"
                + model.name()
                + "/revision/"
                + model.revision().replace("+", "%2B").replace("/", "%2F"));
    JsonObject answer =
        patience.persist(
            model.toString(),
            () -> {
              try (Reply reply = wire.get(uri, Map.of())) {
                Refusals.check(reply, model.toString());
                return JsonObject.parse(
                    "the description of " + model + " from " + reply.host(),
                    reply.all(MAX_LISTING));
              }
            });
    String commit = answer.text("sha").orElse("");
    if (!ModelName.isCommit(commit) || (!model.moves() && !commit.equals(model.revision()))) {
      throw new WeightsException(
          answer.origin()
              + ": names no commit that is "
              + model.revision()
              + "; check HF_ENDPOINT");
    }
    Set<String> files = new LinkedHashSet<>();
    for (JsonObject sibling : answer.objects("siblings")) {
      sibling.text("rfilename").ifPresent(files::add);
    }
    return new Listing(commit, files);
  }

  /** Where a file of a commit is. Its name is one of {@link WantedFiles}. */
  URI uri(String commit, String file) {
    return URI.create(endpoint + "/" + model.name() + "/resolve/" + commit + "/" + file);
  }

  /**
   * Asks what a file is.
   *
   * @throws WeightsException if the hub does not say, or says it of another commit
   */
  PublishedFile publish(String commit, String file) {
    String subject = subject(file);
    return patience.persist(
        subject,
        () -> {
          try (Reply reply = wire.head(uri(commit, file))) {
            Refusals.check(reply, subject);
            String of = reply.along("x-repo-commit").orElse(commit);
            if (!of.equals(commit)) {
              throw new WeightsException(
                  subject
                      + ": "
                      + reply.host()
                      + " answers with another commit than "
                      + commit
                      + "; check HF_ENDPOINT");
            }
            return PublishedFile.of(subject, file, reply);
          }
        });
  }

  /** A file's name for messages. */
  String subject(String file) {
    return model + ": " + file;
  }
}
