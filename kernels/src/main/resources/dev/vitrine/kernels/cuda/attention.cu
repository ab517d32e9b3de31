/*
 * Causal attention in four steps, each a kernel. All of them spread over heads and over parts, up to
 * 8 queries of one sequence; scores and values are spread over keys, too, 128 of them for each
 * block of threads, so that a single query with a thousand keys keeps the device busy.
 */
#include "contract.cuh"

#define QUERIES 8
#define BLOCK 128 /* of the sums over head_size and over keys */

/* Rows of numbers, one for each head and query: at[head · head_stride + query · row_stride + key]. */
struct Rows {
  float* at;
  long long head_stride;
  int row_stride;
  int columns;
};

/* Some queries of one sequence. Laid out as CudaAttention.java writes it. */
struct Part {
  const float* keys;   /* [heads · head_size, positions] */
  const float* values; /* [positions, heads · head_size] */
  int key_stride;
  int value_stride;
  int row;      /* of the first query in q and z */
  int count;    /* of queries, 1 … 8 */
  int position; /* of the first query */
  int store_pattern;
  Rows scores;  /* where nobody asked, at is null */
  Rows pattern; /* the pattern where somebody asked, otherwise room for one */
  float* sums;  /* room for [heads, blocks of keys, QUERIES, head_size], unless one block is all */
};

/* The keys that the query sees which is the i-th of the part; for i beyond the last, as the last. */
static __device__ __forceinline__ int keys_of(const Part& part, int i) {
  return part.position + (i < part.count ? i : part.count - 1) + 1;
}

static __device__ __forceinline__ int blocks_of(int keys) { return (keys + BLOCK - 1) / BLOCK; }

static __device__ __forceinline__ float* row_of(const Rows& rows, int head, int i) {
  return rows.at + head * rows.head_stride + (long long)i * rows.row_stride;
}

/* The sums over a block of keys: QUERIES rows of head_size. */
static __device__ __forceinline__ float* sums_of(const Part& part, int head, int head_size,
                                                 int block) {
  size_t at = (size_t)head * blocks_of(keys_of(part, part.count - 1)) + block;
  return part.sums + at * QUERIES * head_size;
}

/* scores[i, k] = scale · Σ_d q[i, d] · keys[d, k] for the keys that query i sees, -inf after. A
 * thread takes a key; neighbouring threads read neighbouring keys. */
extern "C" __global__ void __launch_bounds__(THREADS)
    score_keys(const Part* __restrict__ parts, int head_size, float scale,
               const float* __restrict__ q, int q_stride) {
  __shared__ __align__(16) float qs[BLOCK][QUERIES];
  const Part& part = parts[blockIdx.x];
  int head = blockIdx.y, k0 = blockIdx.z * THREADS, key = k0 + threadIdx.x;
  int seen = keys_of(part, part.count - 1);
  const float* first = q + (size_t)part.row * q_stride + head * head_size;
  const float* keys = part.keys + (size_t)head * head_size * part.key_stride;
  float total[QUERIES] = {};
  for (int from = 0; from < head_size && k0 < seen; from += BLOCK) {
    int depth = head_size - from < BLOCK ? head_size - from : BLOCK;
    __syncthreads();
    for (int i = threadIdx.x; i < depth * QUERIES; i += THREADS) {
      int query = i / depth < part.count ? i / depth : part.count - 1;
      qs[i % depth][i / depth] = first[(size_t)query * q_stride + from + i % depth];
    }
    __syncthreads();
    if (key < seen) {
      float sum[QUERIES] = {};
      for (int d = 0; d < depth; d++) {
        float number = keys[(size_t)(from + d) * part.key_stride + key];
        UNROLL
        for (int i = 0; i < QUERIES; i++) sum[i] = __fmaf_rn(qs[d][i], number, sum[i]);
      }
      UNROLL
      for (int i = 0; i < QUERIES; i++) total[i] = from == 0 ? sum[i] : total[i] + sum[i];
    }
  }
  UNROLL
  for (int i = 0; i < QUERIES; i++) {
    bool visible = key < keys_of(part, i);
    float scored = visible ? total[i] * scale : MINUS_INFINITY;
    if (i < part.count && visible) row_of(part.pattern, head, i)[key] = scored;
    if (i < part.count && part.scores.at && key < part.scores.columns)
      row_of(part.scores, head, i)[key] = scored;
  }
}

