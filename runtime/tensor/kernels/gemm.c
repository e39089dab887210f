/* runtime/tensor/kernels/gemm.c: the product of matrices, made for the small ones of small nets.
 *
 * C is computed in tiles of a few rows by one, two or four vectors of columns, held in registers while k runs: each step loads a row
 * of B once and multiplies it by one number from each row of A. So each entry of C is one fused sum in the order of k, which is
 * the same sum for every width of vector and every tile: that is why all instruction sets agree to the bit.
 *
 * Where rows of B do not lie as the tile wants them (B transposed), or B is too large for the first cache, a panel of B is copied
 * to the stack first, a block of k at a time; between blocks the sums wait in C.
 *
 * A single column (n = 1) is a different case: a tile would use one lane of many. There the sum itself is spread over LANES lanes. */
#include "runtime/tensor/kernels/internal.h"

/* Rows of a tile of 1, 2, 4 vectors: as many as there are registers for (32, 16). Few where vfma is a page of code, and under the
 * sanitizers, whose checks make the larger tiles take minutes to compile; no bit depends on it. */
#if defined(VEC_PLAIN) || defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SMALL_TILES 1
enum { ROWS_1 = 3, ROWS_2 = 2, ROWS_4 = 1 };
#elif defined(VEC_AVX512)
enum { ROWS_1 = 8, ROWS_2 = 8, ROWS_4 = 4 };
#else
enum { ROWS_1 = 8, ROWS_2 = 6, ROWS_4 = 2 };
#endif
enum {
    ROWS_MAX = 8,
    PANEL = 2 * W,             /* columns of a packed panel */
    PANEL_FLOATS = 8192,       /* 32 KB */
    PANEL_K = PANEL_FLOATS / PANEL,
    BLOCK_M = 256,             /* rows for which a packed panel is used before it is packed again */
    PACK_FROM_M = 32,          /* below that many rows packing an untransposed B does not pay */
    PACK_FROM_FLOATS = 1 << 14 /* nor for a B that stays in cache */
};

typedef struct {
    const float *a;
    int64_t a_row, a_k; /* floats from one row, one k, to the next */
    const float *b;
    int64_t ldb;
    float *c;
    int64_t ldc, k;
    int64_t last;       /* columns in the last vector, 1 … W */
    bool b_padded;      /* rows of B may be read to the end of the last vector */
    const float *bias;
    bool from_c;
    GemmEnd end;
} Tile;

/* All but t are constants at every call, so that the loops unroll and acc lives in registers. whole: the last vector is full;
 * b_full: a row of B may be read as if it were. */
INLINE void tile(const int rows, const int vectors, const bool whole, const bool b_full, const Tile *t)
{
    VF acc[ROWS_MAX][4];
    const int64_t last = whole ? W : t->last;
    UNROLL for (int v = 0; v < vectors; v++) {
        const bool full = v < vectors - 1 || whole;
        VF bias = vset(0.0f);
        if (t->bias) bias = full ? vload(t->bias + v * W) : vload_n(t->bias + v * W, last);
        UNROLL for (int i = 0; i < rows; i++) acc[i][v] = bias;
        if (t->from_c)
            UNROLL for (int i = 0; i < rows; i++) {
                const float *c = t->c + i * t->ldc + v * W;
                acc[i][v] = full ? vload(c) : vload_n(c, last);
                if (t->bias) acc[i][v] = acc[i][v] + bias;
            }
    }
    const float *a = t->a, *b = t->b;
    const int64_t a_row = t->a_row, a_k = t->a_k, ldb = t->ldb;
    for (int64_t k = t->k; k > 0; k--, a += a_k, b += ldb) {
        VF row[4];
        UNROLL for (int v = 0; v < vectors; v++) row[v] = v < vectors - 1 || b_full ? vload(b + v * W) : vload_n(b + v * W, last);
        UNROLL for (int i = 0; i < rows; i++) {
            VF number = vset(a[i * a_row]);
            UNROLL for (int v = 0; v < vectors; v++) acc[i][v] = vfma(number, row[v], acc[i][v]);
        }
    }
    if (t->end == GEMM_RELU)
        UNROLL for (int i = 0; i < rows; i++)
            UNROLL for (int v = 0; v < vectors; v++) acc[i][v] = vmax(vset(0.0f), acc[i][v]);
    UNROLL for (int v = 0; v < vectors; v++)
        UNROLL for (int i = 0; i < rows; i++) {
            float *c = t->c + i * t->ldc + v * W;
            if (v < vectors - 1 || whole) vstore(c, acc[i][v]);
            else vstore_n(c, acc[i][v], last);
        }
}

