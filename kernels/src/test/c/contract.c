/*
 * kernels/CONTRACT.md in plain C: every loop as it is written there, one number at a time.
 *
 * Compile without contraction (-ffp-contract=off): a fused multiply-add stands where fmaf does, and
 * nowhere else. All tables are row-major and without gaps.
 */
#include <math.h>
#include <stdint.h>
#include <string.h>

static float from_bits(int32_t bits) { float x; memcpy(&x, &bits, 4); return x; }
static int32_t to_bits(float x) { int32_t bits; memcpy(&bits, &x, 4); return bits; }

/* ---- functions */

static float power_of_two(int32_t n) { return from_bits((int32_t)((uint32_t)(n + 127) << 23)); }

static float exp_low(float x, float low) {
  float c = x < -104.0f ? -104.0f : x;
  c = c > 89.0f ? 89.0f : c;
  float t = fmaf(c, 0x1.715476p0f, 12582912.0f);
  int32_t n = (int32_t)((uint32_t)to_bits(t) - 0x4B400000u);
  float f = t - 12582912.0f;
  float r = fmaf(f, -0x1.62e430p-1f, c);
  r = fmaf(f, 0x1.05c610p-29f, r);
  r = r + low;
  float p = fmaf(0x1.6a234cp-10f, r, 0x1.123a6cp-7f);
  p = fmaf(p, r, 0x1.5558f4p-5f);
  p = fmaf(p, r, 0x1.555490p-3f);
  p = fmaf(p, r, 0x1.fffffcp-2f);
  p = fmaf(p, r, 1.0f);
  p = fmaf(p, r, 1.0f);
  int32_t half = n >> 1;
  return p * power_of_two(half) * power_of_two(n - half);
}

static float exp_(float x) { return exp_low(x, 0.0f); }

static float sigmoid(float x) {
  float e = exp_(-fabsf(x));
  return (x >= 0 ? 1.0f : e) / (1.0f + e);
}

static float tanh_(float x) {
  float a = fabsf(x);
  float z = a * a;
  float p = fmaf(-0x1.76ac1ap-8f, z, 0x1.5256d8p-6f);
  p = fmaf(p, z, -0x1.b84448p-5f);
  p = fmaf(p, z, 0x1.110768p-3f);
  p = fmaf(p, z, -0x1.555534p-2f);
  float small = fmaf(a * z, p, a);
  float large = 1.0f - 2.0f / (exp_(2.0f * a) + 1.0f);
  return copysignf(a < 0.625f ? small : large, x);
}

static float tail(float a) {
  float b = a > 15.0f ? 15.0f : a;
  float s = b * b;
  float low = fmaf(b, b, -s);
  float t = 1.0f / (b + 4.0f);
  float q = fmaf(b + b, t, -1.0f);
  float p = fmaf(-0x1.15bb7ap-13f, q, 0x1.7612d4p-13f);
  p = fmaf(p, q, 0x1.9b7566p-10f);
  p = fmaf(p, q, -0x1.cc55ccp-9f);
  p = fmaf(p, q, -0x1.ed289ep-8f);
  p = fmaf(p, q, 0x1.eed3e0p-5f);
  p = fmaf(p, q, -0x1.7e0006p-3f);
  p = fmaf(p, q, 0x1.8c6d9ep-2f);
  p = fmaf(p, q, -0x1.373e38p-1f);
  p = fmaf(p, q, 0x1.82b4bcp-1f);
  return p * t * exp_low(-0.5f * s, -0.5f * low);
}

static float log_(float x) {
  if (!(x >= 1.0f)) return x;
  int32_t bits = to_bits(x);
  int32_t k = (bits - 0x3F3504F3) >> 23;
  float f = from_bits(bits - k * (1 << 23)) - 1.0f;
  float s = f / (2.0f + f);
  float z = s * s;
  float p = fmaf(0x1.32063ap-2f, z, 0x1.995d84p-2f);
  p = fmaf(p, z, 0x1.55557cp-1f);
  p = fmaf(p, z, 2.0f);
  return fmaf((float)k, 0x1.62e430p-1f, s * p);
}

enum { GELU_NEW, GELU, GELU_FAST, QUICK_GELU, RELU, SILU, SIGMOID, TANH };

static float activation(int kind, float x) {
  float q;
  switch (kind) {
    case GELU_NEW:
    case GELU_FAST: return x * sigmoid(x * fmaf(0x1.2444f2p-4f, x * x, 0x1.988454p0f));
    case GELU: q = tail(fabsf(x)); return x * (x < 0 ? q : 1.0f - q);
    case QUICK_GELU: return x * sigmoid(0x1.b3b646p0f * x);
    case RELU: return x <= 0 ? 0.0f : x;
    case SILU: return x * sigmoid(x);
    case SIGMOID: return sigmoid(x);
    default: return tanh_(x);
  }
}