/* pattern[i, ·] = softmax(scores[i, ·]) in place, 0 after the query where somebody asked. A query
 * and a head for each block of threads, as the softmax of a row is computed from the whole row. */
extern "C" __global__ void __launch_bounds__(THREADS)
    weigh_keys(const Part* __restrict__ parts) {
  const Part& part = parts[blockIdx.x];
  int i = blockIdx.z;
  if (i >= part.count) return;
  int keys = keys_of(part, i);
  float* row = row_of(part.pattern, blockIdx.y, i);
  softmax_of_row(row, row, keys);
  if (part.store_pattern)
    for (int k = keys + threadIdx.x; k < part.pattern.columns; k += THREADS) row[k] = 0.0f;
}

/* Σ_k pattern[i, k] · values[k, d] over the keys of one block that query i sees; that is z[i, d] if
 * the part sees no further block. A thread takes one d for half of the queries: first the keys that
 * all four see, then each query's own. */
extern "C" __global__ void __launch_bounds__(THREADS)
    mix_keys(const Part* __restrict__ parts, int head_size, float* __restrict__ z, int z_stride) {
  const Part& part = parts[blockIdx.x];
  int head = blockIdx.y, from = blockIdx.z * BLOCK;
  int seen = keys_of(part, part.count - 1);
  for (int item = threadIdx.x; item < 2 * head_size && from < seen; item += THREADS) {
    int d = item % head_size, first = item / head_size * 4;
    if (first >= part.count) continue;
    const float* values = part.values + head * head_size + d;
    const float* pattern[4];
    int keys[4];
    float sum[4] = {};
    UNROLL
    for (int i = 0; i < 4; i++) {
      keys[i] = keys_of(part, first + i);
      pattern[i] =
          row_of(part.pattern, head, first + i < part.count ? first + i : part.count - 1);
    }
    int to = keys[3] < from + BLOCK ? keys[3] : from + BLOCK;
    int common = keys[0] < to ? keys[0] : to;
    for (int k = from; k < common; k++) {
      float value = values[(size_t)k * part.value_stride];
      UNROLL
      for (int i = 0; i < 4; i++) sum[i] = __fmaf_rn(pattern[i][k], value, sum[i]);
    }
    for (int k = common > from ? common : from; k < to; k++) {
      float value = values[(size_t)k * part.value_stride];
      UNROLL
      for (int i = 0; i < 4; i++)
        if (k < keys[i]) sum[i] = __fmaf_rn(pattern[i][k], value, sum[i]);
    }
    bool all = seen <= BLOCK;
    float* out = all ? z + (size_t)part.row * z_stride + head * head_size
                     : sums_of(part, head, head_size, blockIdx.z);
    int stride = all ? z_stride : head_size;
    UNROLL
    for (int i = 0; i < 4; i++)
      if (first + i < part.count) out[(size_t)(first + i) * stride + d] = sum[i];
  }
}

/* z[i, d] = the sums of the blocks of keys that query i sees, in order. */
extern "C" __global__ void __launch_bounds__(THREADS)
    add_blocks(const Part* __restrict__ parts, int head_size, float* __restrict__ z,
               int z_stride) {
  const Part& part = parts[blockIdx.x];
  int head = blockIdx.y;
  if (keys_of(part, part.count - 1) <= BLOCK) return;
  const float* sums = sums_of(part, head, head_size, 0);
  for (int item = threadIdx.x; item < part.count * head_size; item += THREADS) {
    int i = item / head_size, blocks = blocks_of(keys_of(part, i));
    float total = sums[item];
    for (int b = 1; b < blocks; b++) total = total + sums[(size_t)b * QUERIES * head_size + item];
    z[(size_t)(part.row + i) * z_stride + head * head_size + item % head_size] = total;
  }
}

KERNEL(score_keys)
KERNEL(weigh_keys)
KERNEL(mix_keys)
KERNEL(add_blocks)
