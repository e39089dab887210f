/* simple_rnn.c: the plain recurrent layer.   h_t = act(x_t W + b + h_{t-1} R)
 * x [B, T, F]   W [F, U]   R [U, U]   b [U]   h [B, U]; results [B, T, U] or the last [B, U], and the state [B, U]
 *
 * At a masked step the state stays, and the result repeats the last one (0 before the first valid step; an initial state is no result).
 * go_backwards takes the steps from the last to the first and gives results in that order. Dropout draws one mask for each sequence.
 *
 * Forward cuts rows between tasks. Backward goes through time for the rows of a task (pass 0), then sums what belongs to the weights
 * over all steps in order (pass 1). Scratch is by step, rows inside, so that a step's numbers lie together. */
#include "runtime/kinds/layers/layer.h"
#include "runtime/tensor/blas.h"

#include <math.h>
#include <string.h>

typedef struct {
    int64_t units;
    KindRef activation;
    bool use_bias;
    KindRef kernel_initializer, recurrent_initializer, bias_initializer;
    KindRef kernel_regularizer, recurrent_regularizer, bias_regularizer, activity_regularizer;
    KindRef kernel_constraint, recurrent_constraint, bias_constraint;
    double dropout, recurrent_dropout;
    bool return_sequences, return_state, go_backwards, stateful, unroll;
    int64_t seed;
    ArgWires initial_state;
} SimpleRnnArgs;

static const ArgSpec args[] = {
    ARG_INT(SimpleRnnArgs, units, .required = true, .min = 1, .max = 1e15, .help = "how many numbers each result has"),
    ARG_KIND(SimpleRnnArgs, activation, ACTIVATION, "tanh", .none = true, .help = "applied to each step's result"),
    ARG_BOOL(SimpleRnnArgs, use_bias, true, .help = "add a learned number to each result"),
    ARG_KIND(SimpleRnnArgs, kernel_initializer, INITIALIZER, "glorot_uniform", .help = "first values of the weights of the input"),
    ARG_KIND(SimpleRnnArgs, recurrent_initializer, INITIALIZER, "orthogonal", .help = "first values of the weights of the state"),
    ARG_KIND(SimpleRnnArgs, bias_initializer, INITIALIZER, "zeros", .help = "first values of the added numbers"),
    REGULARIZER_ARG(SimpleRnnArgs, kernel_regularizer, .help = "penalty on large weights of the input"),
    REGULARIZER_ARG(SimpleRnnArgs, recurrent_regularizer, .help = "penalty on large weights of the state"),
    REGULARIZER_ARG(SimpleRnnArgs, bias_regularizer, .help = "penalty on large added numbers"),
    REGULARIZER_ARG(SimpleRnnArgs, activity_regularizer, .help = "accepted, but without effect, as in Keras"),
    CONSTRAINT_ARG(SimpleRnnArgs, kernel_constraint, .help = "a rule that the weights of the input must keep"),
    CONSTRAINT_ARG(SimpleRnnArgs, recurrent_constraint, .help = "a rule that the weights of the state must keep"),
    CONSTRAINT_ARG(SimpleRnnArgs, bias_constraint, .help = "a rule that the added numbers must keep"),
    ARG_FLOAT(SimpleRnnArgs, dropout, .fallback = "0.0", .min = 0, .max = 1, .usual_min = 0, .usual_max = 0.5,
              .help = "the share of inputs set to 0 in training, the same ones at each step"),
    ARG_FLOAT(SimpleRnnArgs, recurrent_dropout, .fallback = "0.0", .min = 0, .max = 1, .usual_min = 0, .usual_max = 0.5,
              .help = "the share of the state set to 0 in training, the same at each step"),
    ARG_BOOL(SimpleRnnArgs, return_sequences, false, .help = "give every step's result, not the last alone"),
    ARG_BOOL(SimpleRnnArgs, return_state, false, .help = "give the last state too"),
    ARG_BOOL(SimpleRnnArgs, go_backwards, false, .help = "from the last step to the first"),
    ARG_BOOL(SimpleRnnArgs, stateful, false, .help = "not possible: samples are shuffled"),
    ARG_BOOL(SimpleRnnArgs, unroll, false, .help = "accepted, changes nothing"),
    SEED_ARG(SimpleRnnArgs),
    ARG_WIRES(SimpleRnnArgs, initial_state, .none = true, .fallback = "none", .help = "the state before the first step"),
    ARG_END,
};

