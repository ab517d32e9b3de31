/** What edits promise to those who write them. */
@NullMarked
package dev.vitrine.trace.edit;

import org.jspecify.annotations.NullMarked;
