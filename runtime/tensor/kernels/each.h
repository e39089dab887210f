/* runtime/tensor/kernels/each.h: loops over the vectors of an array. */
#ifndef NNL_TENSOR_KERNELS_EACH_H
#define NNL_TENSOR_KERNELS_EACH_H

#include "runtime/tensor/kernels/vec.h"

/* A body over the vectors of an array: `part` is W but for the last, which has what is left. The constant lets the compiler drop
 * the masks from the main loop. */
#define EACH(n, i, part, ...)                                                                                                    \
    do {                                                                                                                         \
        int64_t i = 0;                                                                                                           \
        for (; i + W <= (n); i += W) {                                                                                           \
            enum { part = W };                                                                                                   \
            __VA_ARGS__                                                                                                          \
        }                                                                                                                        \
        if (i < (n)) {                                                                                                           \
            const int64_t part = (n)-i;                                                                                          \
            __VA_ARGS__                                                                                                          \
        }                                                                                                                        \
    } while (0)

INLINE VF get(const float *p, int64_t part) { return part == W ? vload(p) : vload_n(p, part); }

INLINE void put(float *p, VF v, int64_t part)
{
    if (part == W) vstore(p, v);
    else vstore_n(p, v, part);
}

#endif
