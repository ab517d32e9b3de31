package dev.vitrine.weights.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.vitrine.weights.WeightsException;
import dev.vitrine.weights.hub.wire.Proxies;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The variables of Hugging Face's own tools mean here what they mean there. */
class HubSettingsTest {

  @TempDir Path user;

  @Test
  void theCacheIsWhereHuggingFacePutsIt() {
    assertThat(cache(Map.of())).isEqualTo(user.resolve(".cache/huggingface/hub"));
    assertThat(cache(Map.of("XDG_CACHE_HOME", "/x"))).isEqualTo(Path.of("/x/huggingface/hub"));
    assertThat(cache(Map.of("XDG_CACHE_HOME", "/x", "HF_HOME", "~/h")))
        .isEqualTo(user.resolve("h/hub"));
    assertThat(cache(Map.of("HF_HOME", "/h", "HF_HUB_CACHE", "/c"))).isEqualTo(Path.of("/c"));
  }

  private Path cache(Map<String, String> environment) {
    return HubSettings.of(environment, user).cache();
  }

  @Test
  void theTokenIsFoundAndHidden() throws Exception {
    assertThat(HubSettings.of(Map.of(), user).token()).isEmpty();
    Path file = user.resolve(".cache/huggingface/token");
    Files.createDirectories(file.getParent());
    Files.writeString(file, "hf_file\n");
    HubSettings settings = HubSettings.of(Map.of(), user);
    assertThat(settings.token()).isPresent();
    assertThat(settings.toString()).contains("hidden").doesNotContain("hf_file");
    assertThat(HubSettings.of(Map.of("HF_HUB_DISABLE_IMPLICIT_TOKEN", "1"), user).token())
        .isEmpty();
    assertThatThrownBy(() -> HubSettings.of(Map.of("HF_TOKEN", "hf_a\nb"), user))
        .isInstanceOf(WeightsException.class)
        .hasMessageContaining("HF_TOKEN")
        .hasMessageNotContaining("hf_a");
  }

  @Test
  void offlineIsAWord() {
    assertThat(HubSettings.of(Map.of("HF_HUB_OFFLINE", "Yes"), user).offline()).isTrue();
    assertThat(HubSettings.of(Map.of("HF_HUB_OFFLINE", "0"), user).offline()).isFalse();
  }

  @Test
  void aMirrorIsASetting() {
    HubSettings settings =
        HubSettings.of(Map.of("HF_ENDPOINT", "https://mirror.example/hf/"), user);
    assertThat(settings.endpoint()).isEqualTo(URI.create("https://mirror.example/hf"));
    assertThat(HubSettings.of(Map.of(), user).endpoint().getScheme()).isEqualTo("https");
  }

  @ParameterizedTest
  @ValueSource(strings = {"mirror", "ftp://a", "https://", "https://me:word@a", "https://a/?word"})
  void aMirrorThatIsNoneIsRefusedUnsaid(String endpoint) {
    assertThatThrownBy(() -> HubSettings.of(Map.of("HF_ENDPOINT", endpoint), user))
        .isInstanceOf(WeightsException.class)
        .hasMessageNotContaining("word");
  }

  @ParameterizedTest
  @CsvSource({
    "https://hub.example/x, true",
    "http://hub.example/x, false",
    "https://in.example/x, false",
    "https://a.in.example/x, false",
    "https://begin.example/x, true",
    "https://a.dot.example/x, false",
    "https://127.0.0.1:80/x, false"
  })
  void theProxyIsUsedButForItsExceptions(URI uri, boolean used) {
    Proxies proxies =
        Proxies.of(
            Map.of(
                "HTTPS_PROXY", "http://me:word@proxy.example:3128",
                "no_proxy", "in.example, .dot.example,127.0.0.1"));
    Proxy proxy = proxies.select(uri).getFirst();
    assertThat(proxy.type()).isEqualTo(used ? Proxy.Type.HTTP : Proxy.Type.DIRECT);
    if (used) {
      assertThat(((InetSocketAddress) proxy.address()).getPort()).isEqualTo(3128);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"socks5://word@a:1", "http://", "http://a b word"})
  void aProxyThatIsNoneIsRefusedUnsaid(String text) {
    assertThatThrownBy(() -> Proxies.of(Map.of("HTTPS_PROXY", text)))
        .isInstanceOf(WeightsException.class)
        .hasMessageContaining("HTTPS_PROXY")
        .hasMessageNotContaining("word");
  }
}
