/* What the two pools over windows share. */
#ifndef NNL_KINDS_LAYERS_POOL_H
#define NNL_KINDS_LAYERS_POOL_H

#include "runtime/kinds/layers/conv.h"

typedef struct {
    int64_t pool_size, strides;
    int padding;
} PoolArgs;

extern const ArgSpec pool_args[];
Windows pool_windows(const Call *call);
bool pool_infer(const Infer *infer, Call *call);
int pool_tasks(const Call *call, int64_t rows, bool backward, int pass);
/* The steps from *from to *to (without it) that lie in window o; beside the ends there are none. */
void pool_range(const Windows *w, int64_t o, int64_t *from, int64_t *to);

#endif
