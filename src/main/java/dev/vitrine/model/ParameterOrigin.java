package dev.vitrine.model;

import dev.vitrine.tensor.Origin;
import dev.vitrine.tensor.View;
import java.util.List;
import java.util.Optional;

/** What a weight says of itself. */
record ParameterOrigin(String name, View of) implements Origin {

  @Override
  public List<String> conventions() {
    return List.of("a weight", of.convention());
  }

  @Override
  public Optional<View> view() {
    return Optional.of(of);
  }
}