void activate(int kind, int n, const float *x, float *out) {
  for (int i = 0; i < n; i++) out[i] = activation(kind, x[i]);
}

/* ---- products: x [rows, in], w [in, out], y [rows, out], bias [out] or null */

static float block_sum(const float *x, const float *w, int stride, int from, int to) {
  float sum = 0;
  for (int k = from; k < to; k++) sum = fmaf(x[k], w[(int64_t)k * stride], sum);
  return sum;
}

static float sum_of_blocks(const float *x, const float *w, int stride, int n, int block) {
  float total = 0;
  for (int k = 0; k < n; k += block) {
    float sum = block_sum(x, w, stride, k, k + block < n ? k + block : n);
    total = k == 0 ? sum : total + sum;
  }
  return total;
}

void product(int rows, int in, int out, int block, const float *x, const float *w,
             const float *bias, int biased, float *y) {
  for (int r = 0; r < rows; r++)
    for (int j = 0; j < out; j++) {
      float sum = sum_of_blocks(x + r * in, w + j, out, in, block);
      y[r * out + j] = biased ? sum + bias[j] : sum;
    }
}

void blocks(int rows, int in, int out, int block, const float *x, const float *w, float *y) {
  for (int r = 0; r < rows; r++)
    for (int k = 0; k < in; k += block)
      for (int j = 0; j < out; j++)
        *y++ = block_sum(x + r * in, w + j, out, k, k + block < in ? k + block : in);
}

/* ---- rows */

static float fold(float *p) {
  for (int half = 8; half >= 1; half /= 2)
    for (int i = 0; i < half; i++) p[i] = p[i] + p[i + half];
  return p[0];
}

void layer_norm(int n, const float *x, const float *gain, const float *bias, float epsilon,
                float *out, float *scale, float *normalized) {
  float p[16] = {0}, q[16] = {0};
  for (int c = 0; c < n; c++) p[c % 16] = p[c % 16] + x[c];
  float mean = fold(p) / (float)n;
  for (int c = 0; c < n; c++) q[c % 16] = fmaf(x[c] - mean, x[c] - mean, q[c % 16]);
  *scale = sqrtf(fold(q) / (float)n + epsilon);
  for (int c = 0; c < n; c++) {
    normalized[c] = (x[c] - mean) / *scale;
    out[c] = fmaf(normalized[c], gain[c], bias[c]);
  }
}

void normalize(int n, const float *x, float scale, float *out) {
  float p[16] = {0};
  for (int c = 0; c < n; c++) p[c % 16] = p[c % 16] + x[c];
  float mean = fold(p) / (float)n;
  for (int c = 0; c < n; c++) out[c] = (x[c] - mean) / scale;
}

void affine(int n, const float *x, const float *gain, const float *bias, float *out) {
  for (int c = 0; c < n; c++) out[c] = fmaf(x[c], gain[c], bias[c]);
}

static float exponentials(int n, const float *x, float max, float *e) {
  float p[16] = {0};
  for (int c = 0; c < n; c++) {
    e[c] = exp_(x[c] - max);
    p[c % 16] = p[c % 16] + e[c];
  }
  return fold(p);
}

static float greatest(int n, const float *x) {
  float max = -INFINITY;
  for (int c = 0; c < n; c++) max = x[c] > max ? x[c] : max;
  return max;
}

void softmax(int n, const float *x, float *out) {
  float sum = exponentials(n, x, greatest(n, x), out);
  for (int c = 0; c < n; c++) out[c] = out[c] / sum;
}

void log_softmax(int n, const float *x, float *out) {
  float max = greatest(n, x);
  float log = log_(exponentials(n, x, max, out));
  for (int c = 0; c < n; c++) out[c] = x[c] - max - log;
}

/* ---- attention of one query of one head: keys and values [keys, stride], already at the head */

void mix(int keys, int size, int stride, const float *pattern, const float *values, float *z) {
  for (int d = 0; d < size; d++) z[d] = sum_of_blocks(pattern, values + d, stride, keys, 128);
}

void attend(int keys, int size, int stride, float scale, const float *q, const float *k,
            const float *v, float *scores, float *pattern, float *z) {
  for (int i = 0; i < keys; i++)
    scores[i] = sum_of_blocks(q, k + (int64_t)i * stride, 1, size, 128) * scale;
  softmax(keys, scores, pattern);
  mix(keys, size, stride, pattern, v, z);
}
