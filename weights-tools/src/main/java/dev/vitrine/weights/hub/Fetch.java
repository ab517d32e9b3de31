package dev.vitrine.weights.hub;

import dev.vitrine.weights.Progress;
import dev.vitrine.weights.WeightsException;
import dev.vitrine.weights.hub.wire.Patience;
import dev.vitrine.weights.hub.wire.Wire;
import java.nio.file.Path;

/** One fetch of one model: the small files first, the weights last. */
final class Fetch {

  private final ModelName model;
  private final Wire wire;
  private final RemoteModel remote;
  private final CacheFolder cache;
  private final Patience patience;
  private final Progress progress;

  Fetch(
      ModelName model,
      Wire wire,
      RemoteModel remote,
      CacheFolder cache,
      Patience patience,
      Progress progress) {
    this.model = model;
    this.wire = wire;
    this.remote = remote;
    this.cache = cache;
    this.patience = patience;
    this.progress = progress;
  }

  /** The snapshot, in which every file is as published. */
  Path run() {
    RemoteModel.Listing listing = remote.list();
    String commit = listing.commit();
    String weights =
        WantedFiles.weights(listing.files())
            .filter(file -> listing.files().contains(WantedFiles.CONFIG))
            .orElseThrow(() ->
                new WeightsException(
                    model
                        + ": has no config.json with a model.safetensors or"
                        + " pytorch_model.bin; name a model in the layout of transformers"));
    WantedFiles.checkKind(model.toString(), take(commit, WantedFiles.CONFIG));
    for (String file : WantedFiles.DESCRIPTIONS) {
      if (listing.files().contains(file)) {
        take(commit, file);
      }
    }
    Path taken = take(commit, weights);
    if (WantedFiles.isIndex(weights)) {
      for (String shard : WantedFiles.shards(taken)) {
        take(commit, shard);
      }
    }
    cache.point(commit);
    return cache.snapshot(commit);
  }

  private Path take(String commit, String file) {
    PublishedFile published = remote.publish(commit, file);
    String hash = published.hash();
    Path place = cache.snapshot(commit).resolve(file);
    if (!published.is(place)) {
      try (CacheLock _ = cache.lock(hash)) {
        if (!published.is(cache.blob(hash))) {
          Path partial = cache.partial(hash);
          new Download(
                  wire,
                  remote.uri(commit, file),
                  remote.subject(file),
                  published,
                  partial,
                  progress)
              .run(patience);
          cache.accept(hash);
        }
        cache.place(commit, file, hash);
      }
    }
    progress.at(file, published.size(), published.size());
    return place;
  }
}