static bool simple_rnn_check(const void *arguments, const Span *spans, Span span, Diags *diags)
{
    const SimpleRnnArgs *a = arguments;
    if (!a->stateful) return true;
    int at = kind_arg_index(&(const Kind){.args = args}, "stateful");
    Diag *e = diag(diags, E0318, spans && spans[at].source ? spans[at] : span, A("layer", "simple_rnn"));
    diag_note(e, E0318_note);
    Fix *fix = diag_fix(e, E0318_remove);
    if (spans && spans[at].source) diag_edit(fix, spans[at], "false");
    return false;
}

static int simple_rnn_outputs(const Layer *layer) { return 1 + ((const SimpleRnnArgs *)layer->args)->return_state; }

static bool simple_rnn_infer(const Infer *infer, Call *call)
{
    const SimpleRnnArgs *a = call->layer->args;
    if (!need_sequence(infer, call, 0)) return false;
    Shape state = shape_vector(a->units);
    if (call->n_args_in > 1) {
        diag(infer->diags, E0315, infer->span, A("layer", call_said(call)), A("wanted", "one wire"), AI("found", call->n_args_in));
        return false;
    }
    for (int i = call->n_in - call->n_args_in; i < call->n_in; i++) {
        const Wire *wire = call->in[i];
        if (wire->shape.rank == 1 && (wire->shape.dim[0] == a->units || wire->shape.dim[0] == DIM_UNKNOWN)) continue;
        Diag *e = diag(infer->diags, E0314, infer->span, A("layer", call_said(call)), AI("units", a->units),
                       A("input", wire_said(infer->arena, wire)), A("shape", shape_text(infer->arena, &wire->shape)),
                       A("wanted", shape_text(infer->arena, &state)));
        diag_primary(e, E0314_here);
        if (wire_origin(wire).source) diag_label(e, wire_origin(wire), E0314_source);
        return false;
    }
    call->out[0]->shape = a->return_sequences ? shape_of(2, (int64_t[]){call->in[0]->shape.dim[0], a->units}) : state;
    if (a->return_state) call->out[1]->shape = state;
    return true;
}

static void simple_rnn_weights(const Layer *layer, const Call *call, WeightList *list)
{
    const SimpleRnnArgs *a = layer->args;
    WeightSpec *kernel = weight_add(list, "kernel", shape_of(2, (int64_t[]){shape_last(&call->in[0]->shape), a->units}), a->kernel_initializer);
    kernel->regularizer = a->kernel_regularizer;
    kernel->constraint = a->kernel_constraint;
    kernel->path = "cell/kernel";
    WeightSpec *recurrent = weight_add(list, "recurrent_kernel", shape_of(2, (int64_t[]){a->units, a->units}), a->recurrent_initializer);
    recurrent->regularizer = a->recurrent_regularizer;
    recurrent->constraint = a->recurrent_constraint;
    recurrent->path = "cell/recurrent_kernel";
    if (!a->use_bias) return;
    WeightSpec *bias = weight_add(list, "bias", shape_vector(a->units), a->bias_initializer);
    bias->regularizer = a->bias_regularizer;
    bias->constraint = a->bias_constraint;
    bias->path = "cell/bias";
}

static bool simple_rnn_mask_out(const Call *call, int port)
{
    return port == 0 && ((const SimpleRnnArgs *)call->layer->args)->return_sequences && call->in[0]->mask_of;
}

/* ---- Scratch ------------------------------------------------------------------------------------------------------- */

/* Lengths, and where in scratch things lie (floats). */
typedef struct {
    int64_t rows, t, f, u;
    const SimpleRnnArgs *a;
    const ActivationKind *act;
    const void *act_args;
    size_t z;       /* [T, rows, U] before the activation; backward: its gradient */
    size_t y;       /* [T, rows, U] behind it */
    size_t h;       /* [T + 1, rows, U] the state before each step, and the last */
    size_t out;     /* [rows, U] the result so far; backward: its gradient */
    size_t dh;      /* [rows, U] */
    size_t work;    /* [rows, U] */
    size_t x_mask;  /* [rows, F] factors, where there is dropout */
    size_t h_mask;  /* [rows, U] factors, where there is recurrent dropout */
    size_t xd, hd;  /* [T, rows, F], [T, rows, U]: inputs and states after dropout */
    size_t floats;
} Rnn;

