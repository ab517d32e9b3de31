/** What the analyses promise. */
@NullMarked
package dev.vitrine.analysis;

import org.jspecify.annotations.NullMarked;
