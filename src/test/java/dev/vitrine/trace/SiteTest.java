package dev.vitrine.trace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.vitrine.golden.GoldenCase;
import dev.vitrine.weights.Config;
import dev.vitrine.weights.Gpt2Weights;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Every tensor of a GPT-2 has a name, and a wrong name is told the right one. */
class SiteTest {
  private final Config gpt2 = config("forward_a");
  private final Config attentionOnly = config("edge_attn_only");

  private static Config config(String golden) {
    try (Gpt2Weights weights =
        Gpt2Weights.open(GoldenCase.root().resolve(golden).resolve("model"))) {
      return weights.config();
    }
  }

  @Test
  void aBlockHasTwentyThreeSitesAndTheModelTwentyThreeABlockAndEight() {
    List<Site> sites = Site.all(gpt2);
    assertThat(sites.stream().filter(site -> site.layer() == 0)).hasSize(23);
    assertThat(sites).hasSize(23 * gpt2.layers() + 7).doesNotHaveDuplicates();
  }

  @Test
  void namesAliasesAndShorthandMeanOneSite() {
    assertThat(Site.of("blocks.1.attn.hook_pattern")).isEqualTo(Site.pattern(1));
    assertThat(Site.of("pattern1")).isEqualTo(Site.pattern(1));
    assertThat(Site.of("k0")).isEqualTo(Site.k(0));
    assertThat(Site.of("resid_post1")).isEqualTo(Site.residPost(1));
    assertThat(Site.of("logits")).isEqualTo(Site.logits());
    assertThat(Site.of("ln_final.output")).isEqualTo(Site.unembedIn());
    for (Site site : Site.all(gpt2)) {
      assertThat(Site.of(site.name())).isEqualTo(site);
      assertThat(Site.find(site.name(), gpt2)).isEqualTo(site);
    }
  }

  @Test
  void anUnknownNameIsAnsweredWithTheNearest() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Site.find("blocks.1.attn.hook_patern", gpt2))
        .withMessageContaining("blocks.1.attn.hook_pattern");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Site.matching("blocks.*.attn.hook_kk*", gpt2))
        .withMessageStartingWith("no site matches \"blocks.*.attn.hook_kk*\"")
        .withMessageContaining("attn.hook_k");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Site.find("blocks.9.hook_resid_pre", gpt2))
        .withMessageContaining("2 layers, 0 to 1");
  }

  @Test
  void whatAModelHasNotIsSaidWithTheReason() {
    for (String name : List.of("blocks.0.ln1.hook_scale", "ln_final.output")) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> Site.find(name, attentionOnly))
          .withMessage(name + ": the model has no layer norm");
    }
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Site.find("blocks.0.mlp.hook_post", attentionOnly))
        .withMessageContaining("attention-only");
  }

  @Test
  void aStarNamesAliasesToo() {
    assertThat(Site.matching("*", gpt2)).containsKeys("logits", "unembed.hook_out").hasSize(55);
    assertThat(Site.matching("blocks.?.hook_mlp_out", gpt2)).hasSize(2);
    assertThat(Site.matching("*", attentionOnly)).doesNotContainKey("ln_final.output");
  }

  @Test
  void parentsAreSitesOfTheModel() {
    for (Config config : List.of(gpt2, attentionOnly)) {
      List<Site> sites = Site.all(config);
      for (Site site : sites) {
        List<Site> parents = site.hook().parents(site.layer(), config);
        assertThat(sites).as(site.name()).containsAll(parents);
        assertThat(parents.isEmpty())
            .as(site.name())
            .isEqualTo(site.hook() == Hook.EMBED || site.hook() == Hook.POS_EMBED);
        assertThat(parents.stream().map(sites::indexOf))
            .as(site.name())
            .allMatch(place -> place < sites.indexOf(site));
      }
    }
  }
}
