/** Flags that several verbs share. */
@NullMarked
package dev.vitrine.cli.options;

import org.jspecify.annotations.NullMarked;
