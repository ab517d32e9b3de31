/*
 * The linear layer on tensor cores: weights and rows rounded to 16 bits, products added in f32. How
 * the hardware adds within one instruction is not documented, so the bits are its own. What stays:
 * the input axis is cut into blocks, each block's sum starts at zero, and sums are added in order.
 *
 * A file that includes this says what the 16 bits are: NAMED(kernel), rounded(low, high), which
 * packs two numbers into a word, widened(bits), and mma(c, a, b), which is
 *
 *     c[16, 8] += a[16, 16] · b[16, 8]
 *
 * for a warp, each lane holding what "Matrix fragments for mma.m16n8k16" of the PTX ISA gives it.
 *
 * Weights are packed as words, two inputs of one output each: w[output, block, words of the block],
 * a block filled with zeros up to a multiple of 16 inputs.
 */

#define TILE 64  /* rows and columns of a tile; each of 4 warps has 32 of both */
#define WORDS 16 /* of a row between two barriers */
#define PITCH 20 /* from row to row in shared memory: a warp's fragments lie in different banks */

static __device__ __forceinline__ int words_of_block(int in, int block) {
  return ((block < in ? block : in) + 15) / 16 * 8;
}

/* One step along the input axis: words k … k + 7 of 32 rows and 32 columns. */
static __device__ __forceinline__ void multiply(const unsigned (&xs)[TILE][PITCH],
                                                const unsigned (&ws)[TILE][PITCH], int row,
                                                int column, int k, float (&sum)[2][4][4]) {
  int group = threadIdx.x % 32 / 4, word = k + threadIdx.x % 4;
  unsigned a[2][4];
  UNROLL
  for (int m = 0; m < 2; m++) {
    int r = row + 16 * m + group;
    a[m][0] = xs[r][word];
    a[m][1] = xs[r + 8][word];
    a[m][2] = xs[r][word + 4];
    a[m][3] = xs[r + 8][word + 4];
  }
  UNROLL
  for (int n = 0; n < 4; n++) {
    int j = column + 8 * n + group;
    unsigned b[2] = {ws[j][word], ws[j][word + 4]};
    UNROLL
    for (int m = 0; m < 2; m++) mma(sum[m][n], a[m], b);
  }
}

/* out[r, j] = Σ_k x[r, k] · w[k, j] + bias[j]; apart, the sum of each block by itself. */
extern "C" __global__ void __launch_bounds__(THREADS)
    NAMED(product)(const float* __restrict__ x, int x_stride, const unsigned* __restrict__ w,
                   int w_stride, const float* __restrict__ bias, float* __restrict__ out,
                   int out_stride, int rows, int in, int columns, int block, int apart) {
  __shared__ __align__(16) unsigned xs[TILE][PITCH];
  __shared__ __align__(16) unsigned ws[TILE][PITCH];
  int row0 = blockIdx.y * TILE, column0 = blockIdx.x * TILE;
  int row = threadIdx.x / 64 * 32, column = threadIdx.x / 32 % 2 * 32;
  int words = words_of_block(in, block);
  int begin = apart ? blockIdx.z : 0, end = apart ? begin + 1 : in / block + (in % block != 0);
  float total[2][4][4] = {};
  for (int b = begin; b < end; b++) {
    int from = b * block, to = block < in - from ? from + block : in;
    float sum[2][4][4] = {};
    for (int word0 = 0; word0 < words; word0 += WORDS) {
      int depth = words - word0 < WORDS ? words - word0 : WORDS;
      __syncthreads(); /* nobody reads the last step any more */
      for (int i = threadIdx.x; i < TILE * WORDS; i += THREADS) {
        int r = row0 + i / WORDS, word = i % WORDS, k = from + 2 * (word0 + word);
        const float* numbers = x + (size_t)r * x_stride + k;
        bool there = r < rows && k < to;
        xs[i / WORDS][word] =
            rounded(there ? numbers[0] : 0.0f, there && k + 1 < to ? numbers[1] : 0.0f);
      }
      for (int i = threadIdx.x; i < TILE * WORDS; i += THREADS) {
        int j = column0 + i / WORDS, word = i % WORDS;
        bool there = j < columns && word < depth;
        ws[i / WORDS][word] =
            there ? w[(size_t)j * w_stride + (size_t)b * words + word0 + word] : 0;
      }
      __syncthreads();
      for (int k = 0; k < depth; k += 8) multiply(xs, ws, row, column, k, sum);
    }
    UNROLL
    for (int i = 0; i < 32; i++) {
      float& all = total[i / 16][i / 4 % 4][i % 4];
      all = b == begin ? sum[i / 16][i / 4 % 4][i % 4] : all + sum[i / 16][i / 4 % 4][i % 4];
    }
  }
  float* to = apart ? out + (size_t)blockIdx.z * columns : out;
  int group = threadIdx.x % 32 / 4, pair = threadIdx.x % 4 * 2;
  UNROLL
  for (int i = 0; i < 32; i++) {
    int r = row0 + row + i / 16 * 16 + group + i % 4 / 2 * 8;
    int c = column0 + column + i / 4 % 4 * 8 + pair + i % 2;
    float number = total[i / 16][i / 4 % 4][i % 4];
    if (r < rows && c < columns) to[(size_t)r * out_stride + c] = bias ? number + bias[c] : number;
  }
}

/* to[j, words] = w[k, j] for all k of a column j, a word for each thread. */
extern "C" __global__ void __launch_bounds__(THREADS)
    NAMED(pack)(const float* __restrict__ w, int w_stride, unsigned* __restrict__ to,
                int to_stride, int in, int columns, int block) {
  int j = blockIdx.y * THREADS + threadIdx.x, words = words_of_block(in, block);
  int from = (int)blockIdx.x / words * block, k = from + (int)blockIdx.x % words * 2;
  int end = block < in - from ? from + block : in;
  if (j >= columns) return;
  float low = k < end ? w[(size_t)k * w_stride + j] : 0.0f;
  float high = k + 1 < end ? w[(size_t)(k + 1) * w_stride + j] : 0.0f;
  to[(size_t)j * to_stride + blockIdx.x] = rounded(low, high);
}

/* out[r, i] = w[i, columns[r]], as it was rounded */
extern "C" __global__ void __launch_bounds__(THREADS)
    NAMED(gather)(const unsigned* __restrict__ w, int w_stride, const int* __restrict__ columns,
                  float* __restrict__ out, int out_stride, int in, int block) {
  int i = blockIdx.x * THREADS + threadIdx.x;
  if (i >= in) return;
  size_t at = (size_t)(i / block) * words_of_block(in, block) + i % block / 2;
  unsigned word = w[(size_t)columns[blockIdx.y] * w_stride + at];
  out[(size_t)blockIdx.y * out_stride + i] = widened(i % block % 2 ? word >> 16 : word & 0xffff);
}