static Rnn layout(const Call *call, int64_t rows)
{
    const SimpleRnnArgs *a = call->layer->args;
    const Shape *shape = &call->in[0]->shape;
    Rnn r = {.rows = rows, .t = shape->dim[0], .f = shape->dim[1], .u = a->units, .a = a, .act = (const ActivationKind *)a->activation.kind,
             .act_args = a->activation.args};
    size_t step = (size_t)(rows * r.u), steps = step * (size_t)r.t, inputs = (size_t)(rows * r.f);
    size_t at = 0;
    r.z = at, at += steps;
    r.y = at, at += steps;
    r.h = at, at += steps + step;
    r.out = at, at += step;
    r.dh = at, at += step;
    r.work = at, at += step;
    r.x_mask = at, at += a->dropout > 0 ? inputs : 0;
    r.h_mask = at, at += a->recurrent_dropout > 0 ? step : 0;
    r.xd = at, at += a->dropout > 0 ? inputs * (size_t)r.t : 0;
    r.hd = at, at += a->recurrent_dropout > 0 ? steps : 0;
    r.floats = at;
    return r;
}

static size_t simple_rnn_scratch(const Call *call, int64_t rows) { return layout(call, rows).floats; }

static int simple_rnn_tasks(const Call *call, int64_t rows, bool backward, int pass)
{
    Rnn r = layout(call, rows);
    if (backward && pass == 1) return 3;
    return tasks_for(rows, 2 * r.t * r.u * (r.f + r.u));
}

/* Numbers [rows, U] of step p from row `row` on. */
static float *at_step(const Work *work, const Rnn *r, size_t part, int64_t p, int64_t row)
{
    return work->scratch + part + (size_t)((p * r->rows + row) * r->u);
}

/* The step of the input that is taken p-th. */
static int64_t time_of(const Rnn *r, int64_t p) { return r->a->go_backwards ? r->t - 1 - p : p; }

static bool valid(const Work *work, const Rnn *r, int64_t row, int64_t t) { return !work->mask[0] || work->mask[0][row * r->t + t]; }

static bool drops(const Work *work, double rate) { return rate > 0 && work->mode != MODE_INFER; }

/* ---- Dropout ------------------------------------------------------------------------------------------------------- */

/* 0 or 1 / (1 - rate) for each of n numbers of a row; elements count within the sample. */
static void draw_factors(const Work *work, int stream, double rate, int64_t row, int64_t n, float *factors)
{
    const SimpleRnnArgs *a = work->args;
    RngKey key = work->streams[stream];
    if (a->seed != ARG_NO_INT) key.seed = (uint64_t)a->seed;
    int64_t rows_each = work->rows / work->samples;
    uint32_t sample = (uint32_t)(work->first_sample + row / rows_each);
    float kept = rate < 1 ? (float)(1 / (1 - rate)) : 0.0f;
    uint32_t threshold = (uint32_t)(rate * 65536 + 0.5);
    for (int64_t i = 0; i < n; i += 64) {
        uint16_t bits[64];
        int64_t count = n - i < 64 ? n - i : 64;
        rng_bits16(&key, sample, row % rows_each * n + i, count, bits);
        for (int64_t j = 0; j < count; j++) factors[i + j] = bits[j] >= threshold ? kept : 0.0f;
    }
}

/* ---- Forward ------------------------------------------------------------------------------------------------------- */

/* The step's input, [n, F] and how far its rows lie apart. */
static const float *step_input(const Work *work, const Rnn *r, int64_t p, int64_t row, int64_t *ld)
{
    if (drops(work, r->a->dropout)) {
        *ld = r->f;
        return work->scratch + r->xd + (size_t)((p * r->rows + row) * r->f);
    }
    *ld = r->t * r->f;
    return work->x[0] + (row * r->t + time_of(r, p)) * r->f;
}

static const float *step_state(const Work *work, const Rnn *r, int64_t p, int64_t row)
{
    return at_step(work, r, drops(work, r->a->recurrent_dropout) ? r->hd : r->h, p, row);
}

static void draw_masks(const Work *work, const Rnn *r, int64_t from, int64_t to)
{
    for (int64_t row = from; row < to; row++) {
        if (drops(work, r->a->dropout)) {
            float *factors = work->scratch + r->x_mask + row * r->f;
            draw_factors(work, 0, r->a->dropout, row, r->f, factors);
            for (int64_t p = 0; p < r->t; p++)
                kernels()->mul(r->f, work->x[0] + (row * r->t + time_of(r, p)) * r->f, factors,
                              work->scratch + r->xd + (size_t)((p * r->rows + row) * r->f));
        }
        if (drops(work, r->a->recurrent_dropout))
            draw_factors(work, 1, r->a->recurrent_dropout, row, r->u, work->scratch + r->h_mask + row * r->u);
    }
}

