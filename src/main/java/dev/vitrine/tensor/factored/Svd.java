package dev.vitrine.tensor.factored;

import dev.vitrine.tensor.Axis;
import dev.vitrine.tensor.Tensor;

/**
 * A singular value decomposition {@code U · diag(S) · Vᵀ}. The sign of a pair of singular vectors
 * is arbitrary.
 *
 * @param u {@code [batch …, rows, vectors]}: orthonormal directions that are read
 * @param s {@code [batch …, vectors]}: how much each is scaled, falling
 * @param v {@code [batch …, columns, vectors]}: orthonormal directions that are written
 * @param vectors the axis that counts the pairs
 */
public record Svd(Tensor u, Tensor s, Tensor v, Axis vectors) {}
