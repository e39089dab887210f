/* minimum.c: the smallest of the inputs, number by number; masks and equals as in maximum.c.   x_i [B, …]   y [B, …] */
#include "runtime/kinds/layers/extremum.h"

static void minimum_forward(const Work *work) { extremum_forward(work, -1.0f); }
static void minimum_backward(const Work *work) { extremum_backward(work, -1.0f); }

static const LayerCase cases[] = {
    {.args = "", .shapes = "[4] [4]", .far_apart = true},
    {.args = "", .shapes = "[3, 2] [2]", .masked = true, .far_apart = true},
    {.args = "", .shapes = "[3, 1] [3, 2]", .far_apart = true},
    {0},
};

const LayerKind layer_minimum = {
    .kind = {.name = "minimum", .keras = "Minimum", .family = FAMILY_LAYER, .help = "the smallest of several inputs",
             .example = "minimum(a, b)"},
    .min_inputs = 2,
    .max_inputs = MERGE_MOST,
    .infer = merge_infer,
    .mask = MASK_HOOK,
    .uses_mask = true,
    .mask_out = merge_mask_out,
    .mask_forward = merge_mask_forward,
    .reads = READS_X,
    .tasks = merge_tasks,
    .forward = minimum_forward,
    .backward = minimum_backward,
    .cases = cases,
};
