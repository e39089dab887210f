/* concatenate.c: inputs side by side along an axis (the batch is axis 0).   x_i [B, …, n_i, …]   y [B, …, sum n_i, …]
 * Masks: an input without one counts as all valid. Along the steps they are joined; along another axis a step is valid where that of any
 * input is. */
#include "runtime/kinds/layers/layer.h"

#include <string.h>

typedef struct {
    int64_t axis;
} ConcatenateArgs;

static const ArgSpec args[] = {
    ARG_INT(ConcatenateArgs, axis, .fallback = "-1", .help = "the axis to join along; the batch counts as 0, -1 is the last"),
    ARG_END,
};

/* Index into dim of the joined axis; infer has checked it. */
static int joined_axis(const Call *call)
{
    const ConcatenateArgs *a = call->layer->args;
    return (int)(a->axis < 0 ? a->axis + call->in[0]->shape.rank : a->axis - 1);
}

static bool join_with(const Infer *infer, Call *call, int i, int axis, Shape *out)
{
    const Wire *first = call->in[0], *other = call->in[i];
    bool fits = first->shape.rank == other->shape.rank;
    for (int d = 0; fits && d < out->rank; d++) {
        int64_t length = other->shape.dim[d];
        if (d == axis) continue;
        fits = length == out->dim[d] || length == DIM_UNKNOWN || out->dim[d] == DIM_UNKNOWN;
        if (out->dim[d] == DIM_UNKNOWN) out->dim[d] = length;
    }
    if (fits) {
        int64_t length = other->shape.dim[axis];
        out->dim[axis] = length == DIM_UNKNOWN || out->dim[axis] == DIM_UNKNOWN ? DIM_UNKNOWN : out->dim[axis] + length;
        return true;
    }
    Diag *e = diag(infer->diags, E0307, infer->span, A("layer", call_said(call)), A("first", wire_said(infer->arena, first)),
                   A("second", wire_said(infer->arena, other)), AI("axis", axis + 1), A("name", axis_name(axis, out->rank)),
                   A("first_shape", shape_text(infer->arena, &first->shape)), A("second_shape", shape_text(infer->arena, &other->shape)));
    diag_primary(e, E0307_here);
    const Wire *both[2] = {first, other};
    for (int k = 0; k < 2; k++)
        if (wire_origin(both[k]).source)
            diag_label(e, wire_origin(both[k]), E0307_source, A("input", wire_said(infer->arena, both[k])),
                       A("shape", shape_text(infer->arena, &both[k]->shape)));
    if (first->shape.rank == other->shape.rank) {
        int differ = -1, count = 0;
        for (int d = 0; d < other->shape.rank; d++)
            if (first->shape.dim[d] != other->shape.dim[d]) differ = d, count++;
        if (count != 1) return false;
        Fix *fix = diag_fix(e, E0307_along, AI("other", differ + 1), A("other_name", axis_name(differ, out->rank)));
        set_written(fix, infer, call->layer, "axis", arena_printf(infer->arena, "%d", differ + 1));
        return false;
    }
    const Wire *deep = first->shape.rank > other->shape.rank ? first : other;
    if (first->shape.rank + other->shape.rank == 3) last_step_only(e, deep);
    diag_fix(e, E0307_flatten);
    return false;
}

static bool concatenate_infer(const Infer *infer, Call *call)
{
    const ConcatenateArgs *a = call->layer->args;
    Shape out = call->in[0]->shape;
    int axis;
    if (!axis_index(infer, call, a->axis, &out, &axis)) return false;
    for (int i = 1; i < call->n_in; i++)
        if (!join_with(infer, call, i, axis, &out)) return false;
    call->out[0]->shape = out;
    return true;
}

/* Numbers of an input that lie together: lengths from the axis on. */
static int64_t run_of(const Shape *shape, int axis)
{
    int64_t run = 1;
    for (int i = axis; i < shape->rank; i++) run *= shape->dim[i];
    return run;
}

static int concatenate_tasks(const Call *call, int64_t rows, bool backward, int pass)
{
    (void)backward, (void)pass;
    return tasks_for(rows, row_size(call->out[0]));
}

/* Copies between the joined numbers and input i's, for the rows of this task. */
static void copy_part(const Work *work, int i, const float *from_joined, float *to_part, const float *from_part, float *to_joined)
{
    const Call *call = work->call;
    int axis = joined_axis(call);
    int64_t run = run_of(&call->out[0]->shape, axis), part = run_of(&call->in[i]->shape, axis), before = 0;
    for (int j = 0; j < i; j++) before += run_of(&call->in[j]->shape, axis);
    int64_t blocks = row_size(call->out[0]) / run, from, to;
    task_slice(work, work->rows, &from, &to);
    for (int64_t block = from * blocks; block < to * blocks; block++) {
        if (to_part) memcpy(to_part + block * part, from_joined + block * run + before, (size_t)part * sizeof(float));
        else memcpy(to_joined + block * run + before, from_part + block * part, (size_t)part * sizeof(float));
    }
}

static void concatenate_forward(const Work *work)
{
    for (int i = 0; i < work->call->n_in; i++) copy_part(work, i, NULL, NULL, work->x[i], work->y[0]);
}

static void concatenate_backward(const Work *work)
{
    for (int i = 0; i < work->call->n_in; i++)
        if (work->dx[i]) copy_part(work, i, work->dy[0], work->dx[i], NULL, NULL);
}

static bool concatenate_mask_out(const Call *call, int port)
{
    (void)port;
    for (int i = 0; i < call->n_in; i++)
        if (call->in[i]->mask_of) return true;
    return false;
}

static void concatenate_mask_forward(const Work *work)
{
    const Call *call = work->call;
    int64_t steps = call->out[0]->shape.dim[0], before = 0;
    bool along_steps = joined_axis(call) == 0;
    memset(work->mask_out[0], 0, (size_t)(work->rows * steps));
    for (int i = 0; i < call->n_in; i++) {
        int64_t own = call->in[i]->shape.dim[0];
        for (int64_t row = 0; row < work->rows; row++)
            for (int64_t t = 0; t < own; t++)
                work->mask_out[0][row * steps + before + t] |= work->mask[i] ? work->mask[i][row * own + t] : 1;
        if (along_steps) before += own;
    }
}

static const LayerCase cases[] = {
    {.args = "", .shapes = "[3] [2] [4]"},
    {.args = "axis=1", .shapes = "[3, 2] [1, 2]", .masked = true},
    {.args = "axis=-1", .shapes = "[3, 2] [3, 4]", .masked = true},
    {.args = "axis=2", .shapes = "[2, 3, 2] [2, 1, 2]"},
    {0},
};

const LayerKind layer_concatenate = {
    .kind = {.name = "concatenate", .keras = "Concatenate", .family = FAMILY_LAYER, .help = "several inputs side by side",
             .example = "concatenate(a, b)", .args = args, .args_size = sizeof(ConcatenateArgs)},
    .min_inputs = 2,
    .max_inputs = -1,
    .infer = concatenate_infer,
    .mask = MASK_HOOK,
    .mask_out = concatenate_mask_out,
    .mask_forward = concatenate_mask_forward,
    .tasks = concatenate_tasks,
    .forward = concatenate_forward,
    .backward = concatenate_backward,
    .cases = cases,
};
