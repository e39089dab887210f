/* repeat_vector.c: one vector as every step of a sequence.   x [B, F]   y [B, n, F] */
#include "runtime/kinds/layers/layer.h"
#include "runtime/tensor/kernels.h"

typedef struct {
    int64_t n;
} RepeatVectorArgs;

static const ArgSpec args[] = {ARG_INT(RepeatVectorArgs, n, .required = true, .min = 1, .max = 1e15, .help = "how many steps"), ARG_END};

static bool repeat_vector_infer(const Infer *infer, Call *call)
{
    const Shape *shape = &call->in[0]->shape;
    if (shape->rank != 1) {
        Diag *e = diag(infer->diags, E0323, infer->span, A("layer", call_said(call)), A("input", wire_said(infer->arena, call->in[0])),
                       A("shape", shape_text(infer->arena, shape)));
        if (wire_origin(call->in[0]).source) diag_label(e, wire_origin(call->in[0]), E0323_source);
        last_step_only(e, call->in[0]);
        return false;
    }
    call->out[0]->shape = shape_of(2, (int64_t[]){((const RepeatVectorArgs *)call->layer->args)->n, shape->dim[0]});
    return true;
}

static void repeat_vector_forward(const Work *work)
{
    int64_t n = ((const RepeatVectorArgs *)work->args)->n, f = row_size(work->call->in[0]);
    for (int64_t i = 0; i < work->rows * n; i++) kernels()->copy(f, work->x[0] + i / n * f, work->y[0] + i * f);
}

static void repeat_vector_backward(const Work *work)
{
    if (!work->dx[0]) return;
    int64_t n = ((const RepeatVectorArgs *)work->args)->n, f = row_size(work->call->in[0]);
    for (int64_t row = 0; row < work->rows; row++) kernels()->col_sums(n, f, work->dy[0] + row * n * f, f, work->dx[0] + row * f, false);
}

static const LayerCase cases[] = {{.args = "3", .shapes = "[4]"}, {0}};

const LayerKind layer_repeat_vector = {
    .kind = {.name = "repeat_vector", .keras = "RepeatVector", .family = FAMILY_LAYER, .help = "one vector as every step of a sequence",
             .example = "repeat_vector(12)", .args = args, .args_size = sizeof(RepeatVectorArgs)},
    .infer = repeat_vector_infer,
    .mask = MASK_DROP,
    .forward = repeat_vector_forward,
    .backward = repeat_vector_backward,
    .cases = cases,
};