#define CASE(n, vectors)                                                                                                         \
    case n:                                                                                                                      \
        if (t->last == W) tile(n, vectors, true, true, t);                                                                       \
        else if (t->b_padded) tile(n, vectors, false, true, t);                                                                  \
        else tile(n, vectors, false, false, t);                                                                                  \
        break;

static void tile_1(int64_t rows, const Tile *t)
{
    switch (rows) {
        CASE(1, 1) CASE(2, 1) CASE(3, 1)
#if !defined(SMALL_TILES)
        CASE(4, 1) CASE(5, 1) CASE(6, 1) CASE(7, 1) CASE(8, 1)
#endif
    }
}

static void tile_2(int64_t rows, const Tile *t)
{
    switch (rows) {
        CASE(1, 2) CASE(2, 2)
#if !defined(SMALL_TILES)
        CASE(3, 2) CASE(4, 2) CASE(5, 2) CASE(6, 2)
#if defined(VEC_AVX512)
        CASE(7, 2) CASE(8, 2)
#endif
#endif
    }
}

static void tile_4(int64_t rows, const Tile *t)
{
    switch (rows) {
        CASE(1, 4)
#if !defined(SMALL_TILES)
        CASE(2, 4)
#if defined(VEC_AVX512)
        CASE(3, 4) CASE(4, 4)
#endif
#endif
    }
}

/* The rows of a panel in tiles as equal in height as they can be: 32 rows are better cut 6 6 5 5 5 5 than 6 6 6 6 6 2. */
static void panel_rows(int64_t m, int64_t columns, Tile t)
{
    const int64_t vectors = (columns + W - 1) / W, most = vectors == 1 ? ROWS_1 : vectors == 2 ? ROWS_2 : ROWS_4;
    const int64_t tiles = (m + most - 1) / most, low = m / tiles, higher = m % tiles;
    t.last = columns - (vectors - 1) * W;
    for (int64_t i = 0; i < tiles; i++) {
        int64_t rows = low + (i < higher);
        if (vectors == 1) tile_1(rows, &t);
        else if (vectors == 2) tile_2(rows, &t);
        else tile_4(rows, &t);
        t.a += rows * t.a_row;
        t.c += rows * t.ldc;
    }
}

/* ---- packing ---- */

#if defined(VEC_AVX512) || defined(VEC_AVX2)
enum { SQUARE = 8 };

INLINE __m256 load_8(const float *p, int64_t n)
{
    if (n >= 8) return _mm256_loadu_ps(p);
    const __m256i place = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
    return _mm256_maskload_ps(p, _mm256_cmpgt_epi32(_mm256_set1_epi32((int)n), place));
}

/* y [k, 8 columns] = x' with x [columns, k], both at most 8; columns that are not there become zeros. */
INLINE void transpose_square(int64_t columns, int64_t k, const float *x, int64_t ldx, float *y, int64_t ldy)
{
    __m256 r[8], p[8];
    for (int i = 0; i < 8; i++) r[i] = i < columns ? load_8(x + i * ldx, k) : _mm256_setzero_ps();
    for (int i = 0; i < 8; i += 2) {
        p[i] = _mm256_unpacklo_ps(r[i], r[i + 1]);
        p[i + 1] = _mm256_unpackhi_ps(r[i], r[i + 1]);
    }
    for (int i = 0; i < 8; i += 4) {
        r[i] = _mm256_shuffle_ps(p[i], p[i + 2], 0x44);
        r[i + 1] = _mm256_shuffle_ps(p[i], p[i + 2], 0xee);
        r[i + 2] = _mm256_shuffle_ps(p[i + 1], p[i + 3], 0x44);
        r[i + 3] = _mm256_shuffle_ps(p[i + 1], p[i + 3], 0xee);
    }
    for (int i = 0; i < 4; i++) {
        if (i < k) _mm256_storeu_ps(y + i * ldy, _mm256_permute2f128_ps(r[i], r[i + 4], 0x20));
        if (i + 4 < k) _mm256_storeu_ps(y + (i + 4) * ldy, _mm256_permute2f128_ps(r[i], r[i + 4], 0x31));
    }
}
#else
enum { SQUARE = 4 };

