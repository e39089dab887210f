/* conv1d.c: convolution over the steps of a sequence (cross-correlation, no flip).
 * x [B, T, F]   W [K, F / groups, filters]   b [filters]   y [B, To, filters]
 *     y[o] = b + sum over taps j of x[o stride + j dilation - left] W[j]
 * Each tap is a product of its own over all its steps at once: rows of x lie stride * F numbers apart, nothing is copied. */
#include "runtime/kinds/layers/conv.h"
#include "runtime/tensor/blas.h"

typedef struct {
    int64_t filters, kernel_size, strides;
    int padding;
    int64_t dilation_rate, groups;
    KindRef activation;
    bool use_bias;
    KindRef kernel_initializer, bias_initializer;
    KindRef kernel_regularizer, bias_regularizer, activity_regularizer;
    KindRef kernel_constraint, bias_constraint;
} Conv1dArgs;

static const ArgSpec args[] = {
    ARG_INT(Conv1dArgs, filters, .required = true, .min = 1, .max = 1e15, .help = "how many numbers each step of the result has"),
    ARG_INT(Conv1dArgs, kernel_size, .required = true, .min = 1, .max = 1e15, .help = "how many steps are looked at together"),
    ARG_INT(Conv1dArgs, strides, .fallback = "1", .min = 1, .max = 1e15, .help = "a result at every so-many-th step"),
    ARG_WORD(Conv1dArgs, padding, "valid|same|causal", "valid", .help = "what stands beside the ends: nothing, zeros, or zeros on the left alone"),
    ARG_INT(Conv1dArgs, dilation_rate, .fallback = "1", .min = 1, .max = 1e15, .help = "steps between two that are looked at"),
    ARG_INT(Conv1dArgs, groups, .fallback = "1", .min = 1, .max = 1e15, .help = "features and filters are cut into so many groups that do not mix"),
    ARG_KIND(Conv1dArgs, activation, ACTIVATION, "linear", .none = true, .epilogue = true, .help = "applied to the result"),
    ARG_BOOL(Conv1dArgs, use_bias, true, .help = "add a learned number to each filter's result"),
    ARG_KIND(Conv1dArgs, kernel_initializer, INITIALIZER, "glorot_uniform", .help = "first values of the weights"),
    ARG_KIND(Conv1dArgs, bias_initializer, INITIALIZER, "zeros", .help = "first values of the added numbers"),
    REGULARIZER_ARG(Conv1dArgs, kernel_regularizer, .help = "penalty on large weights"),
    REGULARIZER_ARG(Conv1dArgs, bias_regularizer, .help = "penalty on large added numbers"),
    ACTIVITY_ARG(Conv1dArgs),
    CONSTRAINT_ARG(Conv1dArgs, kernel_constraint, .help = "a rule that the weights must keep"),
    CONSTRAINT_ARG(Conv1dArgs, bias_constraint, .help = "a rule that the added numbers must keep"),
    ARG_END,
};

static bool conv1d_check(const void *arguments, const Span *spans, Span span, Diags *diags)
{
    const Conv1dArgs *a = arguments;
    int dilation = kind_arg_index(&(const Kind){.args = args}, "dilation_rate"), groups = kind_arg_index(&(const Kind){.args = args}, "groups");
    if (a->strides > 1 && a->dilation_rate > 1) {
        diag_fix(diag(diags, E0322, spans && spans[dilation].source ? spans[dilation] : span, A("layer", "conv1d")), E0322_help);
        return false;
    }
    if (a->filters % a->groups == 0) return true;
    diag(diags, E0321, spans && spans[groups].source ? spans[groups] : span, A("layer", "conv1d"), AI("groups", a->groups),
         A("what", "filters"), AI("found", a->filters));
    return false;
}

static Windows windows(const Call *call)
{
    const Conv1dArgs *a = call->layer->args;
    return windows_of(call->in[0]->shape.dim[0], a->kernel_size, a->strides, a->dilation_rate, a->padding);
}

static bool conv1d_infer(const Infer *infer, Call *call)
{
    const Conv1dArgs *a = call->layer->args;
    if (!need_sequence(infer, call, 0) || !need_features(infer, call, 0)) return false;
    Windows w = windows(call);
    if (!windows_fit(infer, call, &w)) return false;
    int64_t features = shape_last(&call->in[0]->shape);
    if (features % a->groups != 0) {
        diag(infer->diags, E0321, infer->span, A("layer", call_said(call)), AI("groups", a->groups), A("what", "features"), AI("found", features));
        return false;
    }
    call->out[0]->shape = shape_of(2, (int64_t[]){w.out, a->filters});
    return true;
}

static void conv1d_weights(const Layer *layer, const Call *call, WeightList *list)
{
    const Conv1dArgs *a = layer->args;
    int64_t features = shape_last(&call->in[0]->shape);
    WeightSpec *kernel = weight_add(list, "kernel", shape_of(3, (int64_t[]){a->kernel_size, features / a->groups, a->filters}), a->kernel_initializer);
    kernel->regularizer = a->kernel_regularizer;
    kernel->constraint = a->kernel_constraint;
    if (!a->use_bias) return;
    WeightSpec *bias = weight_add(list, "bias", shape_vector(a->filters), a->bias_initializer);
    bias->regularizer = a->bias_regularizer;
    bias->constraint = a->bias_constraint;
}

static int row_tasks(const Call *call, int64_t rows)
{
    const Conv1dArgs *a = call->layer->args;
    Windows w = windows(call);
    return tasks_for(rows, 2 * w.out * a->kernel_size * (shape_last(&call->in[0]->shape) / a->groups) * a->filters / 8);
}

