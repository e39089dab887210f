/* multiply.c: the product of the inputs, number by number.   x_i [B, …]   y [B, …]
 * A masked step of an input counts as 1, so that where only one input is valid the result is that one; with masks on all inputs
 * a step that all mask is 0. */
#include "runtime/kinds/layers/merge.h"

#include "runtime/tensor/kernels.h"

/* Whether every input has a mask and all of them mask this step. */
static bool all_masked(const MergeOperand *factors, int n, int64_t step)
{
    for (int i = 0; i < n; i++)
        if (!factors[i].mask || !merge_left_out(&factors[i], step)) return false;
    return true;
}

static void multiply_forward(const Work *work)
{
    const Call *call = work->call;
    int64_t from, to, size = row_size(call->out[0]), in_step = merge_step_size(call);
    task_slice(work, work->rows, &from, &to);
    if (merge_all_plain(work)) {
        float *y = work->y[0] + from * size;
        kernels()->mul((to - from) * size, work->x[0] + from * size, work->x[1] + from * size, y);
        for (int i = 2; i < call->n_in; i++) kernels()->mul((to - from) * size, y, work->x[i] + from * size, y);
        return;
    }
    MergeOperand factors[MERGE_MOST];
    for (int64_t row = from; row < to; row++) {
        merge_operands(work, row, factors);
        for (int64_t at = 0; at < size; at++) {
            int64_t step = at / in_step;
            float product = 1.0f;
            for (int i = 0; i < call->n_in; i++)
                if (!merge_left_out(&factors[i], step)) product *= factors[i].x[merge_index(call, &factors[i].input, at)];
            work->y[0][row * size + at] = all_masked(factors, call->n_in, step) ? 0.0f : product;
        }
    }
}

/* dx_i = dy times the product of the others. */
static void multiply_backward(const Work *work)
{
    const Call *call = work->call;
    int64_t from, to, size = row_size(call->out[0]), in_step = merge_step_size(call);
    task_slice(work, work->rows, &from, &to);
    MergeOperand factors[MERGE_MOST];
    for (int64_t row = from; row < to; row++) {
        merge_operands(work, row, factors);
        const float *dy = work->dy[0] + row * size;
        for (int i = 0; i < call->n_in; i++) {
            if (!work->dx[i]) continue;
            float *dx = work->dx[i] + row * factors[i].input.size;
            kernels()->fill(factors[i].input.size, 0.0f, dx);
            for (int64_t at = 0; at < size; at++) {
                int64_t step = at / in_step;
                if (merge_left_out(&factors[i], step)) continue;
                float product = dy[at];
                for (int j = 0; j < call->n_in; j++)
                    if (j != i && !merge_left_out(&factors[j], step)) product *= factors[j].x[merge_index(call, &factors[j].input, at)];
                dx[merge_index(call, &factors[i].input, at)] += product;
            }
        }
    }
}

static const LayerCase cases[] = {
    {.args = "", .shapes = "[4] [4]"},
    {.args = "", .shapes = "[4] [4] [4]"},
    {.args = "", .shapes = "[3, 2] [3, 1] [2]", .masked = true},
    {0},
};

const LayerKind layer_multiply = {
    .kind = {.name = "multiply", .keras = "Multiply", .family = FAMILY_LAYER, .help = "the product of several inputs", .example = "multiply(a, b)"},
    .min_inputs = 2,
    .max_inputs = MERGE_MOST,
    .infer = merge_infer,
    .mask = MASK_HOOK,
    .uses_mask = true,
    .mask_out = merge_mask_out,
    .mask_forward = merge_mask_forward,
    .reads = READS_X,
    .tasks = merge_tasks,
    .forward = multiply_forward,
    .backward = multiply_backward,
    .cases = cases,
};
