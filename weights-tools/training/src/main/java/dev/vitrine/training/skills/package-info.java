/** The passages that exercise one skill each, and the prompts held out to measure it. */
@NullMarked
package dev.vitrine.training.skills;

import org.jspecify.annotations.NullMarked;
