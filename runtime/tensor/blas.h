/* runtime/tensor/blas.h: products of matrices, the one entry everyone calls, and the one place that knows the BLAS library.
 *
 * gemm() takes small and middling shapes to our own kernel (kernels.h) and large ones to OpenBLAS, which is loaded when it is first
 * needed and runs one thread inside. The choice depends on the shape alone, so the same product gives the same bits on a machine
 * whatever else runs. Without the library our kernel does every shape, some slower. gemm() may be called from several threads at once. */
#ifndef NNL_TENSOR_BLAS_H
#define NNL_TENSOR_BLAS_H

#include "runtime/tensor/kernels.h"

#include <stdbool.h>
#include <stdint.h>

typedef struct {
    bool available;
    bool locked;          /* not the pthread flavour: calls are made one at a time */
    const char *path;     /* what was loaded */
    const char *core;     /* the processor type it works for, e.g. "SkylakeX"; recorded, since bits depend on it */
    const char *version;  /* e.g. "OpenBLAS 0.3.21 …", its own description */
    const char *why_not;  /* when not available: a reason for a person to read */
} BlasInfo;

/* Loads the library unless that was tried before, and says what was found (info may be NULL). Sets OPENBLAS_NUM_THREADS and OPENBLAS_CORETYPE in the
 * environment unless they are set, so call it before other threads start, when gemm_needs_blas() says so for a product of the plan.
 * Strings live as long as the program. True if the library is there. 2–10 ms the first time. */
bool blas_open(BlasInfo *info);

/* Whether a product of this shape goes to the library (if there is one). */
bool gemm_needs_blas(int64_t m, int64_t n, int64_t k);

/* C = op(A) op(B) (+ C) (+ bias), then relu if asked; see kernels.h. */
void gemm(const Gemm *g);

/* A large product as tasks for par_run(): how many, by shape alone (1 for whatever is not worth cutting), and one of them.
 * Running all n_tasks = gemm_tasks(g->m, g->n, g->k) tasks in any order, in any threads, gives the same bits each time.
 * Tasks write disjoint parts of C. When the library is used, not the same bits as gemm() of the whole. */
int gemm_tasks(int64_t m, int64_t n, int64_t k);
void gemm_task(const Gemm *g, int task, int n_tasks);

#endif
