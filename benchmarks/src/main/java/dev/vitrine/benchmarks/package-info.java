/** What it costs to run a model, measured by JMH. */
@NullMarked
package dev.vitrine.benchmarks;

import org.jspecify.annotations.NullMarked;