INLINE void transpose_square(int64_t columns, int64_t k, const float *x, int64_t ldx, float *y, int64_t ldy)
{
    for (int64_t i = 0; i < k; i++)
        for (int64_t j = 0; j < SQUARE; j++) y[i * ldy + j] = j < columns ? x[j * ldx + i] : 0.0f;
}
#endif

/* A panel of k rows, `pitch` columns apart (a multiple of W), from B stored transposed [columns, k]; further columns are zeros. */
static void pack_transposed(int64_t columns, int64_t k, const float *b, int64_t ldb, float *panel, int64_t pitch)
{
    for (int64_t j = 0; j < pitch; j += SQUARE) {
        const int64_t there = columns - j < SQUARE ? columns - j : SQUARE;
        int64_t i = 0;
        if (there == SQUARE)
            for (; i + SQUARE <= k; i += SQUARE)
                transpose_square(SQUARE, SQUARE, b + j * ldb + i, ldb, panel + i * pitch + j, pitch);
        for (; i < k; i += SQUARE)
            transpose_square(there, k - i < SQUARE ? k - i : SQUARE, b + j * ldb + i, ldb, panel + i * pitch + j, pitch);
    }
}

static void pack(int64_t columns, int64_t k, const float *b, int64_t ldb, float *panel, int64_t pitch)
{
    for (int64_t i = 0; i < k; i++, b += ldb, panel += pitch)
        for (int64_t j = 0; j < columns; j += W) {
            if (columns - j >= W) vstore(panel + j, vload(b + j));
            else vstore(panel + j, vload_n(b + j, columns - j));
        }
}

/* ---- whole products ---- */

/* Blocks of rows, of k, and panels of columns. The bias is where the sums begin, relu where they end. */
static __attribute__((noinline)) void packed(const Gemm *g, Tile t, bool b_transposed)
{
    float panel[PANEL_FLOATS];
    for (int64_t i = 0; i < g->m; i += BLOCK_M) {
        const int64_t m = g->m - i < BLOCK_M ? g->m - i : BLOCK_M;
        for (int64_t kk = 0; kk < g->k; kk += PANEL_K) {
            const int64_t k = g->k - kk < PANEL_K ? g->k - kk : PANEL_K;
            for (int64_t j = 0; j < g->n; j += PANEL) {
                const int64_t columns = g->n - j < PANEL ? g->n - j : PANEL, pitch = (columns + W - 1) / W * W;
                if (b_transposed) pack_transposed(columns, k, g->b + j * g->ldb + kk, g->ldb, panel, pitch);
                else pack(columns, k, g->b + kk * g->ldb + j, g->ldb, panel, pitch);
                Tile part = t;
                part.a = t.a + i * t.a_row + kk * t.a_k;
                part.b = panel;
                part.ldb = pitch;
                part.b_padded = true;
                part.c = t.c + i * t.ldc + j;
                part.k = k;
                part.bias = kk == 0 && t.bias ? t.bias + j : NULL;
                part.end = kk + k == g->k ? t.end : GEMM_LINEAR;
                part.from_c = t.from_c || kk > 0;
                panel_rows(m, columns, part);
            }
        }
    }
}

static void in_place(const Gemm *g, Tile t)
{
    const int64_t panel = g->m <= ROWS_4 ? 4 * W : PANEL;
    for (int64_t j = 0; j < g->n;) {
        int64_t columns = g->n - j < panel ? g->n - j : panel;
        if (columns > 2 * W && columns < 4 * W) columns = 2 * W; /* there are no tiles of three vectors */
        Tile part = t;
        part.b = t.b + j;
        part.c = t.c + j;
        part.bias = t.bias ? t.bias + j : NULL;
        panel_rows(g->m, columns, part);
        j += columns;
    }
}

/* ---- one column ---- */

INLINE VF lanes_of(const float *p, int64_t part) { return part >= W ? vload(p) : part > 0 ? vload_n(p, part) : vset(0.0f); }

/* Adds the products of `part` numbers to the lanes of each row; LANES of them but at the end. */
INLINE void dots_group(const int rows, const float *a, int64_t lda, const float *b, int64_t part, VF acc[4][LV])
{
    UNROLL for (int v = 0; v < LV; v++) {
        VF column = lanes_of(b + v * W, part - v * W);
        UNROLL for (int r = 0; r < rows; r++) acc[r][v] = vfma(lanes_of(a + r * lda + v * W, part - v * W), column, acc[r][v]);
    }
}

