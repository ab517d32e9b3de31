package dev.vitrine.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** A view is named as it prints. */
class ViewTest {

  @Test
  void everyViewIsNamedAsItPrints() {
    for (int bits = 0; bits < 32; bits++) {
      Set<View.Step> steps = EnumSet.noneOf(View.Step.class);
      for (View.Step step : View.Step.values()) {
        if ((bits >> steps(step) & 1) == 1) {
          steps.add(step);
        }
      }
      View view = new View(steps);
      assertThat(View.named(view.toString())).isEqualTo(view);
      assertThat(View.named(" " + view.toString().toUpperCase(Locale.ROOT))).isEqualTo(view);
    }
  }

  private static int steps(View.Step step) {
    return Arrays.asList(View.Step.values()).indexOf(step);
  }

  @Test
  void aViewThatIsNotThereIsAnswered() {
    assertThatThrownBy(() -> View.named("fold_ln,center_unembd"))
        .hasMessage("there is no view \"center_unembd\"; did you mean \"center_unembed\"?");
    assertThatThrownBy(() -> View.named("")).hasMessageContaining("there are raw, folded");
  }
}
