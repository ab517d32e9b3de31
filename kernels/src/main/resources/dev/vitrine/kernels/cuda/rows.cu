/*
 * What is done to each row by itself: layer norm, softmax, activations, sums. A block of 128 threads
 * works on one row; its first 16 lanes keep the contract's 16 partial sums.
 */
#include "contract.cuh"

/* Σ x[c] of a row, for every thread of the block. */
static __device__ float sum_of_row(const float* x, int n) {
  __shared__ float folded;
  if (threadIdx.x < 32) {
    float partial = 0.0f;
    if (threadIdx.x < 16) {
      UNROLL
      for (int c = threadIdx.x; c < n; c += 16) partial = partial + x[c];
    }
    partial = fold(partial);
    if (threadIdx.x == 0) folded = partial;
  }
  __syncthreads();
  return folded;
}

/* Σ (x[c] - mean)², for every thread of the block. */
static __device__ float sum_of_squares(const float* x, int n, float mean) {
  __shared__ float folded;
  if (threadIdx.x < 32) {
    float partial = 0.0f;
    if (threadIdx.x < 16) {
      UNROLL
      for (int c = threadIdx.x; c < n; c += 16) {
        float centred = x[c] - mean;
        partial = __fmaf_rn(centred, centred, partial);
      }
    }
    partial = fold(partial);
    if (threadIdx.x == 0) folded = partial;
  }
  __syncthreads();
  return folded;
}

/* scale and normalized may be null. */
extern "C" __global__ void __launch_bounds__(THREADS)
    layer_norm(const float* __restrict__ x, int x_stride, const float* __restrict__ gain,
               const float* __restrict__ bias, float epsilon, float* __restrict__ out,
               int out_stride, float* __restrict__ scale, int scale_stride,
               float* __restrict__ normalized, int normalized_stride, int n) {
  size_t row = blockIdx.x;
  const float* from = x + row * x_stride;
  float mean = sum_of_row(from, n) / (float)n;
  float root = sqrtf(sum_of_squares(from, n, mean) / (float)n + epsilon);
  if (scale && threadIdx.x == 0) scale[row * scale_stride] = root;
  for (int c = threadIdx.x; c < n; c += THREADS) {
    float unscaled = (from[c] - mean) / root;
    if (normalized) normalized[row * normalized_stride + c] = unscaled;
    out[row * out_stride + c] = __fmaf_rn(unscaled, gain[c], bias[c]);
  }
}

/* out[c] = (x[c] - mean) / scale */
extern "C" __global__ void __launch_bounds__(THREADS)
    normalize(const float* __restrict__ x, int x_stride, const float* __restrict__ scale,
              int scale_stride, float* __restrict__ out, int out_stride, int n) {
  size_t row = blockIdx.x;
  const float* from = x + row * x_stride;
  float mean = sum_of_row(from, n) / (float)n;
  for (int c = threadIdx.x; c < n; c += THREADS)
    out[row * out_stride + c] = (from[c] - mean) / scale[row * scale_stride];
}

/* out may be x */
extern "C" __global__ void __launch_bounds__(THREADS)
    softmax(const float* x, int x_stride, float* out, int out_stride, int n) {
  const float* from = x + (size_t)blockIdx.x * x_stride;
  float* to = out + (size_t)blockIdx.x * out_stride;
  softmax_of_row(from, to, n);
}

/* out may be x */
extern "C" __global__ void __launch_bounds__(THREADS)
    log_softmax(const float* x, int x_stride, float* out, int out_stride, int n) {
  const float* from = x + (size_t)blockIdx.x * x_stride;
  float* to = out + (size_t)blockIdx.x * out_stride;
  float max = greatest_of_row(from, n);
  float log = log_(sum_of_exponentials(from, n, max));
  for (int c = threadIdx.x; c < n; c += THREADS) to[c] = from[c] - max - log;
}

/* ---- element by element: a thread each */

/* out[r, c] = a[r, c] + b[r, c]; out may be a or b */
extern "C" __global__ void __launch_bounds__(THREADS)
    add(const float* a, int a_stride, const float* b, int b_stride, float* out, int out_stride,
        int n) {
  size_t row = blockIdx.x;
  int c = blockIdx.y * THREADS + threadIdx.x;
  if (c < n)
    out[row * out_stride + c] = a[row * a_stride + c] + b[row * b_stride + c];
}

/* out[r, c] = x[r, c] · gain[c] + bias[c], fused; out may be x */
extern "C" __global__ void __launch_bounds__(THREADS)
    affine(const float* x, int x_stride, const float* gain, const float* bias, float* out,
           int out_stride, int n) {
  size_t row = blockIdx.x;
  int c = blockIdx.y * THREADS + threadIdx.x;
  if (c < n)
    out[row * out_stride + c] = __fmaf_rn(x[row * x_stride + c], gain[c], bias[c]);
}

/* As CudaBackend numbers them. */
enum { GELU_NEW, GELU, QUICK_GELU, RELU, SILU, SIGMOID, TANH };

static __device__ __forceinline__ float activation(int kind, float x) {
  switch (kind) {
    case GELU_NEW:
      return x * sigmoid(x * __fmaf_rn(0x1.2444f2p-4f, x * x, 0x1.988454p0f));
    case GELU: {
      float q = tail(fabsf(x));
      return x * (x < 0 ? q : 1.0f - q);
    }
    case QUICK_GELU:
      return x * sigmoid(0x1.b3b646p0f * x);
    case RELU:
      return x <= 0 ? 0.0f : x;
    case SILU:
      return x * sigmoid(x);
    case SIGMOID:
      return sigmoid(x);
    default:
      return tanh_(x);
  }
}

/* out may be x */
extern "C" __global__ void __launch_bounds__(THREADS)
    activate(int kind, const float* x, int x_stride, float* out, int out_stride, int n) {
  size_t row = blockIdx.x;
  int c = blockIdx.y * THREADS + threadIdx.x;
  if (c < n)
    out[row * out_stride + c] = activation(kind, x[row * x_stride + c]);
}

KERNEL(layer_norm)
KERNEL(normalize)
KERNEL(softmax)
KERNEL(log_softmax)
KERNEL(add)
KERNEL(affine)
KERNEL(activate)