/* `rows` dot products with one vector b, numbers of b `ldb` apart. rows is a constant at every call. */
INLINE void dots(const int rows, const Gemm *g, int64_t i, int64_t ldb)
{
    VF acc[4][LV];
    const float *a = g->a + i * g->lda, *b = g->b;
    const int64_t lda = g->lda, whole = g->k / LANES * LANES;
    UNROLL for (int r = 0; r < rows; r++) UNROLL for (int v = 0; v < LV; v++) acc[r][v] = vset(0.0f);
    if (ldb == 1) {
        for (int64_t k = 0; k < whole; k += LANES) dots_group(rows, a + k, lda, b + k, LANES, acc);
        if (whole < g->k) dots_group(rows, a + whole, lda, b + whole, g->k - whole, acc);
    } else {
        for (int64_t k = 0; k < g->k; k += LANES) {
            float gathered[LANES];
            const int64_t part = g->k - k < LANES ? g->k - k : LANES;
            for (int64_t l = 0; l < part; l++) gathered[l] = b[(k + l) * ldb];
            dots_group(rows, a + k, lda, gathered, part, acc);
        }
    }
    float sums[4];
    if (rows == 4) vsum_lanes_4(acc, sums);
    else sums[0] = vsum_lanes(acc[0]);
    UNROLL for (int r = 0; r < rows; r++) {
        float *c = g->c + (i + r) * g->ldc, sum = sums[r];
        if (g->accumulate) sum += *c;
        if (g->bias) sum += *g->bias;
        *c = g->end == GEMM_RELU && sum < 0.0f ? 0.0f : sum;
    }
}

static void one_column(const Gemm *g)
{
    const int64_t ldb = g->form == GEMM_NN ? g->ldb : 1;
    int64_t i = 0;
    if (ldb == 1) {
        for (; i + 4 <= g->m; i += 4) dots(4, g, i, 1);
        for (; i < g->m; i++) dots(1, g, i, 1);
    }
    for (; i < g->m; i++) dots(1, g, i, ldb);
}

void K(gemm)(const Gemm *g)
{
    const bool a_transposed = g->form == GEMM_TN || g->form == GEMM_TT, b_transposed = g->form == GEMM_NT || g->form == GEMM_TT;
    if (g->m <= 0 || g->n <= 0) return;
    if (g->n == 1 && !a_transposed) {
        one_column(g);
        return;
    }
    Gemm product = *g;
    if (g->form == GEMM_NT && g->m == 1) { /* one row: C' = B A', dot products with the rows of B */
        product = (Gemm){.form = GEMM_NT, .accumulate = g->accumulate, .m = g->n, .n = 1, .k = g->k, .a = g->b, .lda = g->ldb,
                         .b = g->a, .ldb = g->lda, .c = g->c, .ldc = 1};
        one_column(&product);
        if (g->bias || g->end != GEMM_LINEAR) K(add_bias)(1, g->n, g->c, g->ldc, g->bias, g->end);
        return;
    }
    Tile t = {
        .a = g->a, .a_row = a_transposed ? 1 : g->lda, .a_k = a_transposed ? g->lda : 1, .b = g->b, .ldb = g->ldb, .c = g->c,
        .ldc = g->ldc, .k = g->k, .bias = g->bias, .from_c = g->accumulate, .end = g->end,
    };
    bool turned = b_transposed;
    if (g->form == GEMM_TN && g->n == 1 && g->ldc == 1 && !g->bias) {
        /* A column of results that lies in memory like a row: C' = B' A, the same sums. */
        product.m = 1;
        product.n = g->m;
        product.b = t.b = g->a;
        product.ldb = t.ldb = g->lda;
        product.a = t.a = g->b;
        t.a_k = g->ldb;
    } else if (turned && ((g->k == 1 && g->ldb == 1) || g->n == 1)) {
        turned = false; /* a single row of B, or a single column: transposed is the same memory */
        product.ldb = t.ldb = 1;
    }
    const bool large = product.m >= PACK_FROM_M && product.n > W && g->k * product.n > PACK_FROM_FLOATS;
    const bool ragged = product.m > ROWS_1 && product.n % W != 0 && product.n < PANEL && g->k > 2; /* partial loads are slow */
    if (g->k > 0 && (turned || large || ragged)) packed(&product, t, turned);
    else in_place(&product, t);
}
