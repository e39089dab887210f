/* tests/unit/test_tensor_gemm.c: products against plain loops in double, and the promises about bits: instruction sets, cuts, threads. */
#include "tests/unit/test.h"

#include "runtime/tensor/blas.h"
#include "runtime/base/par.h"

#include <stdlib.h>

static const char *const sets[] = {"v4", "v3", "v2", "generic"};

static uint32_t state = 1;
static float number(void)
{
    state = state * 1664525u + 1013904223u;
    return (float)(int32_t)state * 0x1p-31f;
}

static float *numbers(int64_t n)
{
    float *x = malloc((size_t)n * sizeof *x + 1);
    for (int64_t i = 0; i < n; i++) x[i] = number();
    return x;
}

static bool a_transposed(const Gemm *g) { return g->form == GEMM_TN || g->form == GEMM_TT; }
static bool b_transposed(const Gemm *g) { return g->form == GEMM_NT || g->form == GEMM_TT; }

/* The largest distance from the product in double, in units of the rounding that k sums may cost. */
static double distance(const Gemm *g, const float *before, const float *c)
{
    double worst = 0;
    for (int64_t i = 0; i < g->m; i++)
        for (int64_t j = 0; j < g->n; j++) {
            double sum = g->accumulate ? (double)before[i * g->ldc + j] : 0.0, size = fabs(sum);
            for (int64_t k = 0; k < g->k; k++) {
                double p = (double)(a_transposed(g) ? g->a[k * g->lda + i] : g->a[i * g->lda + k]) *
                           (double)(b_transposed(g) ? g->b[j * g->ldb + k] : g->b[k * g->ldb + j]);
                sum += p;
                size += fabs(p);
            }
            if (g->bias) sum += (double)g->bias[j], size += fabs((double)g->bias[j]);
            if (g->end == GEMM_RELU && sum < 0) sum = 0;
            double off = fabs((double)c[i * g->ldc + j] - sum) / (size * 0x1p-24 + 1e-30);
            if (off > worst) worst = off;
        }
    return worst;
}

/* A product with operands of their own, by each table and by gemm(). */
static void check(GemmForm form, int64_t m, int64_t n, int64_t k, int64_t gap, bool accumulate, bool bias, GemmEnd end)
{
    Gemm g = {.form = form, .end = end, .accumulate = accumulate, .m = m, .n = n, .k = k, .ldc = n + gap};
    g.lda = (a_transposed(&g) ? m : k) + gap;
    g.ldb = (b_transposed(&g) ? k : n) + gap;
    const int64_t size_c = m * g.ldc + 1;
    float *a = numbers((a_transposed(&g) ? k : m) * g.lda), *b = numbers((b_transposed(&g) ? n : k) * g.ldb);
    float *before = numbers(size_c), *offset = numbers(n), *first = malloc((size_t)size_c * sizeof *first), *c = malloc((size_t)size_c * sizeof *c);
    bool have_first = false;
    g.a = a;
    g.b = b;
    g.bias = bias ? offset : NULL;
    for (size_t s = 0; s <= sizeof sets / sizeof *sets; s++) {
        const Kernels *table = s < sizeof sets / sizeof *sets ? kernels_named(sets[s]) : NULL;
        if (s < sizeof sets / sizeof *sets && !table) continue;
        memcpy(c, before, (size_t)size_c * sizeof *c);
        g.c = c;
        if (table) table->gemm(&g);
        else gemm(&g);
        double off = distance(&g, before, c);
        bool ok = off < (double)k + 4;
        if (!ok && test_failures < 3) printf("form %d, %d x %d x %d, gap %d, table %s: off by %.3g\n", (int)form, (int)m, (int)n, (int)k, (int)gap,
                                         table ? table->name : "gemm()", off);
        OK(ok);
        bool outside_untouched = c[size_c - 1] == before[size_c - 1];
        for (int64_t i = 0; i < m; i++)
            for (int64_t j = n; j < g.ldc; j++) outside_untouched &= c[i * g.ldc + j] == before[i * g.ldc + j];
        OK(outside_untouched);
        if (table && !have_first) memcpy(first, c, (size_t)size_c * sizeof *c);
        else if (table) OK(memcmp(first, c, (size_t)size_c * sizeof *c) == 0);
        have_first |= table != NULL;
    }
    free(a);
    free(b);
    free(before);
    free(offset);
    free(first);
    free(c);
}

TEST(small_shapes)
{
    static const int64_t sides[] = {1, 2, 3, 5, 7, 8, 9, 13, 16, 17, 23, 31, 32, 33, 39, 40};
    enum { N = sizeof sides / sizeof *sides };
    int turn = 0;
    for (int form = GEMM_NN; form <= GEMM_TT; form++)
        for (int i = 0; i < N; i++)
            for (int j = 0; j < N; j++)
                for (int k = 0; k < N; k++, turn++)
                    check((GemmForm)form, sides[i], sides[j], sides[k], turn % 3, turn % 2, turn % 5 < 2, turn % 7 < 3 ? GEMM_RELU : GEMM_LINEAR);
}

