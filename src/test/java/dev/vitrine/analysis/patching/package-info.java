/** Tests of activation patching. */
@NullMarked
package dev.vitrine.analysis.patching;

import org.jspecify.annotations.NullMarked;
