/* average.c: the mean of the inputs, number by number.   x_i [B, …]   y [B, …] = sum x_i / n */
#include "runtime/kinds/layers/sum.h"

static float share(const Work *work) { return 1.0f / (float)work->call->n_in; }

static void average_forward(const Work *work) { sum_forward(work, share(work)); }
static void average_backward(const Work *work) { sum_backward(work, share(work)); }

static const LayerCase cases[] = {
    {.args = "", .shapes = "[4] [4] [4]"},
    {.args = "", .shapes = "[3, 2] [3, 1]", .masked = true},
    {0},
};

const LayerKind layer_average = {
    .kind = {.name = "average", .keras = "Average", .family = FAMILY_LAYER, .help = "the mean of several inputs", .example = "average(a, b)"},
    .min_inputs = 2,
    .max_inputs = -1,
    .infer = merge_infer,
    .mask = MASK_HOOK,
    .mask_out = merge_mask_out,
    .mask_forward = merge_mask_forward,
    .tasks = merge_tasks,
    .forward = average_forward,
    .backward = average_backward,
    .cases = cases,
};
