/** What a terminal can show: its width, colours and characters. */
@NullMarked
package dev.vitrine.cli.terminal;

import org.jspecify.annotations.NullMarked;
