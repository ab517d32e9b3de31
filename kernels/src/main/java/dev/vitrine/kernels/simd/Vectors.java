package dev.vitrine.kernels.simd;

import static dev.vitrine.kernels.f32.Functions.*;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/** {@link dev.vitrine.kernels.f32.Functions} on vectors, operation by operation. */
final class Vectors {
  /** What the machine prefers, but at least 4 lanes and at most the 16 that sums are kept in. */
  static final VectorSpecies<Float> SPECIES = species();

  static final int LANES = SPECIES.length();

  private Vectors() {}

  private static VectorSpecies<Float> species() {
    VectorSpecies<Float> preferred = FloatVector.SPECIES_PREFERRED;
    if (preferred.length() > 16) {
      return FloatVector.SPECIES_512;
    }
    return preferred.length() < 4 ? FloatVector.SPECIES_128 : preferred;
  }

  private static FloatVector all(float value) {
    return FloatVector.broadcast(SPECIES, value);
  }

  static FloatVector exp(FloatVector x) {
    FloatVector c = x.blend(EXP_MIN, x.compare(VectorOperators.LT, EXP_MIN));
    return expOfClamped(c.blend(EXP_MAX, c.compare(VectorOperators.GT, EXP_MAX)));
  }

  /** exp(x) for x in [EXP_MIN, EXP_MAX] or NaN. */
  private static FloatVector expOfClamped(FloatVector c) {
    FloatVector t = c.fma(all(LOG2_E), all(ROUNDER));
    return power(t, reduced(c, t));
  }

  private static FloatVector reduced(FloatVector c, FloatVector t) {
    FloatVector f = t.sub(ROUNDER);
    FloatVector r = f.fma(all(-LN2_HIGH), c);
    return f.fma(all(-LN2_LOW), r);
  }

  /** exp(r) · 2ⁿ, where n is t's rounded value. */
  private static FloatVector power(FloatVector t, FloatVector r) {
    FloatVector p = all(E6).fma(r, all(E5));
    p = p.fma(r, all(E4));
    p = p.fma(r, all(E3));
    p = p.fma(r, all(E2));
    p = p.fma(r, all(1f));
    p = p.fma(r, all(1f));
    IntVector n = t.reinterpretAsInts().sub(ROUNDER_BITS);
    IntVector half = n.lanewise(VectorOperators.ASHR, 1);
    return p.mul(powerOfTwo(half)).mul(powerOfTwo(n.sub(half)));
  }

  private static FloatVector powerOfTwo(IntVector n) {
    return n.add(127).lanewise(VectorOperators.LSHL, 23).reinterpretAsFloats();
  }

  static FloatVector sigmoid(FloatVector x) {
    FloatVector e = exp(x.abs().neg());
    FloatVector numerator = e.blend(1f, x.compare(VectorOperators.GE, 0f));
    return numerator.div(e.add(1f));
  }

  static FloatVector tanh(FloatVector x) {
    FloatVector a = x.abs();
    FloatVector z = a.mul(a);
    FloatVector p = all(T4).fma(z, all(T3));
    p = p.fma(z, all(T2));
    p = p.fma(z, all(T1));
    p = p.fma(z, all(T0));
    FloatVector small = a.mul(z).fma(p, a);
    FloatVector large = all(1f).sub(all(2f).div(exp(a.mul(2f)).add(1f)));
    FloatVector magnitude = large.blend(small, a.compare(VectorOperators.LT, TANH_SMALL));
    IntVector sign = x.reinterpretAsInts().and(Integer.MIN_VALUE);
    return magnitude.reinterpretAsInts().or(sign).reinterpretAsFloats();
  }

  static FloatVector geluByTanh(FloatVector x) {
    FloatVector w = all(GELU_B).fma(x.mul(x), all(GELU_A));
    return x.mul(sigmoid(x.mul(w)));
  }

  /** exp(-x²/2), the first half of the tail, to nearly full precision: x² is kept in two parts. */
  static FloatVector bell(FloatVector x) {
    FloatVector b = clampedTail(x);
    FloatVector s = b.mul(b);
    FloatVector low = b.fma(b, s.neg());
    FloatVector y = s.mul(-0.5f);
    FloatVector c = y.blend(EXP_MIN, y.compare(VectorOperators.LT, EXP_MIN));
    FloatVector t = c.fma(all(LOG2_E), all(ROUNDER));
    return power(t, reduced(c, t).add(low.mul(-0.5f)));
  }

  /** x Φ(x), given {@link #bell} of x. */
  static FloatVector gelu(FloatVector x, FloatVector bell) {
    FloatVector b = clampedTail(x);
    FloatVector t = all(1f).div(b.add(4f));
    FloatVector q = b.add(b).fma(t, all(-1f));
    FloatVector p = all(Q9).fma(q, all(Q8));
    p = p.fma(q, all(Q7));
    p = p.fma(q, all(Q6));
    p = p.fma(q, all(Q5));
    p = p.fma(q, all(Q4));
    p = p.fma(q, all(Q3));
    p = p.fma(q, all(Q2));
    p = p.fma(q, all(Q1));
    p = p.fma(q, all(Q0));
    FloatVector tail = p.mul(t).mul(bell);
    return x.mul(all(1f).sub(tail).blend(tail, x.compare(VectorOperators.LT, 0f)));
  }

  private static FloatVector clampedTail(FloatVector x) {
    FloatVector a = x.abs();
    return a.blend(TAIL_MAX, a.compare(VectorOperators.GT, TAIL_MAX));
  }

  static FloatVector quickGelu(FloatVector x) {
    return x.mul(sigmoid(x.mul(1.702f)));
  }

  static FloatVector silu(FloatVector x) {
    return x.mul(sigmoid(x));
  }

  static FloatVector relu(FloatVector x) {
    return x.blend(0f, x.compare(VectorOperators.LE, 0f));
  }
}
