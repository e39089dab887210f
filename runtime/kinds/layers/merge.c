/* merge.c: what the merges share; see merge.h. */
#include "runtime/kinds/layers/merge.h"

#include "runtime/tensor/kernels.h"

#include <string.h>

static bool lengths_fit(int64_t a, int64_t b) { return a == b || a == 1 || b == 1 || a == DIM_UNKNOWN || b == DIM_UNKNOWN; }

/* The length that both are stretched to. */
static int64_t stretched(int64_t a, int64_t b)
{
    if (a == b) return a;
    if (a == 1) return b;
    if (b == 1) return a;
    return a == DIM_UNKNOWN ? b : a;
}

bool merge_infer(const Infer *infer, Call *call)
{
    Shape out = call->in[0]->shape;
    for (int i = 1; i < call->n_in; i++) {
        Shape a = out, b = call->in[i]->shape;
        int rank = a.rank > b.rank ? a.rank : b.rank;
        out.rank = rank;
        bool fit = true;
        for (int axis = 0; axis < rank; axis++) {
            int64_t of_a = axis < rank - a.rank ? 1 : a.dim[axis - (rank - a.rank)];
            int64_t of_b = axis < rank - b.rank ? 1 : b.dim[axis - (rank - b.rank)];
            fit &= lengths_fit(of_a, of_b);
            out.dim[axis] = stretched(of_a, of_b);
        }
        if (fit) continue;
        const Wire *first = call->in[0], *second = call->in[i];
        for (int j = 1; j < i; j++) /* the first of the earlier ones that does not fit with this one, to name two that clash */
            if (!shape_eq(&call->in[j]->shape, &second->shape) && shape_eq(&first->shape, &second->shape)) first = call->in[j];
        Diag *e = diag(infer->diags, E0306, infer->span, A("layer", call_said(call)), A("first", wire_said(infer->arena, first)),
                       A("first_shape", shape_text(infer->arena, &first->shape)), A("second", wire_said(infer->arena, second)),
                       A("second_shape", shape_text(infer->arena, &second->shape)));
        diag_primary(e, E0306_here);
        if (wire_origin(first).source)
            diag_label(e, wire_origin(first), E0306_source, A("input", wire_said(infer->arena, first)),
                       A("shape", shape_text(infer->arena, &first->shape)));
        if (wire_origin(second).source)
            diag_label(e, wire_origin(second), E0306_source, A("input", wire_said(infer->arena, second)),
                       A("shape", shape_text(infer->arena, &second->shape)));
        diag_note(e, E0306_note);
        if (first->shape.rank == second->shape.rank)
            diag_fix(e, E0306_same, AI("units", shape_last(&first->shape)));
        return false;
    }
    call->out[0]->shape = out;
    return true;
}

int merge_tasks(const Call *call, int64_t rows, bool backward, int pass)
{
    (void)backward, (void)pass;
    return tasks_for(rows, call->n_in * row_size(call->out[0]));
}

MergeInput merge_input(const Call *call, int i)
{
    const Shape *in = &call->in[i]->shape, *out = &call->out[0]->shape;
    MergeInput input = {.plain = true, .size = shape_size(in)};
    int64_t stride = 1;
    for (int axis = out->rank - 1; axis >= 0; axis--) {
        int own = axis - (out->rank - in->rank);
        int64_t length = own < 0 ? 1 : in->dim[own];
        input.stride[axis] = length == 1 ? 0 : stride;
        input.plain &= length == out->dim[axis];
        stride *= length;
    }
    const Wire *mask = call->in[i]->mask_of;
    input.steps = mask ? mask->shape.dim[0] : 0;
    input.mask_stride = input.steps > 1;
    return input;
}

int64_t merge_index(const Call *call, const MergeInput *input, int64_t at)
{
    if (input->plain) return at;
    const Shape *out = &call->out[0]->shape;
    int64_t index = 0;
    for (int axis = out->rank - 1; axis >= 0; axis--) {
        index += at % out->dim[axis] * input->stride[axis];
        at /= out->dim[axis];
    }
    return index;
}

bool merge_mask_out(const Call *call, int port)
{
    (void)port;
    for (int i = 0; i < call->n_in; i++)
        if (!call->in[i]->mask_of) return false;
    return true;
}

void merge_mask_forward(const Work *work)
{
    const Call *call = work->call;
    int64_t steps = call->out[0]->shape.dim[0];
    memset(work->mask_out[0], 0, (size_t)(work->rows * steps));
    for (int i = 0; i < call->n_in; i++) {
        MergeInput input = merge_input(call, i);
        for (int64_t row = 0; row < work->rows; row++)
            for (int64_t t = 0; t < steps; t++)
                work->mask_out[0][row * steps + t] |= work->mask[i][row * input.steps + t * input.mask_stride];
    }
}

bool merge_all_plain(const Work *work)
{
    for (int i = 0; i < work->call->n_in; i++)
        if (work->mask[i] || !merge_input(work->call, i).plain) return false;
    return true;
}

void merge_operands(const Work *work, int64_t row, MergeOperand *operands)
{
    for (int i = 0; i < work->call->n_in; i++) {
        operands[i].input = merge_input(work->call, i);
        operands[i].x = work->x[i] + row * operands[i].input.size;
        operands[i].mask = work->mask[i] ? work->mask[i] + row * operands[i].input.steps : NULL;
    }
}

bool merge_left_out(const MergeOperand *operand, int64_t step)
{
    return operand->mask && !operand->mask[step * operand->input.mask_stride];
}

int64_t merge_step_size(const Call *call)
{
    const Shape *shape = &call->out[0]->shape;
    return shape->rank > 0 ? shape_size(shape) / shape->dim[0] : 1;
}

void merge_spread(const Work *work, int i, int64_t from, int64_t to, float factor)
{
    const Call *call = work->call;
    MergeInput input = merge_input(call, i);
    int64_t size = row_size(call->out[0]);
    if (input.plain) {
        kernels()->scale((to - from) * size, factor, work->dy[0] + from * size, work->dx[i] + from * size);
        return;
    }
    for (int64_t row = from; row < to; row++) {
        float *dx = work->dx[i] + row * input.size;
        const float *dy = work->dy[0] + row * size;
        kernels()->fill(input.size, 0.0f, dx);
        for (int64_t at = 0; at < size; at++) dx[merge_index(call, &input, at)] += factor * dy[at];
    }
}
