/*
 * The linear layer, and what moves rows about.
 *
 * An element of a product depends on nothing but its row, its column and the length of a block: the
 * tiles below are an affair of speed alone.
 */
#include "contract.cuh"

#define TILE 64   /* rows and columns of a tile */
#define DEPTH 16  /* steps along the input axis between two barriers */
#define EACH 4    /* rows and columns of a tile that one thread computes */
#define STEP_COLUMNS 64

/* One step along the input axis: 4 × 4 multiply-adds for 2 × 4 numbers read. */
static __device__ __forceinline__ void multiply(const float (&xs)[DEPTH][TILE + 4],
                                                const float (&ws)[DEPTH][TILE], int k, int row,
                                                int column, float (&sum)[EACH][EACH]) {
  float4 a = *reinterpret_cast<const float4*>(&xs[k][row]);
  float4 b = *reinterpret_cast<const float4*>(&ws[k][column]);
  float x[EACH] = {a.x, a.y, a.z, a.w}, w[EACH] = {b.x, b.y, b.z, b.w};
  UNROLL
  for (int i = 0; i < EACH; i++) {
    UNROLL
    for (int j = 0; j < EACH; j++) sum[i][j] = __fmaf_rn(x[i], w[j], sum[i][j]);
  }
}

/* out[r, j] = Σ_k x[r, k] · w[k, j] + bias[j], a tile of 64 × 64 for each block of 256 threads.
 * Columns of x that lie beyond a block are not added as zeros: that could turn a -0 into +0. */
extern "C" __global__ void __launch_bounds__(256)
    product_tiles(const float* __restrict__ x, int x_stride, const float* __restrict__ w,
                  int w_stride, const float* __restrict__ bias, float* __restrict__ out,
                  int out_stride, int rows, int in, int columns, int block) {
  __shared__ __align__(16) float xs[DEPTH][TILE + 4];
  __shared__ __align__(16) float ws[DEPTH][TILE];
  int thread = threadIdx.x;
  int row0 = blockIdx.y * TILE, column0 = blockIdx.x * TILE;
  int row = thread / 16 * EACH, column = thread % 16 * EACH;
  float total[EACH][EACH] = {};
  for (int from = 0; from < in; from += block) {
    int to = block < in - from ? from + block : in;
    float sum[EACH][EACH] = {};
    for (int k0 = from; k0 < to; k0 += DEPTH) {
      int depth = to - k0 < DEPTH ? to - k0 : DEPTH;
      __syncthreads(); /* nobody reads the last step any more */
      for (int i = thread; i < TILE * DEPTH; i += 256) {
        int r = i / DEPTH, k = i % DEPTH;
        bool there = row0 + r < rows && k < depth;
        xs[k][r] = there ? x[(size_t)(row0 + r) * x_stride + k0 + k] : 0.0f;
      }
      for (int i = thread; i < DEPTH * TILE; i += 256) {
        int k = i / TILE, j = i % TILE;
        bool there = column0 + j < columns && k < depth;
        ws[k][j] = there ? w[(size_t)(k0 + k) * w_stride + column0 + j] : 0.0f;
      }
      __syncthreads();
      if (depth == DEPTH) {
        UNROLL
        for (int k = 0; k < DEPTH; k++) multiply(xs, ws, k, row, column, sum);
      } else {
        for (int k = 0; k < depth; k++) multiply(xs, ws, k, row, column, sum);
      }
    }
    UNROLL
    for (int i = 0; i < EACH; i++) {
      UNROLL
      for (int j = 0; j < EACH; j++)
        total[i][j] = from == 0 ? sum[i][j] : total[i][j] + sum[i][j];
    }
  }
  UNROLL
  for (int i = 0; i < EACH; i++) {
    UNROLL
    for (int j = 0; j < EACH; j++) {
      int r = row0 + row + i, c = column0 + column + j;
      if (r < rows && c < columns)
        out[(size_t)r * out_stride + c] = bias ? total[i][j] + bias[c] : total[i][j];
    }
  }
}

/* out[r, b · columns + j] = Σ_{k in block b} x[r, k] · w[k, j] for ROWS rows at once: the weights
 * are read once for all of them, each warp 32 columns side by side, and every block of the input
 * axis by threads of its own, so that one row's product keeps the whole device reading. */
