/* runtime/tensor/blas.c: OpenBLAS behind dlopen, and the choice between it and our own kernel.
 *
 * The library is loaded once, whoever asks first. Its environment must be set before its constructor runs: one thread inside (ours are
 * outside, and several of its own would fight with them), and a processor type pinned by instruction set, since its own detection differs
 * between machines that could give the same bits. Debian's plain name may lead to the flavour "serial", which is not safe to call from
 * several threads, or "openmp", which starts threads of its own; so the flavour "pthread" is asked for by path, and any other gets a
 * lock around its calls. */
#include "runtime/tensor/blas.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

/* cblas.h, the part in use. The integers are 32 bits wide in Debian's build. */
enum { ROW_MAJOR = 101, NO_TRANS = 111, TRANS = 112, FLAVOUR_PTHREAD = 1 };
typedef void Sgemm(int order, int trans_a, int trans_b, int m, int n, int k, float alpha, const float *a, int lda, const float *b,
                   int ldb, float beta, float *c, int ldc);

static struct {
    pthread_once_t once;
    pthread_mutex_t lock; /* held around calls when info.locked */
    BlasInfo info;
    Sgemm *sgemm;
} blas = {.once = PTHREAD_ONCE_INIT, .lock = PTHREAD_MUTEX_INITIALIZER};

static const char *const paths[] = {
#if defined(__x86_64__)
    "/usr/lib/x86_64-linux-gnu/openblas-pthread/libopenblas.so.0",
#elif defined(__aarch64__)
    "/usr/lib/aarch64-linux-gnu/openblas-pthread/libopenblas.so.0",
#elif defined(__riscv) && __riscv_xlen == 64
    "/usr/lib/riscv64-linux-gnu/openblas-pthread/libopenblas.so.0",
#elif defined(__powerpc64__)
    "/usr/lib/powerpc64le-linux-gnu/openblas-pthread/libopenblas.so.0",
#endif
    "libopenblas.so.0",
};

static void set_environment(void)
{
    setenv("OPENBLAS_NUM_THREADS", "1", 0);
#if defined(__x86_64__)
    const char *set = kernels()->name;
    if (strcmp(set, "v4") == 0) setenv("OPENBLAS_CORETYPE", "SKYLAKEX", 0);
    else if (strcmp(set, "v3") == 0) setenv("OPENBLAS_CORETYPE", "HASWELL", 0);
#endif
}

/* A function of the library. ISO C has no conversion from object to function pointers; POSIX promises that the bits serve. */
static void find(void *library, const char *name, void *function)
{
    void *found = dlsym(library, name);
    memcpy(function, &found, sizeof found);
}

static void load(void)
{
    void *library = NULL;
    BlasInfo *info = &blas.info;
    set_environment();
    for (size_t i = 0; !library && i < sizeof paths / sizeof *paths; i++) {
        library = dlopen(paths[i], RTLD_NOW | RTLD_LOCAL);
        info->path = paths[i];
    }
    if (!library) {
        info->path = NULL;
        info->why_not = "the library libopenblas.so.0 was not found";
        return;
    }
    int (*parallel)(void);
    char *(*core)(void), *(*config)(void);
    void (*set_threads)(int);
    find(library, "cblas_sgemm", &blas.sgemm);
    find(library, "openblas_get_parallel", &parallel);
    find(library, "openblas_get_corename", &core);
    find(library, "openblas_get_config", &config);
    find(library, "openblas_set_num_threads", &set_threads);
    if (!blas.sgemm) {
        dlclose(library);
        info->path = NULL;
        info->why_not = "the library libopenblas.so.0 lacks the function cblas_sgemm";
        return;
    }
    info->available = true;
    info->locked = !parallel || parallel() != FLAVOUR_PTHREAD;
    info->core = core ? core() : "unknown";
    info->version = config ? config() : "unknown";
    if (set_threads) set_threads(1);
}

bool blas_open(BlasInfo *info)
{
    pthread_once(&blas.once, load);
    if (info) *info = blas.info;
    return blas.info.available;
}