/* The state and the result after step p: at masked steps both stay as they were. */
static void advance(const Work *work, const Rnn *r, int64_t p, int64_t from, int64_t to)
{
    size_t bytes = (size_t)r->u * sizeof(float);
    for (int64_t row = from; row < to; row++) {
        const float *y = at_step(work, r, r->y, p, row);
        float *out = work->scratch + r->out + row * r->u;
        bool good = valid(work, r, row, time_of(r, p));
        memcpy(at_step(work, r, r->h, p + 1, row), good ? y : at_step(work, r, r->h, p, row), bytes);
        if (good) memcpy(out, y, bytes);
        if (r->a->return_sequences) memcpy(work->y[0] + (row * r->t + p) * r->u, out, bytes);
    }
}

static void simple_rnn_forward(const Work *work)
{
    Rnn r = layout(work->call, work->rows);
    int64_t from, to;
    task_slice(work, work->rows, &from, &to);
    int64_t n = to - from, size = n * r.u;
    const float *start = work->call->n_args_in > 0 ? work->x[1] : NULL;
    if (start) kernels()->copy(size, start + from * r.u, at_step(work, &r, r.h, 0, from));
    else kernels()->fill(size, 0.0f, at_step(work, &r, r.h, 0, from));
    kernels()->fill(size, 0.0f, work->scratch + r.out + from * r.u);
    draw_masks(work, &r, from, to);
    for (int64_t p = 0; p < r.t; p++) {
        float *z = at_step(work, &r, r.z, p, from);
        int64_t ld;
        const float *x = step_input(work, &r, p, from, &ld);
        gemm(&(Gemm){.form = GEMM_NN, .m = n, .n = r.u, .k = r.f, .a = x, .lda = ld, .b = work->w[0], .ldb = r.u, .c = z, .ldc = r.u,
                     .bias = r.a->use_bias ? work->w[2] : NULL});
        if (drops(work, r.a->recurrent_dropout))
            kernels()->mul(size, at_step(work, &r, r.h, p, from), work->scratch + r.h_mask + from * r.u, at_step(work, &r, r.hd, p, from));
        gemm(&(Gemm){.form = GEMM_NN, .accumulate = true, .m = n, .n = r.u, .k = r.u, .a = step_state(work, &r, p, from), .lda = r.u,
                     .b = work->w[1], .ldb = r.u, .c = z, .ldc = r.u});
        float *y = at_step(work, &r, r.y, p, from);
        if (r.act) r.act->forward(r.act_args, z, y, n, r.u);
        else kernels()->copy(size, z, y);
        advance(work, &r, p, from, to);
    }
    if (!r.a->return_sequences) kernels()->copy(size, work->scratch + r.out + from * r.u, work->y[0] + from * r.u);
    if (r.a->return_state) kernels()->copy(size, at_step(work, &r, r.h, r.t, from), work->y[1] + from * r.u);
}

/* ---- Backward ------------------------------------------------------------------------------------------------------ */

/* Gradient of step p's own result: what its row of y got, what later masked steps that repeat it got, and the state's. */
static void gather(const Work *work, const Rnn *r, int64_t p, int64_t from, int64_t to)
{
    for (int64_t row = from; row < to; row++) {
        float *out = work->scratch + r->out + row * r->u, *dh = work->scratch + r->dh + row * r->u;
        float *dy = work->scratch + r->work + row * r->u;
        if (r->a->return_sequences && work->dy[0]) kernels()->add(r->u, out, work->dy[0] + (row * r->t + p) * r->u, out);
        if (valid(work, r, row, time_of(r, p))) {
            kernels()->add(r->u, out, dh, dy);
            kernels()->fill(r->u, 0.0f, out);
        } else {
            kernels()->fill(r->u, 0.0f, dy);
        }
    }
}

/* Gradient of the state before step p: through the product at valid steps, as it is at masked ones. */
static void carry(const Work *work, const Rnn *r, int64_t p, int64_t from, int64_t to)
{
    int64_t n = to - from;
    float *through = work->scratch + r->work + from * r->u;
    gemm(&(Gemm){.form = GEMM_NT, .m = n, .n = r->u, .k = r->u, .a = at_step(work, r, r->z, p, from), .lda = r->u, .b = work->w[1],
                 .ldb = r->u, .c = through, .ldc = r->u});
    if (drops(work, r->a->recurrent_dropout)) kernels()->mul(n * r->u, through, work->scratch + r->h_mask + from * r->u, through);
    for (int64_t row = from; row < to; row++)
        if (valid(work, r, row, time_of(r, p)))
            kernels()->copy(r->u, work->scratch + r->work + row * r->u, work->scratch + r->dh + row * r->u);
}

