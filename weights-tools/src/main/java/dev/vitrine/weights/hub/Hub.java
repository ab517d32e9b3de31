package dev.vitrine.weights.hub;

import dev.vitrine.weights.Progress;
import dev.vitrine.weights.WeightsException;
import dev.vitrine.weights.hub.CacheFolder.Linking;
import dev.vitrine.weights.hub.wire.Wire;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Models by name, such as {@code gpt2} or {@code openai-community/gpt2@main}: from the standard
 * Hugging Face cache, or from the hub into it.
 *
 * <p>Each file is checked against the hash that the hub publishes, and is in the cache whole or not
 * at all. Threads and processes may fetch the same at once.
 */
public final class Hub {

  private final HubSettings settings;
  private final Iterable<Linking> linkings;

  /** A hub with settings of one's own. */
  public Hub(HubSettings settings) {
    this(settings, List.of(Linking.SYMBOLIC, Linking.HARD));
  }

  Hub(HubSettings settings, Iterable<Linking> linkings) {
    this.settings = settings;
    this.linkings = linkings;
  }

  /**
   * The hub that the environment's variables say.
   *
   * @throws WeightsException if one of them is broken
   */
  public static Hub ofEnvironment() {
    return new Hub(HubSettings.ofEnvironment());
  }

  /** Whether a text can be a NAME or NAME@REVISION; it may be a relative path as well. */
  public static boolean isName(String text) {
    try {
      ModelName.parse(text);
      return true;
    } catch (WeightsException e) {
      return false;
    }
  }

  /**
   * The folder of a model that is in the cache with its configuration and all of its weights. The
   * network is not asked, and the files are not checked again.
   *
   * @param model NAME or NAME@REVISION
   * @throws WeightsException if it is neither, or what is there is broken
   */
  public Optional<Path> cached(String model) {
    return folder(ModelName.parse(model)).complete();
  }

  /**
   * Brings a model into the cache and gives its folder there. What is there already is checked and
   * used; what an earlier fetch left unfinished is gone on with. Offline, it is {@link #cached}.
   *
   * @param model NAME or NAME@REVISION
   * @throws WeightsException if it cannot be had; the message says why and what to do
   */
  public Path fetch(String model, Progress progress) {
    ModelName name = ModelName.parse(model);
    CacheFolder folder = folder(name);
    if (settings.offline()) {
      return folder
          .complete()
          .orElseThrow(() ->
              new WeightsException(
                  name
                      + ": is not in the cache "
                      + settings.cache()
                      + ", and this is offline; fetch it once without --offline and"
                      + " HF_HUB_OFFLINE"));
    }
    try (Wire wire =
        new Wire(
            settings.endpoint(),
            settings.token(),
            settings.proxies(),
            settings.connect(),
            settings.stall())) {
      RemoteModel remote = new RemoteModel(wire, settings.endpoint(), name, settings.patience());
      return new Fetch(name, wire, remote, folder, settings.patience(), progress).run();
    }
  }

  private CacheFolder folder(ModelName name) {
    return new CacheFolder(settings.cache(), name, linkings);
  }
}
