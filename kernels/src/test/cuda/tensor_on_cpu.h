/*
 * The tensor cores' instruction for a C++ compiler: the lanes of a warp lay their fragments down,
 * and each adds up its own four elements. Which lane holds what follows the PTX ISA, "Matrix
 * fragments for mma.m16n8k16". In what order, and how exactly, the hardware adds is not written
 * anywhere: here it is k by k in f32, so that bits made here say nothing about a GPU's.
 *
 * Whoever includes this says what the 16 bits are: CPU_WIDENED and CPU_ROUNDED.
 */
#pragma once
#include "cuda_on_cpu.h"

namespace cpu {

inline float from_bf16(unsigned bits) { return __int_as_float(bits << 16); }

/* The nearest, the even one of two. */
inline unsigned to_bf16(float x) {
  unsigned bits = __float_as_int(x);
  return x != x ? 0x7fff : (bits + 0x7fff + (bits >> 16 & 1)) >> 16;
}

inline float from_f16(unsigned bits) {
  unsigned short half = bits;
  _Float16 number;
  memcpy(&number, &half, 2);
  return (float)number;
}

inline unsigned to_f16(float x) {
  _Float16 number = (_Float16)x;
  unsigned short half;
  memcpy(&half, &number, 2);
  return half;
}

}  // namespace cpu

static inline float widened(unsigned bits) { return CPU_WIDENED(bits); }

static inline unsigned rounded(float low, float high) {
  return CPU_ROUNDED(low) | CPU_ROUNDED(high) << 16;
}

static inline float number_of(unsigned word, int k) {
  return widened(k % 2 ? word >> 16 : word & 0xffff);
}

static inline void mma(float (&c)[4], const unsigned (&a)[4], const unsigned (&b)[2]) {
  static struct {
    unsigned a[32][4], b[32][2];
  } warps[32];
  auto& all = warps[cpu::running->linear / 32];
  int lane = cpu::lane();
  memcpy(all.a[lane], a, sizeof a);
  memcpy(all.b[lane], b, sizeof b);
  cpu::shuffle(0xffffffffu, 0, lane); /* until all have laid theirs down */
  for (int i = 0; i < 4; i++) {
    int row = lane / 4 + i / 2 * 8, column = lane % 4 * 2 + i % 2;
    for (int k = 0; k < 16; k++) {
      int pair = k % 8 / 2; /* four neighbouring lanes have two of eight inputs each */
      unsigned left = all.a[row % 8 * 4 + pair][k / 8 * 2 + row / 8];
      unsigned right = all.b[column * 4 + pair][k / 8];
      c[i] += number_of(left, k) * number_of(right, k);
    }
  }
  cpu::shuffle(0xffffffffu, 0, lane); /* until all have read */
}
