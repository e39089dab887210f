/* global_max_pooling1d.c: the largest value over all steps, feature by feature.   x [B, T, F]   y [B, F] or [B, 1, F]
 * Equal largest values share the gradient. A mask is not looked at, as in Keras. */
#include "runtime/kinds/layers/layer.h"
#include "runtime/tensor/kernels.h"

typedef struct {
    bool keepdims;
} GlobalPoolArgs;

static const ArgSpec args[] = {ARG_BOOL(GlobalPoolArgs, keepdims, false, .help = "keep the axis of steps, with length 1"), ARG_END};

static bool global_max_pooling1d_infer(const Infer *infer, Call *call)
{
    if (!need_sequence(infer, call, 0)) return false;
    int64_t f = shape_last(&call->in[0]->shape);
    bool keep = ((const GlobalPoolArgs *)call->layer->args)->keepdims;
    call->out[0]->shape = keep ? shape_of(2, (int64_t[]){1, f}) : shape_vector(f);
    return true;
}

static void global_max_pooling1d_forward(const Work *work)
{
    const Shape *shape = &work->call->in[0]->shape;
    int64_t steps = shape->dim[0], f = shape->dim[1];
    for (int64_t row = 0; row < work->rows; row++) {
        const float *x = work->x[0] + row * steps * f;
        float *y = work->y[0] + row * f;
        kernels()->copy(f, x, y);
        for (int64_t t = 1; t < steps; t++) kernels()->max(f, y, x + t * f, y);
    }
}

static void global_max_pooling1d_backward(const Work *work)
{
    if (!work->dx[0]) return;
    const Shape *shape = &work->call->in[0]->shape;
    int64_t steps = shape->dim[0], f = shape->dim[1];
    for (int64_t row = 0; row < work->rows; row++) {
        const float *x = work->x[0] + row * steps * f, *y = work->y[0] + row * f, *dy = work->dy[0] + row * f;
        float *dx = work->dx[0] + row * steps * f;
        for (int64_t i = 0; i < f; i++) {
            int64_t equal = 0;
            for (int64_t t = 0; t < steps; t++) equal += x[t * f + i] == y[i];
            for (int64_t t = 0; t < steps; t++) dx[t * f + i] = x[t * f + i] == y[i] ? dy[i] / (float)equal : 0.0f;
        }
    }
}

static const LayerCase cases[] = {{.args = "", .shapes = "[4, 3]", .far_apart = true}, {.args = "keepdims=true", .shapes = "[4, 3]", .far_apart = true}, {0}};

const LayerKind layer_global_max_pooling1d = {
    .kind = {.name = "global_max_pooling1d", .keras = "GlobalMaxPooling1D", .family = FAMILY_LAYER, .help = "the largest value over all steps",
             .example = "global_max_pooling1d", .args = args, .args_size = sizeof(GlobalPoolArgs)},
    .infer = global_max_pooling1d_infer,
    .mask = MASK_DROP,
    .reads = READS_X | READS_Y,
    .forward = global_max_pooling1d_forward,
    .backward = global_max_pooling1d_backward,
    .cases = cases,
};
