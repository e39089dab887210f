/* subtract.c: the first input less the second, number by number; values do not look at masks.   x_0, x_1 [B, …]   y [B, …] */
#include "runtime/kinds/layers/merge.h"

#include "runtime/tensor/kernels.h"

static void subtract_forward(const Work *work)
{
    const Call *call = work->call;
    MergeInput first = merge_input(call, 0), second = merge_input(call, 1);
    int64_t from, to, size = row_size(call->out[0]);
    task_slice(work, work->rows, &from, &to);
    const float *a = work->x[0] + from * first.size, *b = work->x[1] + from * second.size;
    float *y = work->y[0] + from * size;
    if (first.plain && second.plain) {
        kernels()->sub((to - from) * size, a, b, y);
        return;
    }
    for (int64_t row = from; row < to; row++, a += first.size, b += second.size, y += size)
        for (int64_t at = 0; at < size; at++) y[at] = a[merge_index(call, &first, at)] - b[merge_index(call, &second, at)];
}

static void subtract_backward(const Work *work)
{
    int64_t from, to;
    task_slice(work, work->rows, &from, &to);
    if (work->dx[0]) merge_spread(work, 0, from, to, 1.0f);
    if (work->dx[1]) merge_spread(work, 1, from, to, -1.0f);
}

static const LayerCase cases[] = {
    {.args = "", .shapes = "[4] [4]"},
    {.args = "", .shapes = "[3, 2] [2]", .masked = true},
    {.args = "", .shapes = "[3, 1] [3, 2]"},
    {0},
};

const LayerKind layer_subtract = {
    .kind = {.name = "subtract", .keras = "Subtract", .family = FAMILY_LAYER, .help = "the first input less the second",
             .example = "subtract(a, b)"},
    .min_inputs = 2,
    .max_inputs = 2,
    .infer = merge_infer,
    .mask = MASK_HOOK,
    .mask_out = merge_mask_out,
    .mask_forward = merge_mask_forward,
    .tasks = merge_tasks,
    .forward = subtract_forward,
    .backward = subtract_backward,
    .cases = cases,
};
