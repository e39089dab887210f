/* runtime/tensor/kernels/rows.c: sums, and what works on the rows of a matrix. Sums run in LANES lanes whatever the width of a vector;
 * a last, partly filled group of lanes is padded, with zeros where it is added. */
#include "runtime/tensor/kernels/internal.h"
#include "runtime/tensor/kernels/vec_math.h"

INLINE VF get(const float *p, int64_t part) { return part >= W ? vload(p) : part > 0 ? vload_n(p, part) : vset(0.0f); }

INLINE void put(float *p, VF v, int64_t part)
{
    if (part >= W) vstore(p, v);
    else if (part > 0) vstore_n(p, v, part);
}

/* ---- sums in double ---- */

/* Half as many doubles as floats fill a vector. */
enum { DW = W / 2, DV = LANES / DW };
typedef double VD __attribute__((vector_size(8 * DW)));
typedef float VH __attribute__((vector_size(4 * DW)));
typedef int64_t VQ __attribute__((vector_size(8 * DW)));

INLINE VD widen(const float *p)
{
    VH half;
    memcpy(&half, p, sizeof half);
    return __builtin_convertvector(half, VD);
}

INLINE double sum_tree(const VD acc[DV])
{
    double lane[LANES];
    memcpy(lane, acc, sizeof lane);
    for (int width = LANES / 2; width > 0; width /= 2)
        for (int i = 0; i < width; i++) lane[i] += lane[i + width];
    return lane[0];
}

typedef enum { SUM, SUM_ABS, DOT } SumOf;

INLINE void sum_group(SumOf what, const float *a, const float *b, VD acc[DV])
{
    for (int v = 0; v < DV; v++) {
        VD x = widen(a + v * DW);
        if (what == SUM_ABS) x = (VD)((VQ)x & INT64_MAX);
        if (what == DOT) x *= widen(b + v * DW); /* exact: fusing it or not is the same */
        acc[v] += x;
    }
}

INLINE double sum_of(SumOf what, int64_t n, const float *a, const float *b)
{
    VD acc[DV] = {{0}};
    int64_t i = 0;
    for (; i + LANES <= n; i += LANES) sum_group(what, a + i, b + i, acc);
    if (i < n) {
        float last_a[LANES] = {0}, last_b[LANES] = {0};
        memcpy(last_a, a + i, (size_t)(n - i) * sizeof *a);
        memcpy(last_b, b + i, (size_t)(n - i) * sizeof *b);
        sum_group(what, last_a, last_b, acc);
    }
    return sum_tree(acc);
}

double K(sum)(int64_t n, const float *x) { return sum_of(SUM, n, x, x); }
double K(sum_abs)(int64_t n, const float *x) { return sum_of(SUM_ABS, n, x, x); }
double K(sum_squares)(int64_t n, const float *x) { return sum_of(DOT, n, x, x); }
double K(dot)(int64_t n, const float *a, const float *b) { return sum_of(DOT, n, a, b); }

/* ---- largest ---- */

INLINE VF get_or(const float *p, int64_t part, float other)
{
    if (part >= W) return vload(p);
    if (part <= 0) return vset(other);
    return vsel(vfirst(part), vload_n(p, part), vset(other));
}

INLINE float max_lanes(VF v)
{
#if defined(VEC_AVX512)
    __m256 eight = _mm256_max_ps(_mm512_castps512_ps256(v), _mm512_extractf32x8_ps(v, 1));
    F4 four = (F4)_mm_max_ps(_mm256_castps256_ps128(eight), _mm256_extractf128_ps(eight, 1));
#elif defined(VEC_AVX2)
    F4 four = (F4)_mm_max_ps(_mm256_castps256_ps128(v), _mm256_extractf128_ps(v, 1));
#else
    F4 four = v;
#endif
    float a = four[0] > four[2] ? four[0] : four[2], b = four[1] > four[3] ? four[1] : four[3];
    return a > b ? a : b;
}

float K(largest)(int64_t n, const float *x)
{
    VF best = vset(-INFINITY), nans = vset(0.0f);
    for (int64_t i = 0; i < n; i += W) {
        VF v = get_or(x + i, n - i, -INFINITY);
        best = vmax(v, best);
        nans = vsel(vnan(v), v, nans);
    }
    return vany(vnan(nans)) ? NAN : max_lanes(best);
}

int64_t K(arg_max)(int64_t n, const float *x)
{
    int64_t best = 0;
    if (n <= LANES) {
        for (int64_t i = 1; i < n; i++)
            if (x[best] == x[best] && !(x[i] <= x[best])) best = i;
        return best;
    }
    float most = K(largest)(n, x);
    for (int64_t i = 0; i < n; i++)
        if (x[i] == most || x[i] != x[i]) return i;
    return 0;
}

bool K(all_finite)(int64_t n, const float *x)
{
    VF poison = vset(0.0f); /* 0 * x is NaN where x is not finite, and stays so in the sum */
    int64_t i = 0;
    for (; i + W <= n; i += W) poison = vfma(vset(0.0f), vload(x + i), poison);
    if (i < n) poison = vfma(vset(0.0f), vload_n(x + i, n - i), poison);
    return !vany(vnan(poison));
}

