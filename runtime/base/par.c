/* runtime/base/par.c: the pool of threads.
 *
 * One 64-bit word, the ticket, holds the number of the list in its high half and the count of tasks not yet taken in its low half.
 * Whoever lowers the count by compare-and-swap owns a task; a thread that is late meets another number or a count of 0 and takes
 * nothing. The list itself (task, ctx, n_tasks) is read only by the owner of a task of it, and it cannot change before all
 * of its tasks are done.
 *
 * Waiting is spinning for some 20 µs, then a futex. Both sleepers announce themselves before they look for the last time, and both
 * wakers look for sleepers after they published, with sequential consistency on both sides: one of the two sees the other. */
#include "runtime/base/par.h"

#include "runtime/base/arena.h"

#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum { MAX_THREADS = 1024, SPIN_NS = 20000, PAUSES = 64 };

struct Par {
    int n_threads;
    pthread_t *workers;
    ParTask *task;
    void *ctx;
    int n_tasks;
    /* What several threads write stands in cache lines of its own. */
    _Alignas(64) _Atomic uint64_t ticket;
    _Alignas(64) _Atomic uint32_t lists;   /* lists published so far: what workers sleep on */
    _Atomic uint32_t sleepers;
    _Atomic bool closing;
    _Alignas(64) _Atomic uint32_t undone;  /* tasks of this list not yet done: what the caller sleeps on */
    _Atomic uint32_t caller_sleeps;
};

static void futex_wait(_Atomic uint32_t *word, uint32_t while_value)
{
    syscall(SYS_futex, word, FUTEX_WAIT_PRIVATE, while_value, NULL, NULL, 0);
}

static void futex_wake(_Atomic uint32_t *word, int n)
{
    syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, n, NULL, NULL, 0);
}

static void relax(void)
{
#if defined(__x86_64__)
    __builtin_ia32_pause();
#endif
}

static int64_t now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

/* Spins until *word is no longer `value` (true) or the time is over (false). */
static bool spin_while(_Atomic uint32_t *word, uint32_t value)
{
    int64_t until = 0;
    for (;;) {
        for (int i = 0; i < PAUSES; i++) {
            if (atomic_load_explicit(word, memory_order_acquire) != value) return true;
            relax();
        }
        int64_t now = now_ns();
        if (until == 0) until = now + SPIN_NS;
        else if (now >= until) return false;
    }
}

/* Takes and does tasks until none is left. */
static void work(Par *par)
{
    uint64_t ticket = atomic_load(&par->ticket);
    while ((uint32_t)ticket > 0) {
        if (!atomic_compare_exchange_weak(&par->ticket, &ticket, ticket - 1)) continue;
        par->task(par->ctx, par->n_tasks - (int)(uint32_t)ticket);
        if (atomic_fetch_sub(&par->undone, 1) == 1 && atomic_load(&par->caller_sleeps)) futex_wake(&par->undone, 1);
        ticket = atomic_load(&par->ticket);
    }
}

static void *worker(void *context)
{
    Par *par = context;
    uint32_t seen = 0;
    while (!atomic_load(&par->closing)) {
        uint32_t lists = atomic_load(&par->lists);
        if (lists != seen) {
            seen = lists;
            work(par);
        } else if (!spin_while(&par->lists, seen)) {
            atomic_fetch_add(&par->sleepers, 1);
            futex_wait(&par->lists, seen); /* returns at once if a list came meanwhile */
            atomic_fetch_sub(&par->sleepers, 1);
        }
    }
    return NULL;
}

static void publish(Par *par)
{
    atomic_fetch_add(&par->lists, 1);
    if (atomic_load(&par->sleepers)) futex_wake(&par->lists, MAX_THREADS);
}

static int processors(void)
{
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof set, &set) != 0) return 1;
    int n = CPU_COUNT(&set);
    return n < 1 ? 1 : n;
}

/* Of the process, not of a run: files are read before any run has its pool. */
static _Atomic int default_threads;

void par_set_default(int n_threads)
{
    atomic_store(&default_threads, n_threads);
}

Par *par_open(int n_threads)
{
    if (n_threads <= 0) n_threads = atomic_load(&default_threads);
    if (n_threads <= 0) n_threads = processors();
    if (n_threads > MAX_THREADS) n_threads = MAX_THREADS;
    Par *par = aligned_alloc(_Alignof(Par), sizeof(Par));
    if (!par) memory_exhausted(sizeof(Par));
    *par = (Par){.n_threads = 1, .workers = memory_alloc((size_t)n_threads * sizeof(pthread_t))};

    sigset_t all, before;
    sigfillset(&all);
    sigdelset(&all, SIGBUS); /* it comes to the thread that caused it, and blocked it would kill without a word */
    pthread_sigmask(SIG_SETMASK, &all, &before); /* workers inherit it */
    while (par->n_threads < n_threads && pthread_create(&par->workers[par->n_threads - 1], NULL, worker, par) == 0) par->n_threads++;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return par;
}

int par_threads(const Par *par)
{
    return par ? par->n_threads : 1;
}

void par_run(Par *par, int n_tasks, ParTask *task, void *ctx)
{
    if (n_tasks <= 1 || !par || par->n_threads == 1) {
        for (int i = 0; i < n_tasks; i++) task(ctx, i);
        return;
    }
    par->task = task;
    par->ctx = ctx;
    par->n_tasks = n_tasks;
    atomic_store(&par->undone, (uint32_t)n_tasks);
    uint64_t number = (atomic_load_explicit(&par->ticket, memory_order_relaxed) >> 32) + 1;
    atomic_store(&par->ticket, number << 32 | (uint32_t)n_tasks);
    publish(par);
    work(par);
    for (uint32_t undone; (undone = atomic_load(&par->undone)) > 0;) {
        if (spin_while(&par->undone, undone)) continue;
        atomic_store(&par->caller_sleeps, 1);
        undone = atomic_load(&par->undone);
        if (undone > 0) futex_wait(&par->undone, undone);
        atomic_store(&par->caller_sleeps, 0);
    }
}

void par_close(Par *par)
{
    if (!par) return;
    atomic_store(&par->closing, true);
    publish(par);
    for (int i = 0; i < par->n_threads - 1; i++) pthread_join(par->workers[i], NULL);
    free(par->workers);
    free(par);
}