/* Backward: tasks over rows write dx, then one task for each tap writes its part of dW (the first also db). */
static int conv1d_tasks(const Call *call, int64_t rows, bool backward, int pass)
{
    (void)pass;
    return row_tasks(call, rows) + (backward ? (int)((const Conv1dArgs *)call->layer->args)->kernel_size : 0);
}

/* One tap of one group over one row: the operands of its product. */
typedef struct {
    int64_t count, f, u; /* steps, features and filters of the group */
    int64_t x, y, w;     /* where they begin */
} Tap;

static Tap tap_of(const Windows *w, int64_t features, const Conv1dArgs *a, int64_t tap, int64_t group)
{
    int64_t first, step;
    Tap t = {.count = windows_range(w, tap, &first, &step), .f = features / a->groups, .u = a->filters / a->groups};
    t.x = step * features + group * t.f;
    t.y = first * a->filters + group * t.u;
    t.w = tap * t.f * a->filters + group * t.u;
    return t;
}

static void conv1d_forward(const Work *work)
{
    const Conv1dArgs *a = work->args;
    Windows w = windows(work->call);
    int64_t features = shape_last(&work->call->in[0]->shape), from, to;
    task_slice(work, work->rows, &from, &to);
    for (int64_t row = from; row < to; row++) {
        const float *x = work->x[0] + row * w.steps * features;
        float *y = work->y[0] + row * w.out * a->filters;
        kernels()->fill(w.out * a->filters, 0.0f, y);
        if (a->use_bias) kernels()->add_bias(w.out, a->filters, y, a->filters, work->w[1], GEMM_LINEAR);
        for (int64_t tap = 0; tap < a->kernel_size; tap++) {
            for (int64_t group = 0; group < a->groups; group++) {
                Tap t = tap_of(&w, features, a, tap, group);
                if (t.count == 0) continue;
                gemm(&(Gemm){.form = GEMM_NN, .accumulate = true, .m = t.count, .n = t.u, .k = t.f, .a = x + t.x, .lda = a->strides * features,
                             .b = work->w[0] + t.w, .ldb = a->filters, .c = y + t.y, .ldc = a->filters});
            }
        }
    }
}

static void back_to_input(const Work *work, int n_tasks)
{
    const Conv1dArgs *a = work->args;
    Windows w = windows(work->call);
    int64_t features = shape_last(&work->call->in[0]->shape);
    int64_t from = work->rows * work->task / n_tasks, to = work->rows * (work->task + 1) / n_tasks;
    for (int64_t row = from; row < to; row++) {
        const float *dy = work->dy[0] + row * w.out * a->filters;
        float *dx = work->dx[0] + row * w.steps * features;
        kernels()->fill(w.steps * features, 0.0f, dx);
        for (int64_t tap = 0; tap < a->kernel_size; tap++) {
            for (int64_t group = 0; group < a->groups; group++) {
                Tap t = tap_of(&w, features, a, tap, group);
                if (t.count == 0) continue;
                gemm(&(Gemm){.form = GEMM_NT, .accumulate = true, .m = t.count, .n = t.f, .k = t.u, .a = dy + t.y, .lda = a->filters,
                             .b = work->w[0] + t.w, .ldb = a->filters, .c = dx + t.x, .ldc = a->strides * features});
            }
        }
    }
}

static void back_to_weights(const Work *work, int64_t tap)
{
    const Conv1dArgs *a = work->args;
    Windows w = windows(work->call);
    int64_t features = shape_last(&work->call->in[0]->shape), f = features / a->groups;
    if (!work->dw_add) kernels()->fill(f * a->filters, 0.0f, work->dw[0] + tap * f * a->filters);
    for (int64_t row = 0; row < work->rows; row++) {
        for (int64_t group = 0; group < a->groups; group++) {
            Tap t = tap_of(&w, features, a, tap, group);
            if (t.count == 0) continue;
            gemm(&(Gemm){.form = GEMM_TN, .accumulate = true, .m = t.f, .n = t.u, .k = t.count, .a = work->x[0] + row * w.steps * features + t.x,
                         .lda = a->strides * features, .b = work->dy[0] + row * w.out * a->filters + t.y, .ldb = a->filters,
                         .c = work->dw[0] + t.w, .ldc = a->filters});
        }
    }
}

static void conv1d_backward(const Work *work)
{
    const Conv1dArgs *a = work->args;
    int over_rows = work->n_tasks - (int)a->kernel_size;
    if (work->task < over_rows) {
        if (work->dx[0]) back_to_input(work, over_rows);
        return;
    }
    int64_t tap = work->task - over_rows;
    if (work->dw[0]) back_to_weights(work, tap);
    int64_t steps = windows(work->call).out;
    if (tap == 0 && a->use_bias && work->dw[1])
        kernels()->col_sums(work->rows * steps, a->filters, work->dy[0], a->filters, work->dw[1], work->dw_add);
}

static const LayerCase cases[] = {
    {.args = "3, 2", .shapes = "[5, 4]"},
    {.args = "4, 3, strides=2, padding=same, groups=2", .shapes = "[6, 4]"},
    {.args = "2, 3, padding=causal, dilation_rate=2, use_bias=false", .shapes = "[7, 3]"},
    {0},
};

const LayerKind layer_conv1d = {
    .kind = {.name = "conv1d", .keras = "Conv1D", .family = FAMILY_LAYER, .help = "looks at several neighbouring steps together",
             .example = "conv1d(16, 3, padding=causal, activation=relu)", .args = args, .args_size = sizeof(Conv1dArgs), .check = conv1d_check},
    .infer = conv1d_infer,
    .weights = conv1d_weights,
    .mask = MASK_DROP,
    .reads = READS_X,
    .runs_epilogue = true,
    .tasks = conv1d_tasks,
    .forward = conv1d_forward,
    .backward = conv1d_backward,
    .cases = cases,
};
