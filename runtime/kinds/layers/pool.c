/* pool.c: arguments, shapes and windows of the pools; see pool.h. */
#include "runtime/kinds/layers/pool.h"

const ArgSpec pool_args[] = {
    ARG_INT(PoolArgs, pool_size, .fallback = "2", .min = 1, .max = 1e15, .help = "how many steps become one"),
    ARG_INT(PoolArgs, strides, .fallback = "none", .none = true, .min = 1, .max = 1e15, .help = "a result at every so-many-th step; as pool_size where none is said"),
    ARG_WORD(PoolArgs, padding, "valid|same", "valid", .help = "whether a window may reach over the ends"),
    ARG_END,
};

Windows pool_windows(const Call *call)
{
    const PoolArgs *a = call->layer->args;
    return windows_of(call->in[0]->shape.dim[0], a->pool_size, a->strides == ARG_NO_INT ? a->pool_size : a->strides, 1, a->padding);
}

bool pool_infer(const Infer *infer, Call *call)
{
    if (!need_sequence(infer, call, 0)) return false;
    Windows w = pool_windows(call);
    if (!windows_fit(infer, call, &w)) return false;
    call->out[0]->shape = shape_of(2, (int64_t[]){w.out, shape_last(&call->in[0]->shape)});
    return true;
}

int pool_tasks(const Call *call, int64_t rows, bool backward, int pass)
{
    (void)backward, (void)pass;
    Windows w = pool_windows(call);
    return tasks_for(rows, w.out * w.size * shape_last(&call->in[0]->shape));
}

void pool_range(const Windows *w, int64_t o, int64_t *from, int64_t *to)
{
    *from = o * w->stride - w->left;
    *to = *from + w->size;
    if (*from < 0) *from = 0;
    if (*to > w->steps) *to = w->steps;
}
