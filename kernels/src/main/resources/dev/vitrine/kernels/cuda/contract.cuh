/*
 * What kernels share: the functions and sums of kernels/CONTRACT.md, and the softmax of a row.
 *
 * One source, two compilers. NVRTC or nvcc makes the PTX that ships, a C++ compiler the build that
 * the tests run on the processor. Both are told not to contract (-fmad=false, -ffp-contract=off):
 * a fused multiply-add stands where __fmaf_rn does, and nowhere else. Division and square root are
 * those of IEEE 754, which is what both compilers make of them unless told otherwise.
 */
#pragma once
#ifndef __CUDACC__
#include "cuda_on_cpu.h"
#endif

#ifdef __CUDACC__
#define UNROLL _Pragma("unroll")
#define KERNEL(name) /* the driver finds a kernel by its name in the PTX */
#endif

#define THREADS 128 /* of a block, wherever one works on a row */
#define CHUNK 2048  /* exponentials at once; a multiple of 16, so that a column keeps its lane */

#define MINUS_INFINITY __int_as_float(0xff800000)

/* ---- functions */

static __device__ __forceinline__ float power_of_two(int n) { return __int_as_float((n + 127) << 23); }

static __device__ __forceinline__ float exp_low(float x, float low) {
  float c = x < -104.0f ? -104.0f : x;
  c = c > 89.0f ? 89.0f : c;
  float t = __fmaf_rn(c, 0x1.715476p0f, 12582912.0f);
  // unsigned, as the bits of a NaN may overflow
  int n = (int)((unsigned)__float_as_int(t) - 0x4B400000u);
  float f = t - 12582912.0f;
  float r = __fmaf_rn(f, -0x1.62e430p-1f, c);
  r = __fmaf_rn(f, 0x1.05c610p-29f, r);
  r = r + low;
  float p = __fmaf_rn(0x1.6a234cp-10f, r, 0x1.123a6cp-7f);
  p = __fmaf_rn(p, r, 0x1.5558f4p-5f);
  p = __fmaf_rn(p, r, 0x1.555490p-3f);
  p = __fmaf_rn(p, r, 0x1.fffffcp-2f);
  p = __fmaf_rn(p, r, 1.0f);
  p = __fmaf_rn(p, r, 1.0f);
  int half = n >> 1;
  return p * power_of_two(half) * power_of_two(n - half);
}

static __device__ __forceinline__ float exp_(float x) { return exp_low(x, 0.0f); }

static __device__ __forceinline__ float sigmoid(float x) {
  float e = exp_(-fabsf(x));
  return (x >= 0 ? 1.0f : e) / (1.0f + e);
}

static __device__ __forceinline__ float tanh_(float x) {
  float a = fabsf(x);
  float z = a * a;
  float p = __fmaf_rn(-0x1.76ac1ap-8f, z, 0x1.5256d8p-6f);
  p = __fmaf_rn(p, z, -0x1.b84448p-5f);
  p = __fmaf_rn(p, z, 0x1.110768p-3f);
  p = __fmaf_rn(p, z, -0x1.555534p-2f);
  float small = __fmaf_rn(a * z, p, a);
  float large = 1.0f - 2.0f / (exp_(2.0f * a) + 1.0f);
  return copysignf(a < 0.625f ? small : large, x);
}

/* erfc(a/√2)/2 for a ≥ 0. */
static __device__ __forceinline__ float tail(float a) {
  float b = a > 15.0f ? 15.0f : a;
  float s = b * b;
  float low = __fmaf_rn(b, b, -s);
  float t = 1.0f / (b + 4.0f);
  float q = __fmaf_rn(b + b, t, -1.0f);
  float p = __fmaf_rn(-0x1.15bb7ap-13f, q, 0x1.7612d4p-13f);
  p = __fmaf_rn(p, q, 0x1.9b7566p-10f);
  p = __fmaf_rn(p, q, -0x1.cc55ccp-9f);
  p = __fmaf_rn(p, q, -0x1.ed289ep-8f);
  p = __fmaf_rn(p, q, 0x1.eed3e0p-5f);
  p = __fmaf_rn(p, q, -0x1.7e0006p-3f);
  p = __fmaf_rn(p, q, 0x1.8c6d9ep-2f);
  p = __fmaf_rn(p, q, -0x1.373e38p-1f);
  p = __fmaf_rn(p, q, 0x1.82b4bcp-1f);
  return p * t * exp_low(-0.5f * s, -0.5f * low);
}

