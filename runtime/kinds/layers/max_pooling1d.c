/* max_pooling1d.c: of several steps the largest value, feature by feature.   x [B, T, F]   y [B, To, F]
 * Steps beside the ends do not count. Of equal largest values the first gets the whole gradient. */
#include "runtime/kinds/layers/pool.h"
#include "runtime/tensor/kernels.h"

static void max_pooling1d_forward(const Work *work)
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
            for (int64_t t = first + 1; t < end; t++) kernels()->max(f, y, x + t * f, y);
        }
    }
}

static void max_pooling1d_backward(const Work *work)
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
            const float *x = work->x[0] + row * w.steps * f, *y = work->y[0] + (row * w.out + o) * f;
            for (int64_t i = 0; i < f; i++) {
                int64_t t = first;
                while (t + 1 < end && x[t * f + i] != y[i]) t++;
                dx[t * f + i] += dy[i];
            }
        }
    }
}

static const LayerCase cases[] = {
    {.args = "2", .shapes = "[6, 3]", .far_apart = true},
    {.args = "3, strides=2, padding=same", .shapes = "[5, 2]", .far_apart = true},
    {0},
};

const LayerKind layer_max_pooling1d = {
    .kind = {.name = "max_pooling1d", .keras = "MaxPooling1D", .family = FAMILY_LAYER, .help = "of several steps the largest value, feature by feature",
             .example = "max_pooling1d(2)", .args = pool_args, .args_size = sizeof(PoolArgs)},
    .infer = pool_infer,
    .mask = MASK_DROP,
    .reads = READS_X | READS_Y,
    .tasks = pool_tasks,
    .forward = max_pooling1d_forward,
    .backward = max_pooling1d_backward,
    .cases = cases,
};