TEST(larger_shapes)
{
    static const int64_t shapes[][3] = {{32, 64, 12}, {64, 256, 64}, {1, 300, 500}, {500, 1, 300}, {300, 10, 600}, {5, 70, 1100}, {70, 90, 1100}, {600, 40, 33}, {129, 257, 65}};
    for (int form = GEMM_NN; form <= GEMM_TT; form++)
        for (size_t s = 0; s < sizeof shapes / sizeof *shapes; s++)
            for (int way = 0; way < 2; way++) check((GemmForm)form, shapes[s][0], shapes[s][1], shapes[s][2], way, way, way, way ? GEMM_RELU : GEMM_LINEAR);
}

TEST(by_the_library)
{
    if (!blas_open(NULL)) return; /* optional: our own kernel then does these */
    for (int form = GEMM_NN; form <= GEMM_TT; form++) {
        OK(gemm_needs_blas(400, 410, 420));
        check((GemmForm)form, 400, 410, 420, 3, form % 2, true, GEMM_RELU);
    }
}

TEST(nothing_to_multiply)
{
    float c[4] = {1, 2, 3, 4}, x[4] = {0};
    const float bias[2] = {-5, 5};
    Gemm g = {.form = GEMM_NN, .m = 2, .n = 2, .k = 0, .a = x, .lda = 1, .b = x, .ldb = 2, .c = c, .ldc = 2, .bias = bias, .end = GEMM_RELU, .accumulate = true};
    gemm(&g);
    NEAR(c[0], 0, 0);
    NEAR(c[1], 7, 0);
    g.accumulate = false;
    gemm(&g);
    NEAR(c[3], 5, 0);
    g.m = 0;
    gemm(&g);
    NEAR(c[3], 5, 0);
}

/* A NaN must reach the result, through relu too: training notices it there. */
TEST(nan_passes)
{
    float a[32], b[32], c[32];
    for (int i = 0; i < 32; i++) a[i] = b[i] = 1.0f;
    a[3] = NAN;
    for (int64_t n = 1; n <= 4; n++) {
        Gemm g = {.form = GEMM_NN, .end = GEMM_RELU, .m = 4, .n = n, .k = 8, .a = a, .lda = 8, .b = b, .ldb = n, .c = c, .ldc = n};
        gemm(&g);
        OK(isnan(c[0]));
        NEAR(c[n], 8, 0);
    }
}

typedef struct {
    Gemm g;
    int n_tasks;
} Tasks;

static void one_task(void *ctx, int task)
{
    Tasks *t = ctx;
    gemm_task(&t->g, task, t->n_tasks);
}

/* The same bits with any number of threads; where the library has no part, also those of the whole product. */
TEST(tasks)
{
    static const int64_t shapes[][3] = {{32, 64, 12}, {128, 512, 784}, {784, 512, 128}, {130, 1000, 333}, {256, 1024, 1024}};
    for (size_t s = 0; s < sizeof shapes / sizeof *shapes; s++)
        for (int form = GEMM_NN; form <= GEMM_TN; form++) {
            const int64_t m = shapes[s][0], n = shapes[s][1], k = shapes[s][2];
            float *a = numbers(m * k), *b = numbers(k * n), *bias = numbers(n), *c = numbers(m * n), *first = numbers(m * n);
            Tasks t = {.g = {.form = (GemmForm)form, .end = GEMM_RELU, .m = m, .n = n, .k = k, .a = a, .b = b, .c = first, .ldc = n, .bias = bias}};
            t.g.lda = a_transposed(&t.g) ? m : k;
            t.g.ldb = b_transposed(&t.g) ? k : n;
            t.n_tasks = gemm_tasks(m, n, k);
            OK(t.n_tasks == 1 || m * n * k >= 1 << 22);
            if (gemm_needs_blas(m, n, k)) par_run(NULL, t.n_tasks, one_task, &t);
            else gemm(&t.g);
            OK(distance(&t.g, NULL, first) < (double)k + 4);
            t.g.c = c;
            for (int threads = 1; threads <= 8; threads *= 2) {
                Par *par = par_open(threads);
                memset(c, 0xff, (size_t)(m * n) * sizeof *c);
                par_run(par, t.n_tasks, one_task, &t);
                OK(memcmp(c, first, (size_t)(m * n) * sizeof *c) == 0);
                par_close(par);
            }
            free(a);
            free(b);
            free(bias);
            free(c);
            free(first);
        }
    EQ(gemm_tasks(32, 64, 64), 1);
    OK(gemm_tasks(1024, 4096, 256) > 4);
}

/* Where a row stands does not matter. */
TEST(rows_are_independent)
{
    float *a = numbers(50 * 20), *b = numbers(20 * 30), c[50 * 30], part[50 * 30];
    for (int64_t n = 2; n <= 30; n += 7) {
        Gemm g = {.form = GEMM_NN, .m = 50, .n = n, .k = 20, .a = a, .lda = 20, .b = b, .ldb = 30, .c = c, .ldc = n};
        gemm(&g);
        g.c = part;
        for (int64_t begin = 0; begin < 50; begin += 7) {
            g.m = begin + 7 > 50 ? 50 - begin : 7;
            g.a = a + begin * 20;
            gemm(&g);
            OK(memcmp(part, c + begin * n, (size_t)(g.m * n) * sizeof *c) == 0);
        }
    }
    free(a);
    free(b);
}
