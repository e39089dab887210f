/* runtime/base/par.h: a pool of threads that carries out lists of tasks.
 *
 * Work is cut into tasks by shape, never by the number of threads, and each task writes its own part of the result, so results do
 * not depend on which thread took which task. Workers spin for some 20 µs after a list, then sleep; they block all
 * signals that are not their own doing, so handlers run in the caller's threads. */
#ifndef NNL_BASE_PAR_H
#define NNL_BASE_PAR_H

typedef struct Par Par;
typedef void ParTask(void *ctx, int task);

/* A pool of n_threads, the caller included: n_threads - 1 workers are started. 0: as par_set_default said, else one for each processor the
 * program may use. If the system refuses a thread, the pool has fewer. Heap memory, given back by par_close. Never NULL. */
Par *par_open(int n_threads);

/* What 0 means in this process from now on; 0 is one for each processor again. */
void par_set_default(int n_threads);

/* How many threads work in it, the caller included. */
int par_threads(const Par *par);

/* Calls task(ctx, i) for each i in 0 … n_tasks-1, in any order and in several threads, and returns when all are done. What tasks
 * wrote is then visible to the caller. With one task, one thread, or par == NULL everything runs in the caller, in order. One caller at a time; not
 * from inside a task. Costs about 1 µs while workers are awake. */
void par_run(Par *par, int n_tasks, ParTask *task, void *ctx);

/* Ends and joins the workers. NULL is allowed. */
void par_close(Par *par);

#endif
