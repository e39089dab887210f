/* add.c: the sum of the inputs, number by number; values do not look at masks. average.c divides it by their number.
 * x_i [B, …]   y [B, …] */
#include "runtime/kinds/layers/sum.h"

#include "runtime/tensor/kernels.h"

void sum_forward(const Work *work, float factor)
{
    const Call *call = work->call;
    int64_t from, to, size = row_size(call->out[0]);
    task_slice(work, work->rows, &from, &to);
    float *y = work->y[0] + from * size;
    int64_t n = (to - from) * size;
    for (int i = 0; i < call->n_in; i++) {
        MergeInput input = merge_input(call, i);
        const float *x = work->x[i] + from * input.size;
        if (input.plain) {
            if (i == 0) kernels()->copy(n, x, y);
            else kernels()->add(n, y, x, y);
            continue;
        }
        for (int64_t row = 0; row < to - from; row++)
            for (int64_t at = 0; at < size; at++) {
                float value = x[row * input.size + merge_index(call, &input, at)];
                y[row * size + at] = i == 0 ? value : y[row * size + at] + value;
            }
    }
    if (factor != 1.0f) kernels()->scale(n, factor, y, y);
}

void sum_backward(const Work *work, float factor)
{
    int64_t from, to;
    task_slice(work, work->rows, &from, &to);
    for (int i = 0; i < work->call->n_in; i++)
        if (work->dx[i]) merge_spread(work, i, from, to, factor);
}

static void add_forward(const Work *work) { sum_forward(work, 1.0f); }
static void add_backward(const Work *work) { sum_backward(work, 1.0f); }

static const LayerCase cases[] = {
    {.args = "", .shapes = "[4] [4]"},
    {.args = "", .shapes = "[3, 2] [3, 1] [2]", .masked = true},
    {0},
};

const LayerKind layer_add = {
    .kind = {.name = "add", .keras = "Add", .family = FAMILY_LAYER, .help = "the sum of several inputs", .example = "add(a, b)"},
    .min_inputs = 2,
    .max_inputs = -1,
    .infer = merge_infer,
    .mask = MASK_HOOK,
    .mask_out = merge_mask_out,
    .mask_forward = merge_mask_forward,
    .tasks = merge_tasks,
    .forward = add_forward,
    .backward = add_backward,
    .cases = cases,
};
