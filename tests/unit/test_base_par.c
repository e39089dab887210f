/* tests/unit/test_tensor_par.c: the pool: every task once, results visible, any number of threads, awake or asleep. */
#include "tests/unit/test.h"

#include "runtime/tensor/blas.h"
#include "runtime/base/par.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <time.h>

enum { MOST = 200 };
typedef struct {
    int done[MOST]; /* not atomic: each has one writer, and par_run promises that the caller sees it */
    int value;
    _Atomic int running;
} Work;

static void count(void *ctx, int task)
{
    Work *w = ctx;
    w->done[task] += w->value;
}

TEST(every_task_once)
{
    for (int threads = 1; threads <= 9; threads += 2) {
        Par *par = par_open(threads);
        EQ(par_threads(par), threads);
        Work w = {{0}, 0, 0};
        int expected = 0;
        for (int round = 0; round < 3000; round++) {
            int n = round % 37 == 0 ? MOST : round % 8;
            w.value = round;
            if (n == MOST) expected += round;
            par_run(par, n, count, &w);
            EQ(w.done[MOST - 1], expected);
        }
        int first = 0;
        for (int round = 0; round < 3000; round++)
            if (round % 37 == 0 || round % 8 > 0) first += round;
        EQ(w.done[0], first);
        par_close(par);
    }
}

/* Between lists the workers fall asleep. */
TEST(sleep_and_wake)
{
    Par *par = par_open(4);
    Work w = {{0}, 1, 0};
    for (int round = 1; round <= 200; round++) {
        const struct timespec pause = {0, round % 3 * 60000};
        nanosleep(&pause, NULL);
        par_run(par, 16, count, &w);
        for (int i = 0; i < 16; i++) EQ(w.done[i], round);
    }
    par_close(par);
}

static void slow(void *ctx, int task)
{
    Work *w = ctx;
    const struct timespec pause = {0, 200000};
    nanosleep(&pause, NULL);
    w->done[task]++;
}

/* The caller sleeps while a worker is still at it. */
TEST(caller_waits)
{
    Par *par = par_open(3);
    Work w = {{0}, 0, 0};
    for (int round = 1; round <= 50; round++) {
        par_run(par, 3, slow, &w);
        for (int i = 0; i < 3; i++) EQ(w.done[i], round);
    }
    par_close(par);
}

static void blocks_signals(void *ctx, int task)
{
    Work *w = ctx;
    sigset_t set;
    pthread_sigmask(SIG_SETMASK, NULL, &set);
    w->done[task] = sigismember(&set, SIGINT);
    OK(!sigismember(&set, SIGBUS));
    const struct timespec pause = {0, 2000000};
    nanosleep(&pause, NULL);
}

/* Only the caller's threads take signals, but for what a thread brings upon itself, and the caller's own mask is as it was. */
TEST(signals)
{
    Par *par = par_open(4);
    Work w = {{0}, 0, 0};
    sigset_t set;
    pthread_sigmask(SIG_SETMASK, NULL, &set);
    EQ(sigismember(&set, SIGINT), 0);
    par_run(par, 4, blocks_signals, &w);
    OK(w.done[0] + w.done[1] + w.done[2] + w.done[3] >= 1);
    par_close(par);
}

TEST(no_pool_needed)
{
    Work w = {{0}, 1, 0};
    par_run(NULL, 5, count, &w);
    EQ(w.done[4], 1);
    EQ(par_threads(NULL), 1);
    par_close(NULL);
    Par *par = par_open(0);
    OK(par_threads(par) >= 1);
    par_run(par, 0, count, &w);
    EQ(w.done[0], 1);
    par_close(par);
    par_set_default(3);
    par = par_open(0);
    EQ(par_threads(par), 3);
    par_close(par);
    par_set_default(0);
    for (int i = 0; i < 50; i++) par_close(par_open(3)); /* closed before they began */
}

/* ---- several threads in the library at once ---- */

enum { M = 420 };
static float a[M * M], b[M * M], whole[M * M], c[8][M * M];

static void product(void *ctx, int task)
{
    Gemm g = *(const Gemm *)ctx;
    g.c = c[task];
    gemm(&g);
}

TEST(library_from_several_threads)
{
    for (int i = 0; i < M * M; i++) {
        a[i] = (float)(i * 7919 % 1009) / 1009 - 0.5f;
        b[i] = (float)(i * 4729 % 997) / 997 - 0.5f;
    }
    Gemm g = {.form = GEMM_NN, .m = M, .n = M, .k = M, .a = a, .lda = M, .b = b, .ldb = M, .c = whole, .ldc = M};
    Par *par = par_open(4);
    gemm(&g);
    for (int round = 0; round < 8; round++) {
        par_run(par, 8, product, &g);
        for (int i = 0; i < 8; i++) OK(memcmp(c[i], whole, sizeof whole) == 0);
    }
    par_close(par);
}

TEST(library_info)
{
    BlasInfo info;
    if (blas_open(&info)) OK(info.path && info.core && info.version && !info.why_not);
    else OK(info.why_not != NULL);
}