/* ---- rows ---- */

void K(add_bias)(int64_t rows, int64_t cols, float *c, int64_t ldc, const float *bias, GemmEnd end)
{
    for (int64_t r = 0; r < rows; r++, c += ldc)
        for (int64_t j = 0; j < cols; j += W) {
            VF v = get(c + j, cols - j);
            if (bias) v = v + get(bias + j, cols - j);
            if (end == GEMM_RELU) v = vmax(vset(0.0f), v);
            put(c + j, v, cols - j);
        }
}

void K(col_sums)(int64_t rows, int64_t cols, const float *x, int64_t ldx, float *out, bool accumulate)
{
    int64_t j = 0;
    for (; j + 4 * W <= cols; j += 4 * W) { /* four columns of vectors at a time: one alone waits for its own sum */
        VF s[4];
        for (int v = 0; v < 4; v++) s[v] = accumulate ? vload(out + j + v * W) : vset(0.0f);
        for (int64_t r = 0; r < rows; r++)
            for (int v = 0; v < 4; v++) s[v] = s[v] + vload(x + r * ldx + j + v * W);
        for (int v = 0; v < 4; v++) vstore(out + j + v * W, s[v]);
    }
    for (; j < cols; j += W) {
        VF s = accumulate ? get(out + j, cols - j) : vset(0.0f);
        for (int64_t r = 0; r < rows; r++) s = s + get(x + r * ldx + j, cols - j);
        put(out + j, s, cols - j);
    }
}

/* The exponentials of one group of lanes, 0 where there is no column. */
INLINE void softmax_group(const float *x, int64_t cols, VF most, VF e[LV])
{
    UNROLL for (int v = 0; v < LV; v++) e[v] = vexp(get_or(x + v * W, cols - v * W, -INFINITY) - most);
}

/* A row that fits one group stays in registers. */
INLINE void softmax_short(int64_t cols, const float *x, float *y)
{
    VF best = vset(-INFINITY), e[LV];
    UNROLL for (int v = 0; v < LV; v++) best = vmax(get_or(x + v * W, cols - v * W, -INFINITY), best);
    softmax_group(x, cols, vset(max_lanes(best)), e);
    VF total = vset(vsum_lanes(e));
    UNROLL for (int v = 0; v < LV; v++) put(y + v * W, e[v] / total, cols - v * W);
}

INLINE void softmax_long(int64_t cols, const float *x, float *y)
{
    VF best = vset(-INFINITY), sums[LV], e[LV];
    for (int64_t j = 0; j < cols; j += W) best = vmax(get_or(x + j, cols - j, -INFINITY), best);
    const VF most = vset(max_lanes(best));
    UNROLL for (int v = 0; v < LV; v++) sums[v] = vset(0.0f);
    for (int64_t j = 0; j < cols; j += LANES) {
        softmax_group(x + j, cols - j, most, e);
        UNROLL for (int v = 0; v < LV; v++) {
            sums[v] = sums[v] + e[v];
            put(y + j + v * W, e[v], cols - j - v * W);
        }
    }
    VF total = vset(vsum_lanes(sums));
    for (int64_t j = 0; j < cols; j += W) put(y + j, get(y + j, cols - j) / total, cols - j);
}

/* A NaN needs no care when the largest is sought: it makes the whole sum NaN. */
void K(softmax)(int64_t rows, int64_t cols, const float *x, int64_t ldx, float *y, int64_t ldy)
{
    for (int64_t r = 0; r < rows; r++, x += ldx, y += ldy) {
        if (cols <= LANES) softmax_short(cols, x, y);
        else softmax_long(cols, x, y);
    }
}

void K(softmax_back)(int64_t rows, int64_t cols, const float *y, int64_t ldy, const float *dy, int64_t lddy, float *dx, int64_t lddx)
{
    for (int64_t r = 0; r < rows; r++, y += ldy, dy += lddy, dx += lddx) {
        VF sums[LV];
        for (int v = 0; v < LV; v++) sums[v] = vset(0.0f);
        for (int64_t j = 0; j < cols; j += LANES)
            for (int v = 0; v < LV; v++)
                sums[v] = vfma(get(y + j + v * W, cols - j - v * W), get(dy + j + v * W, cols - j - v * W), sums[v]);
        VF mean = vset(vsum_lanes(sums));
        for (int64_t j = 0; j < cols; j += W) {
            VF d = get(dy + j, cols - j) - mean;
            put(dx + j, get(y + j, cols - j) * d, cols - j);
        }
    }
}

/* In squares of 16, so that both sides stay in the cache. */
void K(transpose)(int64_t rows, int64_t cols, const float *x, int64_t ldx, float *y, int64_t ldy)
{
    enum { SIDE = 16 };
    for (int64_t r0 = 0; r0 < rows; r0 += SIDE)
        for (int64_t c0 = 0; c0 < cols; c0 += SIDE) {
            int64_t r1 = r0 + SIDE < rows ? r0 + SIDE : rows, c1 = c0 + SIDE < cols ? c0 + SIDE : cols;
            for (int64_t c = c0; c < c1; c++)
                for (int64_t r = r0; r < r1; r++) y[c * ldy + r] = x[r * ldx + c];
        }
}
