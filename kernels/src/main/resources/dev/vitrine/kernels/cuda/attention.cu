/*
 * Causal attention. A block of 128 threads takes up to 8 queries of one head: their scores are a
 * product with the keys, which lie position beside position ([heads · head_size, positions]), so
 * that neighbouring threads read neighbouring keys; half a warp takes each query's softmax; z is a
 * product with the values.
 */
#include "contract.cuh"

#define THREADS 128
#define QUERIES 8
#define BLOCK 128 /* of the sums over head_size and over keys */

/* Rows of numbers, one for each head and query: at[head · head_stride + query · row_stride + key]. */
struct Rows {
  float* at;
  long long head_stride;
  int row_stride;
  int columns;
};

/* Some queries of one sequence. Laid out as Parts.java writes it. */
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
};

/* The keys that the query sees which is the i-th of the part; for i beyond the last, as the last. */
static __device__ __forceinline__ int keys_of(const Part& part, int i) {
  return part.position + (i < part.count ? i : part.count - 1) + 1;
}

static __device__ __forceinline__ float* row_of(const Rows& rows, int head, int i) {
  return rows.at + head * rows.head_stride + (long long)i * rows.row_stride;
}

/* scores[i, k] = scale · Σ_d q[i, d] · keys[d, k] for the keys that query i sees, -inf after. */
static __device__ void score(const Part& part, int head, int head_size, float scale,
                             const float* q, int q_stride) {
  __shared__ __align__(16) float qs[BLOCK][QUERIES];
  int seen = keys_of(part, part.count - 1);
  int columns = part.scores.at && part.scores.columns > seen ? part.scores.columns : seen;
  const float* first = q + (size_t)part.row * q_stride + head * head_size;
  const float* keys = part.keys + (size_t)head * head_size * part.key_stride;
  for (int k0 = 0; k0 < columns; k0 += THREADS) {
    int key = k0 + threadIdx.x;
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
}

/* pattern[i, ·] = softmax(scores[i, ·]) in place, 0 after the query where somebody asked. */
static __device__ void normalize_scores(const Part& part, int head) {
  int i = threadIdx.x / 16, lane = threadIdx.x % 16;
  int keys = i < part.count ? keys_of(part, i) : 0;
  float* row = row_of(part.pattern, head, i < part.count ? i : 0);
  float max = MINUS_INFINITY;
  for (int k = lane; k < keys; k += 16) max = row[k] > max ? row[k] : max;
  max = fold_greatest(max);
  float sum = 0.0f;
  for (int k = lane; k < keys; k += 16) sum = sum + exp_(row[k] - max);
  sum = fold(sum);
  for (int k = lane; k < keys; k += 16) row[k] = exp_(row[k] - max) / sum;
  if (part.store_pattern && i < part.count)
    for (int k = keys + lane; k < part.pattern.columns; k += 16) row[k] = 0.0f;
}

/* z[i, d] = Σ_k pattern[i, k] · values[k, d] over the keys that query i sees. A thread takes one d
 * for half of the queries: first the keys that all four see, then each query's own. */
static __device__ void mix_part(const Part& part, int head, int head_size, float* z, int z_stride) {
  for (int item = threadIdx.x; item < 2 * head_size; item += THREADS) {
    int d = item % head_size, first = item / head_size * 4;
    if (first >= part.count) continue;
    const float* values = part.values + head * head_size + d;
    const float* pattern[4];
    int keys[4];
    float total[4] = {};
    UNROLL
    for (int i = 0; i < 4; i++) {
      keys[i] = keys_of(part, first + i);
      pattern[i] =
          row_of(part.pattern, head, first + i < part.count ? first + i : part.count - 1);
    }
    for (int from = 0; from < keys[3]; from += BLOCK) {
      int to = keys[3] < from + BLOCK ? keys[3] : from + BLOCK;
      int common = keys[0] < to ? keys[0] : to;
      float sum[4] = {};
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
      UNROLL
      for (int i = 0; i < 4; i++)
        if (from < keys[i]) total[i] = from == 0 ? sum[i] : total[i] + sum[i];
    }
    UNROLL
    for (int i = 0; i < 4; i++)
      if (first + i < part.count)
        z[(size_t)(part.row + first + i) * z_stride + head * head_size + d] = total[i];
  }
}

/* A part and a head for each block of threads. */
extern "C" __global__ void __launch_bounds__(THREADS)
    attend(const Part* __restrict__ parts, int head_size, float scale, const float* __restrict__ q,
           int q_stride, float* __restrict__ z, int z_stride) {
  const Part& part = parts[blockIdx.x];
  int head = blockIdx.y;
  score(part, head, head_size, scale, q, q_stride);
  __syncthreads(); /* a query's scores come from all threads */
  normalize_scores(part, head);
  __syncthreads();
  mix_part(part, head, head_size, z, z_stride);
}

extern "C" __global__ void __launch_bounds__(THREADS)
    mix(const Part* __restrict__ parts, int head_size, float* __restrict__ z, int z_stride) {
  mix_part(parts[blockIdx.x], blockIdx.y, head_size, z, z_stride);
}

KERNEL(attend)
KERNEL(mix)