template <int ROWS>
static __device__ __forceinline__ void sums_of_block(const float* __restrict__ x, int x_stride,
                                                     const float* __restrict__ w, int w_stride,
                                                     float* __restrict__ out, int out_stride,
                                                     int rows, int in, int columns, int block,
                                                     float (&xs)[128][ROWS]) {
  int row0 = blockIdx.z * ROWS, column = blockIdx.x * STEP_COLUMNS + threadIdx.x;
  int from = blockIdx.y * block;
  int to = block < in - from ? from + block : in;
  float sum[ROWS] = {};
  for (int k0 = from; k0 < to; k0 += 128) {
    int depth = to - k0 < 128 ? to - k0 : 128;
    __syncthreads();
    for (int i = threadIdx.x; i < depth * ROWS; i += STEP_COLUMNS) {
      int r = row0 + i / depth < rows ? row0 + i / depth : rows - 1;
      xs[i % depth][i / depth] = x[(size_t)r * x_stride + k0 + i % depth];
    }
    __syncthreads();
    if (column < columns) {
      const float* weights = w + (size_t)k0 * w_stride + column;
      UNROLL
      for (int k = 0; k < depth; k++) {
        float weight = weights[(size_t)k * w_stride];
        UNROLL
        for (int r = 0; r < ROWS; r++) sum[r] = __fmaf_rn(xs[k][r], weight, sum[r]);
      }
    }
  }
  if (column < columns) {
    UNROLL
    for (int r = 0; r < ROWS; r++)
      if (row0 + r < rows)
        out[(size_t)(row0 + r) * out_stride + (size_t)blockIdx.y * columns + column] = sum[r];
  }
}

extern "C" __global__ void __launch_bounds__(STEP_COLUMNS)
    block_sums_1(const float* x, int x_stride, const float* w, int w_stride, float* out,
                 int out_stride, int rows, int in, int columns, int block) {
  __shared__ __align__(16) float xs[128][1];
  sums_of_block(x, x_stride, w, w_stride, out, out_stride, rows, in, columns, block, xs);
}

extern "C" __global__ void __launch_bounds__(STEP_COLUMNS)
    block_sums_4(const float* x, int x_stride, const float* w, int w_stride, float* out,
                 int out_stride, int rows, int in, int columns, int block) {
  __shared__ __align__(16) float xs[128][4];
  sums_of_block(x, x_stride, w, w_stride, out, out_stride, rows, in, columns, block, xs);
}

/* out[r, j] = sums[r, 0 · columns + j] + sums[r, 1 · columns + j] + … + bias[j], in this order. */
extern "C" __global__ void __launch_bounds__(128)
    fold_blocks(const float* __restrict__ sums, int sums_stride, const float* __restrict__ bias,
                float* __restrict__ out, int out_stride, int columns, int blocks) {
  int row = blockIdx.y, column = blockIdx.x * 128 + threadIdx.x;
  if (column >= columns) return;
  const float* at = sums + (size_t)row * sums_stride + column;
  float total = blocks == 0 ? 0.0f : at[0];
  for (int b = 1; b < blocks; b++) total = total + at[(size_t)b * columns];
  out[(size_t)row * out_stride + column] = bias ? total + bias[column] : total;
}

/* out[r, i] = w[i, columns[r]] */
extern "C" __global__ void __launch_bounds__(128)
    gather(const float* __restrict__ w, int w_stride, const int* __restrict__ columns, float* out,
           int out_stride, int in) {
  int i = blockIdx.x * 128 + threadIdx.x;
  if (i < in)
    out[(size_t)blockIdx.y * out_stride + i] = w[(size_t)i * w_stride + columns[blockIdx.y]];
}

/* to[r, c] = from[r, c], where the next row and the next column may lie any way off. */
extern "C" __global__ void __launch_bounds__(128)
    copy_strided(const float* from, long long from_row, long long from_column, float* to,
                 long long to_row, long long to_column, int rows, int columns) {
  long long i = (long long)blockIdx.x * 128 + threadIdx.x;
  if (i >= (long long)rows * columns) return;
  long long r = i / columns, c = i % columns;
  to[r * to_row + c * to_column] = from[r * from_row + c * from_column];
}

KERNEL(product_tiles)
KERNEL(block_sums_1)
KERNEL(block_sums_4)
KERNEL(fold_blocks)
KERNEL(gather)
KERNEL(copy_strided)
