/* The linear layer on tensor cores with operands rounded to bf16; compute capability 8.0. */
#include "contract.cuh"

#ifdef __CUDACC__
static __device__ __forceinline__ unsigned rounded(float low, float high) {
  unsigned word;
  asm("cvt.rn.bf16x2.f32 %0, %1, %2;" : "=r"(word) : "f"(high), "f"(low));
  return word;
}

static __device__ __forceinline__ void mma(float (&c)[4], const unsigned (&a)[4],
                                           const unsigned (&b)[2]) {
  asm volatile(
      "mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 "
      "{%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, %3};"
      : "+f"(c[0]), "+f"(c[1]), "+f"(c[2]), "+f"(c[3])
      : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]));
}

static __device__ __forceinline__ float widened(unsigned bits) {
  return __int_as_float(bits << 16);
}
#else
#define CPU_WIDENED cpu::from_bf16
#define CPU_ROUNDED cpu::to_bf16
#include "tensor_on_cpu.h"
#endif

#define NAMED(kernel) kernel##_bf16
#include "tensor.cuh"

KERNEL(product_bf16)
KERNEL(pack_bf16)
KERNEL(gather_bf16)
