/** JSON as configurations and headers use it, read strictly. */
@NullMarked
package dev.vitrine.weights.json;

import org.jspecify.annotations.NullMarked;
