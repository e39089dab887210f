/* fold_steps.c: the steps of a sequence become rows of the batch, so that what follows sees each step as a sample. Part of
 * time_distributed, not written in scripts.   x [B, T, …]   y [B T, …], the same numbers */
#include "runtime/kinds/layers/layer.h"

static bool fold_infer(const Infer *infer, Call *call)
{
    (void)infer;
    const Shape *in = &call->in[0]->shape;
    Shape out = {.rank = in->rank - 1, .rows = in->dim[0] == DIM_UNKNOWN || in->rows == DIM_UNKNOWN ? DIM_UNKNOWN : in->rows * in->dim[0]};
    for (int i = 0; i < out.rank; i++) out.dim[i] = in->dim[i + 1];
    call->out[0]->shape = out;
    return true;
}

static const LayerCase cases[] = {{.args = "", .shapes = "[3, 2]"}, {0}};

const LayerKind layer_fold_steps = {
    .kind = {.name = "fold_steps", .family = FAMILY_LAYER, .help = "steps of a sequence as samples"},
    .infer = fold_infer,
    .mask = MASK_STOP,
    .is_view = true,
    .in_place = true,
    .folds = true,
    .hidden = true,
    .cases = cases,
};
