/* unfold_steps.c: rows of the batch become steps of a sequence again, the inverse of fold_steps. Part of time_distributed.
 * x [B T, …]   y [B, T, …], the same numbers */
#include "runtime/kinds/layers/layer.h"

typedef struct {
    int64_t steps; /* none: all rows of a sample */
} UnfoldArgs;

static const ArgSpec args[] = {
    ARG_INT(UnfoldArgs, steps, .none = true, .fallback = "none", .min = 1, .max = 1e15, .help = "how many rows are one sample's steps"),
    ARG_END,
};

static bool unfold_infer(const Infer *infer, Call *call)
{
    if (!room_for_axis(infer, call)) return false;
    const UnfoldArgs *a = call->layer->args;
    const Shape *in = &call->in[0]->shape;
    int64_t steps = a->steps == ARG_NO_INT ? in->rows : a->steps;
    Shape out = {.rank = in->rank + 1, .rows = in->rows == DIM_UNKNOWN ? DIM_UNKNOWN : in->rows / steps, .dim = {steps}};
    for (int i = 0; i < in->rank; i++) out.dim[i + 1] = in->dim[i];
    if (out.rows == DIM_UNKNOWN) out.rows = 1;
    call->out[0]->shape = out;
    return true;
}

static const LayerCase cases[] = {{.args = "", .shapes = "[3]"}, {0}};

const LayerKind layer_unfold_steps = {
    .kind = {.name = "unfold_steps", .family = FAMILY_LAYER, .help = "samples as steps of a sequence", .args = args,
             .args_size = sizeof(UnfoldArgs)},
    .infer = unfold_infer,
    .mask = MASK_STOP,
    .is_view = true,
    .in_place = true,
    .folds = true,
    .hidden = true,
    .cases = cases,
};
