/* permute.c: the axes of a sample in another order.   x [B, a, b, …]   y [B, …], axis i of y is axis dims[i] of x (from 1). */
#include "runtime/kinds/layers/layer.h"

typedef struct {
    ArgInts dims;
} PermuteArgs;

static const ArgSpec args[] = {
    ARG_INTS(PermuteArgs, dims, .required = true, .min = 1, .max = SHAPE_MAX_RANK, .least = 1, .most = SHAPE_MAX_RANK,
             .help = "the axes in their new order, counted from 1, the batch left out"),
    ARG_END,
};

static bool permute_infer(const Infer *infer, Call *call)
{
    const PermuteArgs *a = call->layer->args;
    const Shape *shape = &call->in[0]->shape;
    bool fits = a->dims.n == (size_t)shape->rank;
    unsigned seen = 0;
    for (size_t i = 0; fits && i < a->dims.n; i++) {
        fits = a->dims.at[i] <= shape->rank && !(seen >> a->dims.at[i] & 1);
        seen |= 1u << a->dims.at[i];
    }
    if (!fits) {
        Diag *e = diag(infer->diags, E0324, infer->span, A("layer", call_said(call)), A("input", wire_said(infer->arena, call->in[0])),
                       A("shape", shape_text(infer->arena, shape)), AI("rank", shape->rank));
        if (wire_origin(call->in[0]).source) diag_label(e, wire_origin(call->in[0]), E0324_source);
        return false;
    }
    call->out[0]->shape = *shape;
    for (int i = 0; i < shape->rank; i++) call->out[0]->shape.dim[i] = shape->dim[a->dims.at[i] - 1];
    return true;
}

/* Moves the numbers of all rows; back: from y's order to x's. */
static void move(const Work *work, const float *from, float *to, bool back)
{
    const PermuteArgs *a = work->args;
    const Shape *in = &work->call->in[0]->shape, *out = &work->call->out[0]->shape;
    int64_t size = shape_size(in), stride[SHAPE_MAX_RANK], along[SHAPE_MAX_RANK];
    int64_t step = 1;
    for (int i = in->rank - 1; i >= 0; i--) {
        stride[i] = step;
        step *= in->dim[i];
    }
    for (int i = 0; i < out->rank; i++) along[i] = stride[a->dims.at[i] - 1];
    for (int64_t row = 0; row < work->rows; row++, from += size, to += size) {
        for (int64_t k = 0; k < size; k++) {
            int64_t rest = k, x = 0;
            for (int i = out->rank - 1; i >= 0; i--) {
                x += rest % out->dim[i] * along[i];
                rest /= out->dim[i];
            }
            to[back ? x : k] = from[back ? k : x];
        }
    }
}

static void permute_forward(const Work *work) { move(work, work->x[0], work->y[0], false); }

static void permute_backward(const Work *work)
{
    if (work->dx[0]) move(work, work->dy[0], work->dx[0], true);
}

static const LayerCase cases[] = {{.args = "[2, 1]", .shapes = "[3, 4]"}, {.args = "[3, 1, 2]", .shapes = "[2, 3, 2]"}, {0}};

const LayerKind layer_permute = {
    .kind = {.name = "permute", .keras = "Permute", .family = FAMILY_LAYER, .help = "the axes of a sample in another order",
             .example = "permute([2, 1])", .args = args, .args_size = sizeof(PermuteArgs)},
    .infer = permute_infer,
    .mask = MASK_DROP,
    .forward = permute_forward,
    .backward = permute_backward,
    .cases = cases,
};
