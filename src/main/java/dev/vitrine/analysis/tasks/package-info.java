/** What a model can do, measured: the tasks that the literature on circuits studies. */
@NullMarked
package dev.vitrine.analysis.tasks;

import org.jspecify.annotations.NullMarked;
