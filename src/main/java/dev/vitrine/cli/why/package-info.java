/** Why a logit is what it is, on the command line. */
@NullMarked
package dev.vitrine.cli.why;

import org.jspecify.annotations.NullMarked;
