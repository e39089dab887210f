/* average_pooling1d.c: the mean of several steps, feature by feature.   x [B, T, F]   y [B, To, F]
 * Steps beside the ends do not count: the sum is divided by the steps that are there. */
#include "runtime/kinds/layers/pool.h"
#include "runtime/tensor/kernels.h"

static void average_pooling1d_forward(const Work *work)
{
    Windows w = pool_windows(work->call);
    int64_t f = shape_last(&work->call->in[0]->shape), from, to;
    task_slice(work, work->rows, &from, &to);
    for (int64_t row = from; row < to; row++) {
        const float *x = work->x[0] + row * w.steps * f;
        for (int64_t o = 0; o < w.out; o++) {
            float *y = work->y[0] + (row * w.out + o) * f;
            int64_t first, end;
            pool_range(&w, o, &first, &end);
            kernels()->copy(f, x + first * f, y);
            for (int64_t t = first + 1; t < end; t++) kernels()->add(f, y, x + t * f, y);
            kernels()->scale(f, 1.0f / (float)(end - first), y, y);
        }
    }
}

static void average_pooling1d_backward(const Work *work)
{
    if (!work->dx[0]) return;
    Windows w = pool_windows(work->call);
    int64_t f = shape_last(&work->call->in[0]->shape), from, to;
    task_slice(work, work->rows, &from, &to);
    for (int64_t row = from; row < to; row++) {
        float *dx = work->dx[0] + row * w.steps * f;
        kernels()->fill(w.steps * f, 0.0f, dx);
        for (int64_t o = 0; o < w.out; o++) {
            const float *dy = work->dy[0] + (row * w.out + o) * f;
            int64_t first, end;
            pool_range(&w, o, &first, &end);
            for (int64_t t = first; t < end; t++) kernels()->axpy(f, 1.0f / (float)(end - first), dy, dx + t * f);
        }
    }
}

static const LayerCase cases[] = {
    {.args = "2", .shapes = "[6, 3]"},
    {.args = "3, strides=2, padding=same", .shapes = "[5, 2]"},
    {0},
};

const LayerKind layer_average_pooling1d = {
    .kind = {.name = "average_pooling1d", .keras = "AveragePooling1D", .family = FAMILY_LAYER, .help = "the mean of several steps, feature by feature",
             .example = "average_pooling1d(2)", .args = pool_args, .args_size = sizeof(PoolArgs)},
    .infer = pool_infer,
    .mask = MASK_DROP,
    .tasks = pool_tasks,
    .forward = average_pooling1d_forward,
    .backward = average_pooling1d_backward,
    .cases = cases,
};