/* log x for x ≥ 1; a NaN stays. */
static __device__ __forceinline__ float log_(float x) {
  if (!(x >= 1.0f)) return x;
  int bits = __float_as_int(x);
  int k = (bits - 0x3F3504F3) >> 23;
  float f = __int_as_float(bits - k * (1 << 23)) - 1.0f;
  float s = f / (2.0f + f);
  float z = s * s;
  float p = __fmaf_rn(0x1.32063ap-2f, z, 0x1.995d84p-2f);
  p = __fmaf_rn(p, z, 0x1.55557cp-1f);
  p = __fmaf_rn(p, z, 2.0f);
  return __fmaf_rn((float)k, 0x1.62e430p-1f, s * p);
}

/* ---- sums over a row: 16 partial sums, in the 16 lanes of half a warp */

/* Every lane of a half warp gets the folded sum. An exchange gives both lanes s[i] + s[i + 8], then
 * + s[i + 4] and so on: the contract's tree, as an addition's operands may change places. All 32
 * lanes must call it together. */
static __device__ __forceinline__ float fold(float partial) {
  for (int half = 8; half >= 1; half /= 2)
    partial = partial + __shfl_xor_sync(0xffffffffu, partial, half);
  return partial;
}

/* The greatest number of a half warp, where a NaN is none. */
static __device__ __forceinline__ float fold_greatest(float max) {
  for (int half = 8; half >= 1; half /= 2) {
    float other = __shfl_xor_sync(0xffffffffu, max, half);
    max = other > max ? other : max;
  }
  return max;
}

/* ---- the softmax of a row, by a block of threads */

/* The greatest number of a row, for every thread of the block. */
static __device__ float greatest_of_row(const float* x, int n) {
  __shared__ float half_warps[THREADS / 16];
  float max = MINUS_INFINITY;
  for (int c = threadIdx.x; c < n; c += THREADS) max = x[c] > max ? x[c] : max;
  max = fold_greatest(max);
  if (threadIdx.x % 16 == 0) half_warps[threadIdx.x / 16] = max;
  __syncthreads();
  for (int i = 0; i < THREADS / 16; i++) max = half_warps[i] > max ? half_warps[i] : max;
  return max;
}

/* Σ exp(x[c] - max), for every thread of the block: all of them compute, 16 add. */
static __device__ float sum_of_exponentials(const float* x, int n, float max) {
  __shared__ float chunk[CHUNK];
  __shared__ float folded;
  float partial = 0.0f;
  for (int from = 0; from < n; from += CHUNK) {
    int count = n - from < CHUNK ? n - from : CHUNK;
    for (int i = threadIdx.x; i < count; i += THREADS) chunk[i] = exp_(x[from + i] - max);
    __syncthreads();
    if (threadIdx.x < 16) {
      UNROLL
      for (int i = threadIdx.x; i < count; i += 16) partial = partial + chunk[i];
    }
    __syncthreads(); /* before the next chunk overwrites this one */
  }
  if (threadIdx.x < 32) {
    partial = fold(partial);
    if (threadIdx.x == 0) folded = partial;
  }
  __syncthreads();
  return folded;
}

/* to may be from: every thread rewrites what it alone still reads. */
static inline __device__ void softmax_of_row(const float* from, float* to, int n) {
  float max = greatest_of_row(from, n);
  float sum = sum_of_exponentials(from, n, max);
  for (int c = threadIdx.x; c < n; c += THREADS) to[c] = exp_(from[c] - max) / sum;
}
