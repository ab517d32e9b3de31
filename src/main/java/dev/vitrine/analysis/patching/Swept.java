package dev.vitrine.analysis.patching;

import dev.vitrine.tensor.Origin;
import dev.vitrine.tensor.View;
import dev.vitrine.trace.Batch;
import java.util.List;
import java.util.Optional;

/** What the result of a sweep says of itself. */
record Swept(String name, String formula, List<String> conventions, Optional<View> view)
    implements Origin {

  Swept(String name, Metric metric, Batch base, String... conventions) {
    this(
        name,
        metric.name() + ", an element for each edited run",
        List.of(conventions),
        Optional.of(base.get(0).model().view()));
  }
}
