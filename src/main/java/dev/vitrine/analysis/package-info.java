/** What one reads out of a trace: lenses, attributions, and where the heads look. */
@NullMarked
package dev.vitrine.analysis;

import org.jspecify.annotations.NullMarked;