static void input_gradient(const Work *work, const Rnn *r, int64_t p, int64_t from, int64_t to)
{
    float *dx = work->dx[0] + (from * r->t + time_of(r, p)) * r->f;
    gemm(&(Gemm){.form = GEMM_NT, .m = to - from, .n = r->f, .k = r->u, .a = at_step(work, r, r->z, p, from), .lda = r->u, .b = work->w[0],
                 .ldb = r->u, .c = dx, .ldc = r->t * r->f});
    if (!drops(work, r->a->dropout)) return;
    for (int64_t row = from; row < to; row++) {
        float *at = work->dx[0] + (row * r->t + time_of(r, p)) * r->f;
        kernels()->mul(r->f, at, work->scratch + r->x_mask + row * r->f, at);
    }
}

static void through_time(const Work *work)
{
    Rnn r = layout(work->call, work->rows);
    int64_t from, to;
    task_slice(work, work->rows, &from, &to);
    int64_t n = to - from, size = n * r.u;
    float *out = work->scratch + r.out + from * r.u, *dh = work->scratch + r.dh + from * r.u;
    if (!r.a->return_sequences && work->dy[0]) kernels()->copy(size, work->dy[0] + from * r.u, out);
    else kernels()->fill(size, 0.0f, out);
    if (r.a->return_state && work->dy[1]) kernels()->copy(size, work->dy[1] + from * r.u, dh);
    else kernels()->fill(size, 0.0f, dh);
    for (int64_t p = r.t - 1; p >= 0; p--) {
        gather(work, &r, p, from, to);
        float *z = at_step(work, &r, r.z, p, from), *dy = work->scratch + r.work + from * r.u;
        if (r.act) r.act->backward(r.act_args, z, at_step(work, &r, r.y, p, from), dy, z, n, r.u);
        else kernels()->copy(size, dy, z);
        carry(work, &r, p, from, to);
        if (work->dx[0]) input_gradient(work, &r, p, from, to);
    }
    if (work->call->n_args_in > 0 && work->dx[1]) kernels()->copy(size, dh, work->dx[1] + from * r.u);
}

static void weight_gradients(const Work *work)
{
    Rnn r = layout(work->call, work->rows);
    if (work->task > 2 || (work->task == 2 && !r.a->use_bias) || !work->dw[work->task]) return;
    float *dw = work->dw[work->task];
    for (int64_t p = 0; p < r.t; p++) {
        bool add = work->dw_add || p > 0;
        const float *dz = at_step(work, &r, r.z, p, 0);
        if (work->task == 2) {
            kernels()->col_sums(r.rows, r.u, dz, r.u, dw, add);
            continue;
        }
        int64_t ld = r.u;
        const float *a = work->task == 0 ? step_input(work, &r, p, 0, &ld) : step_state(work, &r, p, 0);
        gemm(&(Gemm){.form = GEMM_TN, .accumulate = add, .m = work->task == 0 ? r.f : r.u, .n = r.u, .k = r.rows, .a = a, .lda = ld, .b = dz,
                     .ldb = r.u, .c = dw, .ldc = r.u});
    }
}

static void simple_rnn_backward(const Work *work)
{
    if (work->pass == 0) through_time(work);
    else weight_gradients(work);
}

static const LayerCase cases[] = {
    {.args = "3", .shapes = "[4, 2]"},
    {.args = "2, return_sequences=true, return_state=true, go_backwards=true", .shapes = "[4, 3]", .masked = true},
    {.args = "2, softmax, use_bias=false, return_state=true", .shapes = "[3, 2]", .masked = true},
    {.args = "2, elu, dropout=0.4, recurrent_dropout=0.3, return_sequences=true", .shapes = "[4, 3]", .mode = MODE_TRAIN},
    {0},
};

const LayerKind layer_simple_rnn = {
    .kind = {.name = "simple_rnn", .keras = "SimpleRNN", .family = FAMILY_LAYER, .help = "the plain recurrent layer: goes through the steps of a sequence",
             .example = "simple_rnn(16, return_sequences=true)", .args = args, .args_size = sizeof(SimpleRnnArgs), .check = simple_rnn_check},
    .n_outputs = simple_rnn_outputs,
    .infer = simple_rnn_infer,
    .weights = simple_rnn_weights,
    .scratch = simple_rnn_scratch,
    .mask = MASK_HOOK,
    .uses_mask = true,
    .mask_out = simple_rnn_mask_out,
    .reads = READS_X | READS_SCRATCH,
    .is_recurrent = true,
    .no_activity = true,
    .n_streams = 2,
    .passes_backward = 2,
    .tasks = simple_rnn_tasks,
    .forward = simple_rnn_forward,
    .backward = simple_rnn_backward,
    .cases = cases,
};
