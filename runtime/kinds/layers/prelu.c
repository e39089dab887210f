/* prelu.c: a relu whose slope below 0 is learned, for each place of a sample.   y = x > 0 ? x : alpha x
 * alpha has the input's shape, with 1 where an axis shares it. At x = 0 the derivative is 0, as in Keras, which computes
 * relu(x) - alpha relu(-x).
 *
 * Passes forward: alpha spread over a row (one task, where axes share it); the result. Backward: dx and the sums of dalpha over slices of
 * rows; their combination in order (one task). */
#include "runtime/kinds/layers/layer.h"
#include "runtime/tensor/kernels.h"

typedef struct {
    KindRef alpha_initializer, alpha_regularizer, alpha_constraint;
    ArgInts shared_axes;
} PreluArgs;

static const ArgSpec args[] = {
    ARG_KIND(PreluArgs, alpha_initializer, INITIALIZER, "zeros", .help = "first values of the slopes"),
    REGULARIZER_ARG(PreluArgs, alpha_regularizer, .help = "penalty on large slopes"),
    CONSTRAINT_ARG(PreluArgs, alpha_constraint, .help = "a rule that the slopes must keep"),
    ARG_INTS(PreluArgs, shared_axes, .none = true, .fallback = "none", .min = 1, .max = SHAPE_MAX_RANK,
             .help = "axes along which all places have one slope, counted from 1: 1 for the steps of a sequence"),
    ARG_END,
};

static bool is_shared(const PreluArgs *a, int axis)
{
    for (size_t i = 0; i < a->shared_axes.n; i++)
        if (a->shared_axes.at[i] == axis + 1) return true;
    return false;
}

static bool prelu_infer(const Infer *infer, Call *call)
{
    const PreluArgs *a = call->layer->args;
    const Shape *shape = &call->in[0]->shape;
    for (size_t i = 0; i < a->shared_axes.n; i++) {
        int axis;
        if (a->shared_axes.at[i] != ARG_NO_INT && !axis_index(infer, call, a->shared_axes.at[i], shape, &axis)) return false;
    }
    for (int axis = 0; axis < shape->rank; axis++)
        if (!is_shared(a, axis) && !need_length(infer, call, 0, axis)) return false;
    call->out[0]->shape = *shape;
    return true;
}

static Shape alpha_shape(const Call *call)
{
    Shape shape = call->in[0]->shape;
    for (int axis = 0; axis < shape.rank; axis++)
        if (is_shared(call->layer->args, axis)) shape.dim[axis] = 1;
    shape.rows = 1;
    return shape;
}

static void prelu_weights(const Layer *layer, const Call *call, WeightList *list)
{
    const PreluArgs *a = layer->args;
    WeightSpec *alpha = weight_add(list, "alpha", alpha_shape(call), a->alpha_initializer);
    alpha->regularizer = a->alpha_regularizer;
    alpha->constraint = a->alpha_constraint;
}

/* Which number of alpha number `at` of a row takes. */
static int64_t alpha_index(const Call *call, const Shape *alpha, int64_t at)
{
    const Shape *shape = &call->in[0]->shape;
    int64_t index = 0, stride = 1;
    for (int axis = shape->rank - 1; axis >= 0; axis--) {
        if (alpha->dim[axis] > 1) index += at % shape->dim[axis] * stride;
        stride *= alpha->dim[axis];
        at /= shape->dim[axis];
    }
    return index;
}

/* Slices of rows, by shape alone; each keeps a row of sums, so it holds a few rows at least. */
static int slices_of(const Call *call, int64_t rows)
{
    enum { LEAST_ROWS = 4 };
    return tasks_for(rows / LEAST_ROWS, 4 * LEAST_ROWS * row_size(call->in[0]));
}

/* scratch: alpha spread over a row, then each slice's sums of dalpha, over a row too. */
static size_t prelu_scratch(const Call *call, int64_t rows) { return (size_t)((1 + slices_of(call, rows)) * row_size(call->in[0])); }

static float *sums_of(const Work *work, int slice) { return work->scratch + (1 + slice) * row_size(work->call->in[0]); }

static int prelu_tasks(const Call *call, int64_t rows, bool backward, int pass)
{
    return pass == (backward ? 1 : 0) ? 1 : slices_of(call, rows);
}

static void prelu_forward(const Work *work)
{
    int64_t from, to, size = row_size(work->call->in[0]);
    if (work->pass == 0) {
        Shape alpha = alpha_shape(work->call);
        for (int64_t i = 0; i < size; i++) work->scratch[i] = work->w[0][alpha_index(work->call, &alpha, i)];
        return;
    }
    task_slice(work, work->rows, &from, &to);
    for (int64_t row = from; row < to; row++) {
        const float *x = work->x[0] + row * size;
        float *y = work->y[0] + row * size;
        for (int64_t i = 0; i < size; i++) y[i] = x[i] > 0 ? x[i] : work->scratch[i] * x[i];
    }
}

static void backward_slice(const Work *work)
{
    int64_t from, to, size = row_size(work->call->in[0]);
    float *sums = sums_of(work, work->task);
    kernels()->fill(size, 0.0f, sums);
    task_slice(work, work->rows, &from, &to);
    for (int64_t row = from; row < to; row++) {
        const float *x = work->x[0] + row * size, *dy = work->dy[0] + row * size;
        for (int64_t i = 0; i < size; i++) sums[i] += x[i] < 0 ? dy[i] * x[i] : 0.0f;
        float *dx = work->dx[0] ? work->dx[0] + row * size : NULL;
        for (int64_t i = 0; i < size && dx; i++) dx[i] = x[i] > 0 ? dy[i] : x[i] < 0 ? work->scratch[i] * dy[i] : 0.0f;
    }
}

static void prelu_backward(const Work *work)
{
    if (work->pass == 0) {
        backward_slice(work);
        return;
    }
    if (!work->dw[0]) return;
    Shape alpha = alpha_shape(work->call);
    int64_t size = row_size(work->call->in[0]);
    if (!work->dw_add) kernels()->fill(shape_size(&alpha), 0.0f, work->dw[0]);
    for (int slice = 0; slice < slices_of(work->call, work->rows); slice++) {
        const float *sums = sums_of(work, slice);
        for (int64_t i = 0; i < size; i++) work->dw[0][alpha_index(work->call, &alpha, i)] += sums[i];
    }
}

static const LayerCase cases[] = {
    {.args = "", .shapes = "[5]"},
    {.args = "shared_axes=1", .shapes = "[2, 3]", .masked = true},
    {.args = "alpha_initializer=constant(0.25), shared_axes=[1, 2]", .shapes = "[2, 2]"},
    {0},
};

const LayerKind layer_prelu = {
    .kind = {.name = "prelu", .keras = "PReLU", .family = FAMILY_LAYER, .help = "a relu that learns its slope below 0", .example = "prelu",
             .args = args, .args_size = sizeof(PreluArgs)},
    .infer = prelu_infer,
    .weights = prelu_weights,
    .scratch = prelu_scratch,
    .mask = MASK_PASS,
    .reads = READS_X | READS_SCRATCH,
    .passes_forward = 2,
    .passes_backward = 2,
    .tasks = prelu_tasks,
    .forward = prelu_forward,
    .backward = prelu_backward,
    .cases = cases,
};
