/* flatten.c: everything of a sample in one vector, row-major.   x [B, …]   y [B, product] */
#include "runtime/kinds/layers/layer.h"

static bool flatten_infer(const Infer *infer, Call *call)
{
    (void)infer;
    const Shape *shape = &call->in[0]->shape;
    call->out[0]->shape = shape_vector(shape_known(shape) ? shape_size(shape) : DIM_UNKNOWN);
    return true;
}

static const LayerCase cases[] = {{.args = "", .shapes = "[3, 2]"}, {.args = "", .shapes = "[]"}, {0}};

const LayerKind layer_flatten = {
    .kind = {.name = "flatten", .keras = "Flatten", .family = FAMILY_LAYER, .help = "a sequence or table as one vector", .example = "flatten"},
    .infer = flatten_infer,
    .mask = MASK_DROP,
    .is_view = true,
    .in_place = true,
    .cases = cases,
};
