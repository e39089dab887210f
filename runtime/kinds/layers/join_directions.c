/* join_directions.c: the results of both directions of a bidirectional layer made one, the second flipped in time where it holds all steps.
 * Part of bidirectional, not written in scripts.   a, b [B, T, U] or [B, U]   y [B, T, 2 U] or [B, T, U] …; merge_mode=none: both for themselves */
#include "runtime/kinds/layers/layer.h"
#include "runtime/tensor/kernels.h"

enum { CONCAT, SUM, MUL, AVE, NONE };

typedef struct {
    int merge_mode;
    bool flip;
} JoinArgs;

static const ArgSpec args[] = {
    ARG_WORD(JoinArgs, merge_mode, "concat|sum|mul|ave|none", "concat", .help = "how both become one"),
    ARG_BOOL(JoinArgs, flip, false, .help = "the second runs from the last step to the first"),
    ARG_END,
};

static int join_outputs(const Layer *layer) { return ((const JoinArgs *)layer->args)->merge_mode == NONE ? 2 : 1; }

static bool join_infer(const Infer *infer, Call *call)
{
    (void)infer;
    const JoinArgs *a = call->layer->args;
    for (int i = 0; i < call->n_out; i++) call->out[i]->shape = call->in[i]->shape;
    if (a->merge_mode != CONCAT) return true;
    Shape *shape = &call->out[0]->shape;
    int64_t other = shape_last(&call->in[1]->shape);
    shape->dim[shape->rank - 1] = shape_last(shape) == DIM_UNKNOWN || other == DIM_UNKNOWN ? DIM_UNKNOWN : shape_last(shape) + other;
    return true;
}

static int join_tasks(const Call *call, int64_t rows, bool backward, int pass)
{
    (void)backward, (void)pass;
    return tasks_for(rows, row_size(call->in[0]) + row_size(call->in[1]));
}

static unsigned join_reads(const Call *call) { return ((const JoinArgs *)call->layer->args)->merge_mode == MUL ? READS_X : 0; }

/* One step of one row: where its numbers are in both inputs (u and v of them), in that order. */
typedef struct {
    int64_t u, v, a, b;
} Place;

static Place place_of(const Work *work, int64_t row, int64_t step, int64_t steps)
{
    const JoinArgs *args_ = work->args;
    Place p = {.u = shape_last(&work->call->in[0]->shape), .v = shape_last(&work->call->in[1]->shape)};
    p.a = (row * steps + step) * p.u;
    p.b = (row * steps + (args_->flip ? steps - 1 - step : step)) * p.v;
    return p;
}

static void join_step(const Work *work, Place p, int64_t at)
{
    const JoinArgs *a = work->args;
    const float *x = work->x[0] + p.a, *other = work->x[1] + p.b;
    float *y = work->y[0] + (a->merge_mode == CONCAT ? at * (p.u + p.v) : at * p.u);
    switch (a->merge_mode) {
    case CONCAT:
        kernels()->copy(p.u, x, y);
        kernels()->copy(p.v, other, y + p.u);
        return;
    case SUM: kernels()->add(p.u, x, other, y); return;
    case MUL: kernels()->mul(p.u, x, other, y); return;
    case AVE:
        kernels()->add(p.u, x, other, y);
        kernels()->scale(p.u, 0.5f, y, y);
        return;
    default:
        kernels()->copy(p.u, x, y);
        kernels()->copy(p.v, other, work->y[1] + at * p.v);
        return;
    }
}

static void part_step(const Work *work, Place p, int64_t at)
{
    const JoinArgs *a = work->args;
    const float *dy = work->dy[0], *second = a->merge_mode == NONE ? work->dy[1] : dy;
    float *dx = work->dx[0] ? work->dx[0] + p.a : NULL, *other = work->dx[1] ? work->dx[1] + p.b : NULL;
    int64_t wide = a->merge_mode == CONCAT ? p.u + p.v : p.u;
    if (dy) dy += at * wide;
    if (second) second += a->merge_mode == NONE ? at * p.v : at * wide + (a->merge_mode == CONCAT ? p.u : 0);
    if (a->merge_mode == MUL) {
        if (dx) kernels()->mul(p.u, dy, work->x[1] + p.b, dx);
        if (other) kernels()->mul(p.u, dy, work->x[0] + p.a, other);
        return;
    }
    float factor = a->merge_mode == AVE ? 0.5f : 1.0f;
    if (dx && dy) kernels()->scale(p.u, factor, dy, dx);
    else if (dx) kernels()->fill(p.u, 0.0f, dx);
    if (other && second) kernels()->scale(p.v, factor, second, other);
    else if (other) kernels()->fill(p.v, 0.0f, other);
}

static void each_step(const Work *work, void (*act)(const Work *work, Place p, int64_t at))
{
    int64_t from, to, steps = shape_steps(&work->call->in[0]->shape);
    task_slice(work, work->rows, &from, &to);
    for (int64_t row = from; row < to; row++)
        for (int64_t step = 0; step < steps; step++) act(work, place_of(work, row, step, steps), row * steps + step);
}

static void join_forward(const Work *work) { each_step(work, join_step); }
static void join_backward(const Work *work) { each_step(work, part_step); }

static const LayerCase cases[] = {
    {.args = "concat, true", .shapes = "[3, 2] [3, 4]"},
    {.args = "sum, true", .shapes = "[3, 2] [3, 2]"},
    {.args = "mul", .shapes = "[4] [4]"},
    {.args = "ave, true", .shapes = "[3, 2] [3, 2]"},
    {.args = "none, true", .shapes = "[3, 2] [3, 3]"},
    {0},
};

const LayerKind layer_join_directions = {
    .kind = {.name = "join_directions", .family = FAMILY_LAYER, .help = "both directions of a bidirectional layer made one", .args = args,
             .args_size = sizeof(JoinArgs)},
    .min_inputs = 2,
    .max_inputs = 2,
    .n_outputs = join_outputs,
    .infer = join_infer,
    .mask = MASK_PASS,
    .reads_of = join_reads,
    .hidden = true,
    .tasks = join_tasks,
    .forward = join_forward,
    .backward = join_backward,
    .cases = cases,
};
