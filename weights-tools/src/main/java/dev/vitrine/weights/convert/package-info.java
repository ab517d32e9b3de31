/** From any checkpoint that is read to the formats that others read. */
@NullMarked
package dev.vitrine.weights.convert;

import org.jspecify.annotations.NullMarked;
