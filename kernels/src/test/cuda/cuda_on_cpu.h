/*
 * CUDA C for a C++ compiler, so that the very kernels run on the processor, in tests.
 *
 * A block of threads runs by itself, its threads as fibers (block.cpp). Each warp goes as far as it
 * can before the next one starts, so that a missing barrier shows; all shared memory is filled with
 * NaNs before each block; an array's index beyond its end traps.
 */
#pragma once
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <utility>
#include <vector>

struct uint3 {
  unsigned x, y, z;
};
struct dim3 {
  unsigned x = 1, y = 1, z = 1;
};
struct alignas(16) float4 {
  float x, y, z, w;
};

namespace cpu {

#define EXPORTED __attribute__((visibility("default")))

/* A thread of the block. */
struct Thread {
  uint3 index;
  unsigned linear;
};

extern EXPORTED Thread* running;
extern EXPORTED uint3 block_index;
extern EXPORTED dim3 block_size, grid_size;

EXPORTED void barrier(int site);
EXPORTED uint32_t shuffle(unsigned mask, uint32_t value, int from);

/* A kernel: its parameters' sizes come from the C++ types, and are compared with the PTX's. */
struct Kernel {
  const char* name;
  std::vector<size_t> parameters;
  void (*call)(void** arguments);
};

/* The kernels of a library, and where their shared memory lies. */
struct Library {
  std::vector<Kernel> kernels;
  char* shared = nullptr;
  size_t shared_size = 0;
};

template <auto F>
struct Entry;

template <class... A, void (*F)(A...)>
struct Entry<F> {
  template <size_t... I>
  static void spread(void** arguments, std::index_sequence<I...>) {
    F(*static_cast<A*>(arguments[I])...);
  }
  static void call(void** arguments) { spread(arguments, std::index_sequence_for<A...>{}); }
  static Kernel kernel(const char* name) { return {name, {sizeof(A)...}, &call}; }
};

/* Each library of kernels has one of its own; library.cpp hands it to the driver. */
__attribute__((visibility("hidden"))) Library& this_library();

struct Registration {
  explicit Registration(Kernel kernel) { this_library().kernels.push_back(std::move(kernel)); }
};

inline int lane() { return running->linear & 31; }

template <class T>
T shuffled(unsigned mask, T value, int from) {
  static_assert(sizeof(T) == 4, "shuffles move 4 bytes");
  uint32_t bits;
  memcpy(&bits, &value, 4);
  bits = shuffle(mask, bits, from);
  memcpy(&value, &bits, 4);
  return value;
}

}  // namespace cpu

#define KERNEL(name) static cpu::Registration registration_of_##name{cpu::Entry<&name>::kernel(#name)};
#define UNROLL _Pragma("GCC unroll 8")
#define __global__
#define __device__
#define __forceinline__ inline
#define __restrict__ __restrict
#define __launch_bounds__(...)
#define __align__(bytes) __attribute__((aligned(bytes)))
#define __shared__ static __attribute__((section("cuda_shared")))
#define threadIdx (cpu::running->index)
#define blockIdx cpu::block_index
#define blockDim cpu::block_size
#define gridDim cpu::grid_size
#define __syncthreads() cpu::barrier(__COUNTER__)

inline float __fmaf_rn(float a, float b, float c) { return __builtin_fmaf(a, b, c); }
inline int __float_as_int(float x) {
  int bits;
  memcpy(&bits, &x, 4);
  return bits;
}
inline float __int_as_float(unsigned bits) {
  float x;
  memcpy(&x, &bits, 4);
  return x;
}
template <class T>
T __shfl_xor_sync(unsigned mask, T value, int other) {
  return cpu::shuffled(mask, value, cpu::lane() ^ other);
}
