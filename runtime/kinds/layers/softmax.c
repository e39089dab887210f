/* softmax.c: softmax over any axis, as a layer.   y_i = exp(x_i - max x) / sum_j exp(x_j - max x) along the axis
 * With a mask of the input's own shape, masked numbers count as -1e9 and come out as exactly 0. Over the last axis without a mask it is the
 * activation softmax. */
#include "runtime/kinds/layers/layer.h"
#include "runtime/tensor/kernels.h"

extern const ActivationKind activation_softmax;

typedef struct {
    int64_t axis;
} SoftmaxArgs;

static const ArgSpec args[] = {
    ARG_INT(SoftmaxArgs, axis, .fallback = "-1", .help = "the axis whose numbers add up to 1; the batch counts as 0, -1 is the last"),
    ARG_END,
};

static bool softmax_infer(const Infer *infer, Call *call)
{
    const SoftmaxArgs *a = call->layer->args;
    const Wire *in = call->in[0];
    int axis;
    if (!axis_index(infer, call, a->axis, &in->shape, &axis)) return false;
    call->out[0]->shape = in->shape;
    if (!in->mask_of || in->shape.rank == 1) return true;
    Diag *e = diag(infer->diags, E0312, infer->span, A("layer", "softmax"), A("input", wire_said(infer->arena, in)),
                   A("shape", shape_text(infer->arena, &in->shape)));
    diag_primary(e, E0312_here);
    if (wire_origin(in->mask_of).source) diag_label(e, wire_origin(in->mask_of), E0312_made);
    Fix *fix = axis == in->shape.rank - 1 ? diag_fix(e, E0312_bare) : NULL;
    if (fix && call->layer->span.source && !call->outer) diag_edit(fix, call->layer->span, "softmax");
    return false;
}

static int softmax_axis(const Call *call)
{
    const SoftmaxArgs *a = call->layer->args;
    return (int)(a->axis < 0 ? a->axis + call->in[0]->shape.rank : a->axis - 1);
}

static KindRef softmax_activation(const Call *call)
{
    bool plain = call->in[0]->shape.rank > 0 && softmax_axis(call) == call->in[0]->shape.rank - 1 && !call->in[0]->mask_of;
    return plain ? (KindRef){&activation_softmax.kind, NULL} : (KindRef){0};
}

/* Numbers behind the axis, the axis's length, and how many such groups one row has. */
typedef struct {
    int64_t inner, n, outer;
} Axis;

static Axis axis_of(const Call *call)
{
    const Shape *shape = &call->in[0]->shape;
    int at = softmax_axis(call);
    Axis axis = {1, shape->dim[at], 1};
    for (int i = 0; i < at; i++) axis.outer *= shape->dim[i];
    for (int i = at + 1; i < shape->rank; i++) axis.inner *= shape->dim[i];
    return axis;
}

static int softmax_tasks(const Call *call, int64_t rows, bool backward, int pass)
{
    (void)backward, (void)pass;
    return tasks_for(rows, 16 * row_size(call->in[0]));
}

/* One row of the axis is brought together, worked on and put back; the scratch of a row is its own piece of scratch. */
static size_t softmax_scratch(const Call *call, int64_t rows)
{
    return softmax_activation(call).kind ? 0 : (size_t)(2 * rows * axis_of(call).n);
}

static void softmax_forward(const Work *work)
{
    if (softmax_activation(work->call).kind) {
        activation_layer_forward(work);
        return;
    }
    Axis axis = axis_of(work->call);
    int64_t from, to;
    task_slice(work, work->rows, &from, &to);
    const uint8_t *mask = work->mask[0];
    for (int64_t row = from; row < to; row++) {
        float *line = work->scratch + 2 * row * axis.n;
        for (int64_t o = 0; o < axis.outer; o++)
            for (int64_t i = 0; i < axis.inner; i++) {
                int64_t at = (row * axis.outer + o) * axis.n * axis.inner + i;
                for (int64_t j = 0; j < axis.n; j++) line[j] = work->x[0][at + j * axis.inner] + (mask && !mask[row * axis.n + j] ? -1e9f : 0.0f);
                kernels()->softmax(1, axis.n, line, axis.n, line, axis.n);
                for (int64_t j = 0; j < axis.n; j++) work->y[0][at + j * axis.inner] = mask && !mask[row * axis.n + j] ? 0.0f : line[j];
            }
    }
}

static void softmax_backward(const Work *work)
{
    if (!work->dx[0]) return;
    if (softmax_activation(work->call).kind) {
        activation_layer_backward(work);
        return;
    }
    Axis axis = axis_of(work->call);
    int64_t from, to;
    task_slice(work, work->rows, &from, &to);
    const uint8_t *mask = work->mask[0];
    for (int64_t row = from; row < to; row++) {
        float *y = work->scratch + 2 * row * axis.n, *dy = y + axis.n;
        for (int64_t o = 0; o < axis.outer; o++)
            for (int64_t i = 0; i < axis.inner; i++) {
                int64_t at = (row * axis.outer + o) * axis.n * axis.inner + i;
                for (int64_t j = 0; j < axis.n; j++) {
                    y[j] = work->y[0][at + j * axis.inner];
                    dy[j] = mask && !mask[row * axis.n + j] ? 0.0f : work->dy[0][at + j * axis.inner];
                }
                kernels()->softmax_back(1, axis.n, y, axis.n, dy, axis.n, dy, axis.n);
                for (int64_t j = 0; j < axis.n; j++) work->dx[0][at + j * axis.inner] = dy[j];
            }
    }
}

static const LayerCase cases[] = {
    {.args = "", .shapes = "[4]"},
    {.args = "axis=1", .shapes = "[3, 2]"},
    {.args = "", .shapes = "[4]", .masked = true},
    {0},
};

const LayerKind layer_softmax = {
    .kind = {.name = "softmax", .keras = "Softmax", .family = FAMILY_LAYER, .help = "shares along an axis that add up to 1",
             .example = "softmax(axis=1)", .args = args, .args_size = sizeof(SoftmaxArgs)},
    .infer = softmax_infer,
    .scratch = softmax_scratch,
    .mask = MASK_PASS,
    .uses_mask = true,
    .reads = READS_Y | READS_SCRATCH,
    .activation = softmax_activation,
    .tasks = softmax_tasks,
    .forward = softmax_forward,
    .backward = softmax_backward,
    .cases = cases,
};
