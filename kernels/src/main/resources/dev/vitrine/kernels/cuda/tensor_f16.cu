/* The linear layer on tensor cores with operands rounded to f16; compute capability 7.5. */
#include "contract.cuh"

#ifdef __CUDACC__
static __device__ __forceinline__ unsigned rounded(float low, float high) {
  unsigned short halves[2];
  asm("cvt.rn.f16.f32 %0, %1;" : "=h"(halves[0]) : "f"(low));
  asm("cvt.rn.f16.f32 %0, %1;" : "=h"(halves[1]) : "f"(high));
  return halves[0] | (unsigned)halves[1] << 16;
}

static __device__ __forceinline__ float widened(unsigned bits) {
  float number;
  asm("cvt.f32.f16 %0, %1;" : "=f"(number) : "h"((unsigned short)bits));
  return number;
}

/* Eight inputs at a time: m16n8k16 would need capability 8.0. */
static __device__ __forceinline__ void mma8(float (&c)[4], unsigned a0, unsigned a1, unsigned b) {
  asm volatile(
      "mma.sync.aligned.m16n8k8.row.col.f32.f16.f16.f32 "
      "{%0, %1, %2, %3}, {%4, %5}, {%6}, {%0, %1, %2, %3};"
      : "+f"(c[0]), "+f"(c[1]), "+f"(c[2]), "+f"(c[3])
      : "r"(a0), "r"(a1), "r"(b));
}

static __device__ __forceinline__ void mma(float (&c)[4], const unsigned (&a)[4],
                                           const unsigned (&b)[2]) {
  mma8(c, a[0], a[1], b[0]);
  mma8(c, a[2], a[3], b[1]);
}
#else
#define CPU_WIDENED cpu::from_f16
#define CPU_ROUNDED cpu::to_f16
#include "tensor_on_cpu.h"
#endif

#define NAMED(kernel) kernel##_f16
#include "tensor.cuh"

KERNEL(product_f16)
KERNEL(pack_f16)
KERNEL(gather_f16)
