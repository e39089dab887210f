/* global_average_pooling1d.c: the mean over all steps, of the valid ones where there is a mask.   x [B, T, F]   y [B, F] or [B, 1, F]
 * A row without a valid step gives NaN (0 / 0), as in Keras. */
#include "runtime/kinds/layers/layer.h"
#include "runtime/tensor/kernels.h"

typedef struct {
    bool keepdims;
} GlobalPoolArgs;

static const ArgSpec args[] = {ARG_BOOL(GlobalPoolArgs, keepdims, false, .help = "keep the axis of steps, with length 1"), ARG_END};

static bool global_average_pooling1d_infer(const Infer *infer, Call *call)
{
    if (!need_sequence(infer, call, 0)) return false;
    int64_t f = shape_last(&call->in[0]->shape);
    bool keep = ((const GlobalPoolArgs *)call->layer->args)->keepdims;
    call->out[0]->shape = keep ? shape_of(2, (int64_t[]){1, f}) : shape_vector(f);
    return true;
}

static float share(const Work *work, int64_t row, int64_t steps)
{
    int64_t valid = steps;
    if (work->mask[0]) {
        valid = 0;
        for (int64_t t = 0; t < steps; t++) valid += work->mask[0][row * steps + t];
    }
    return 1.0f / (float)valid;
}

static bool counts(const Work *work, int64_t row, int64_t steps, int64_t t) { return !work->mask[0] || work->mask[0][row * steps + t]; }

static void global_average_pooling1d_forward(const Work *work)
{
    const Shape *shape = &work->call->in[0]->shape;
    int64_t steps = shape->dim[0], f = shape->dim[1];
    for (int64_t row = 0; row < work->rows; row++) {
        float *y = work->y[0] + row * f;
        kernels()->fill(f, 0.0f, y);
        for (int64_t t = 0; t < steps; t++)
            if (counts(work, row, steps, t)) kernels()->add(f, y, work->x[0] + (row * steps + t) * f, y);
        kernels()->scale(f, share(work, row, steps), y, y);
    }
}

static void global_average_pooling1d_backward(const Work *work)
{
    if (!work->dx[0]) return;
    const Shape *shape = &work->call->in[0]->shape;
    int64_t steps = shape->dim[0], f = shape->dim[1];
    for (int64_t row = 0; row < work->rows; row++) {
        float factor = share(work, row, steps);
        for (int64_t t = 0; t < steps; t++) {
            float *dx = work->dx[0] + (row * steps + t) * f;
            if (counts(work, row, steps, t)) kernels()->scale(f, factor, work->dy[0] + row * f, dx);
            else kernels()->fill(f, 0.0f, dx);
        }
    }
}

static const LayerCase cases[] = {
    {.args = "", .shapes = "[4, 3]"},
    {.args = "keepdims=true", .shapes = "[4, 3]", .masked = true},
    {0},
};

const LayerKind layer_global_average_pooling1d = {
    .kind = {.name = "global_average_pooling1d", .keras = "GlobalAveragePooling1D", .family = FAMILY_LAYER, .help = "the mean over all steps",
             .example = "global_average_pooling1d", .args = args, .args_size = sizeof(GlobalPoolArgs)},
    .infer = global_average_pooling1d_infer,
    .mask = MASK_STOP,
    .uses_mask = true,
    .forward = global_average_pooling1d_forward,
    .backward = global_average_pooling1d_backward,
    .cases = cases,
};
