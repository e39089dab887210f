/* maximum.c: the largest of the inputs, number by number. minimum.c is it with the other sign.   x_i [B, …]   y [B, …]
 * A masked step of an input is left out; a step that all mask is the first input's.
 * Inputs are compared one after another, as Keras does on PyTorch: of two equals the earlier result and the input that joins it get half
 * of the gradient each, so of three a quarter, a quarter and a half. */
#include "runtime/kinds/layers/extremum.h"

#include "runtime/tensor/kernels.h"

/* Which inputs take part in a step, in order; the first alone where all are masked. */
static int taking_part(const MergeOperand *operands, int n_in, int64_t step, int *part)
{
    int n = 0;
    for (int i = 0; i < n_in; i++)
        if (!merge_left_out(&operands[i], step)) part[n++] = i;
    if (n == 0) part[n++] = 0;
    return n;
}

static float further(float a, float b, float sign) { return (sign * b > sign * a || b != b) ? b : a; }

void extremum_forward(const Work *work, float sign)
{
    const Call *call = work->call;
    int64_t from, to, size = row_size(call->out[0]), in_step = merge_step_size(call);
    task_slice(work, work->rows, &from, &to);
    if (merge_all_plain(work)) {
        for (int64_t at = from * size; at < to * size; at++) {
            float value = work->x[0][at];
            for (int i = 1; i < call->n_in; i++) value = further(value, work->x[i][at], sign);
            work->y[0][at] = value;
        }
        return;
    }
    MergeOperand operands[MERGE_MOST];
    int part[MERGE_MOST];
    for (int64_t row = from; row < to; row++) {
        merge_operands(work, row, operands);
        for (int64_t at = 0; at < size; at++) {
            int n = taking_part(operands, call->n_in, at / in_step, part);
            float value = operands[part[0]].x[merge_index(call, &operands[part[0]].input, at)];
            for (int k = 1; k < n; k++) value = further(value, operands[part[k]].x[merge_index(call, &operands[part[k]].input, at)], sign);
            work->y[0][row * size + at] = value;
        }
    }
}

/* Gradients of one number: grad[k] for input part[k], whose value is x[k]. Walks back through the comparisons: what is left of dy meets
 * the last input first, then the result of those before it. */
static void share(const float *x, int n, float dy, float sign, float *grad)
{
    float before[MERGE_MOST];
    before[0] = x[0];
    for (int k = 1; k < n; k++) before[k] = further(before[k - 1], x[k], sign);
    for (int k = n - 1; k > 0; k--) {
        grad[k] = x[k] == before[k - 1] ? 0.5f * dy : x[k] == before[k] ? dy : 0.0f;
        dy -= grad[k];
    }
    grad[0] = dy;
}

void extremum_backward(const Work *work, float sign)
{
    const Call *call = work->call;
    int64_t from, to, size = row_size(call->out[0]), in_step = merge_step_size(call);
    task_slice(work, work->rows, &from, &to);
    MergeOperand operands[MERGE_MOST];
    float x[MERGE_MOST], grad[MERGE_MOST];
    int part[MERGE_MOST];
    int64_t index[MERGE_MOST];
    for (int64_t row = from; row < to; row++) {
        merge_operands(work, row, operands);
        for (int i = 0; i < call->n_in; i++)
            if (work->dx[i]) kernels()->fill(operands[i].input.size, 0.0f, work->dx[i] + row * operands[i].input.size);
        for (int64_t at = 0; at < size; at++) {
            int n = taking_part(operands, call->n_in, at / in_step, part);
            for (int k = 0; k < n; k++) {
                index[k] = merge_index(call, &operands[part[k]].input, at);
                x[k] = operands[part[k]].x[index[k]];
            }
            share(x, n, work->dy[0][row * size + at], sign, grad);
            for (int k = 0; k < n; k++)
                if (work->dx[part[k]]) work->dx[part[k]][row * operands[part[k]].input.size + index[k]] += grad[k];
        }
    }
}

static void maximum_forward(const Work *work) { extremum_forward(work, 1.0f); }
static void maximum_backward(const Work *work) { extremum_backward(work, 1.0f); }

static const LayerCase cases[] = {
    {.args = "", .shapes = "[4] [4]", .far_apart = true},
    {.args = "", .shapes = "[3, 2] [2]", .masked = true, .far_apart = true},
    {.args = "", .shapes = "[3, 1] [3, 2]", .far_apart = true},
    {0},
};

const LayerKind layer_maximum = {
    .kind = {.name = "maximum", .keras = "Maximum", .family = FAMILY_LAYER, .help = "the largest of several inputs",
             .example = "maximum(a, b)"},
    .min_inputs = 2,
    .max_inputs = MERGE_MOST,
    .infer = merge_infer,
    .mask = MASK_HOOK,
    .uses_mask = true,
    .mask_out = merge_mask_out,
    .mask_forward = merge_mask_forward,
    .reads = READS_X,
    .tasks = merge_tasks,
    .forward = maximum_forward,
    .backward = maximum_backward,
    .cases = cases,
};