/* Measured on a machine with AVX-512, one core: up to some 400³ multiplications our kernel is as fast as the library or faster (by a tenth
 * and more for small products), and gives the same bits on every machine; larger ones do not fit the caches as it cuts them. A
 * single column or row is bound by memory and never worth the library's way. */
bool gemm_needs_blas(int64_t m, int64_t n, int64_t k)
{
    return m > 4 && n > 4 && k > 4 && m * n * k > kernels()->gemm_is_fast_to;
}

static bool fits(const Gemm *g)
{
    return g->m <= INT32_MAX && g->n <= INT32_MAX && g->k <= INT32_MAX && g->lda <= INT32_MAX && g->ldb <= INT32_MAX &&
           g->ldc <= INT32_MAX;
}

static void by_library(const Gemm *g)
{
    const bool a_transposed = g->form == GEMM_TN || g->form == GEMM_TT, b_transposed = g->form == GEMM_NT || g->form == GEMM_TT;
    if (blas.info.locked) pthread_mutex_lock(&blas.lock);
    blas.sgemm(ROW_MAJOR, a_transposed ? TRANS : NO_TRANS, b_transposed ? TRANS : NO_TRANS, (int)g->m, (int)g->n, (int)g->k, 1.0f, g->a,
               (int)g->lda, g->b, (int)g->ldb, g->accumulate ? 1.0f : 0.0f, g->c, (int)g->ldc);
    if (blas.info.locked) pthread_mutex_unlock(&blas.lock);
    if (g->bias || g->end != GEMM_LINEAR) kernels()->add_bias(g->m, g->n, g->c, g->ldc, g->bias, g->end);
}

void gemm(const Gemm *g)
{
    gemm_task(g, 0, 1);
}

/* ---- tasks ---- */

/* The longer side of C is cut, so that what every slice packs anew is the smaller operand. A slice is a multiple of SLICE_STEP (tiles
 * of the library are 16 wide or high; slices of 16 rows and less take other kernels in it) and worth TASK_WORK multiplications, some
 * 40 µs, against 1 µs that a task costs. */
enum { SLICE_STEP = 32, TASKS_MOST = 16 };
static const int64_t task_work = 1 << 21;

static int64_t slice_of(int64_t side, int n_tasks)
{
    return ((side + n_tasks - 1) / n_tasks + SLICE_STEP - 1) / SLICE_STEP * SLICE_STEP;
}

int gemm_tasks(int64_t m, int64_t n, int64_t k)
{
    int64_t side = m >= n ? m : n, tasks = m * n * k / task_work;
    if (tasks > side / SLICE_STEP) tasks = side / SLICE_STEP;
    if (tasks > TASKS_MOST) tasks = TASKS_MOST;
    if (tasks <= 1) return 1;
    int64_t slice = slice_of(side, (int)tasks);
    return (int)((side + slice - 1) / slice); /* rounding up slices may leave fewer */
}

void gemm_task(const Gemm *g, int task, int n_tasks)
{
    const bool library = gemm_needs_blas(g->m, g->n, g->k) && fits(g) && blas_open(NULL); /* the whole decides for its parts */
    Gemm part = *g;
    if (n_tasks > 1) {
        const bool by_rows = g->m >= g->n;
        const int64_t side = by_rows ? g->m : g->n, slice = slice_of(side, n_tasks), begin = task * slice;
        const int64_t count = side - begin < slice ? side - begin : slice;
        if (by_rows) {
            part.m = count;
            part.a += begin * (g->form == GEMM_TN || g->form == GEMM_TT ? 1 : g->lda);
            part.c += begin * g->ldc;
        } else {
            part.n = count;
            part.b += begin * (g->form == GEMM_NT || g->form == GEMM_TT ? g->ldb : 1);
            part.c += begin;
            if (g->bias) part.bias += begin;
        }
    }
    if (library) by_library(&part);
    else kernels()->gemm(&part);
}
