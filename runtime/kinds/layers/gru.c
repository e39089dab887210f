/* gru.c: gated recurrent unit. Blocks of columns z, r, h
 *     z, r = sigmoid(x W + b0 + h' R + b1)     h = z h' + (1 - z) hh
 *     reset_after:  hh = tanh(x W_h + b0_h + r (h' R_h + b1_h))     b [2, 3 U]
 *     else:         hh = tanh(x W_h + b_h + (r h') R_h)             b [3 U]
 * x [B, T, F]   W [F, 3 U]   R [U, 3 U]   h [B, U]; the rest is in recurrent.h. What z keeps of h' is never dropped.
 *
 * A row of a step holds x W_h (then hh), z, r, and h' R_h (without reset_after: r h'), so that what x and what h' take part in lie together. */
#include "runtime/kinds/layers/recurrent.h"

enum { CANDIDATE, UPDATE, RESET, LAST, PLACES };  /* places of a step's row */
enum { COLUMN_Z, COLUMN_R, COLUMN_H, GATES };     /* blocks of columns of the weights */

static const ArgSpec args[] = {
    RNN_UNITS_ARG,
    RNN_ACTIVATION_ARG("applied to the new candidate of each step"),
    RNN_GATE_ACTIVATION_ARG,
    RNN_BIAS_ARG,
    RNN_INITIALIZER_ARGS,
    RNN_REGULARIZER_ARGS,
    ACTIVITY_ARG(RnnArgs),
    RNN_CONSTRAINT_ARGS,
    RNN_DROPOUT_ARGS,
    RNN_STEP_ARGS,
    ARG_BOOL(RnnArgs, reset_after, true, .help = "the reset gate acts behind the product with the state, not before it"),
    SEED_ARG(RnnArgs),
    RNN_STATE_ARG,
    ARG_END,
};

/* The state that makes the candidate, as dropout leaves it. */
static const float *candidate_state(const RnnStep *s)
{
    const Rnn *r = s->r;
    return rnn_xh(r, r->copies > 1 ? COLUMN_H : 0, s->p) + r->f;
}

/* ---- Any activations, and reset before the product ----------------------------------------------------------------- */

static void any_forward(const RnnStep *s)
{
    const Rnn *r = s->r;
    const void *gate_args = r->a->recurrent_activation.args;
    int64_t u = r->u;
    rnn_activate(r->gate_act, gate_args, s, UPDATE);
    rnn_activate(r->gate_act, gate_args, s, RESET);
    const float *state = candidate_state(s);
    for (int64_t i = 0; i < s->n; i++) {
        float *z = s->z + i * r->width, *before = s->before + i * r->width;
        if (r->cell->resets_before) {
            kernels()->mul(u, z + RESET * u, state + i * r->k, z + LAST * u);
        } else {
            kernels()->copy(u, before + LAST * u, z + LAST * u);
            kernels()->mul_add(u, z + RESET * u, z + LAST * u, before + CANDIDATE * u);
        }
    }
    if (r->cell->resets_before)
        kernels()->gemm(&(Gemm){.form = GEMM_NN, .accumulate = true, .m = s->n, .n = u, .k = u, .a = s->z + LAST * u, .lda = r->width,
                                .b = r->work->w[1] + COLUMN_H * u, .ldb = r->columns, .c = s->before + CANDIDATE * u, .ldc = r->width});
    rnn_activate(r->act, r->a->activation.args, s, CANDIDATE);
    for (int64_t i = 0; i < s->n; i++) {
        const float *z = s->z + i * r->width;
        float *h = s->h + i * r->ldh, *difference = r->through + 2 * (s->from + i) * u;
        kernels()->sub(u, s->h_before + i * r->ldh, z + CANDIDATE * u, difference);
        kernels()->copy(u, z + CANDIDATE * u, h);
        kernels()->mul_add(u, z + UPDATE * u, difference, h);
    }
}

/* Gradients of the candidate and the update gate; dh keeps what goes straight to h'. */
static void candidate_backward(const RnnStep *s, int64_t i)
{
    const Rnn *r = s->r;
    int64_t u = r->u;
    float *z = s->z + i * r->width, *d = r->through + 2 * (s->from + i) * u, *of_z = d + u, *dh = s->dh + i * u;
    const float *before = s->before + i * r->width;
    kernels()->sub(u, s->h_before + i * r->ldh, z + CANDIDATE * u, of_z);
    kernels()->mul(u, dh, of_z, of_z);
    kernels()->mul(u, dh, z + UPDATE * u, d);
    kernels()->sub(u, dh, d, dh);
    rnn_deactivate(r->act, r->a->activation.args, before + CANDIDATE * u, z + CANDIDATE * u, dh, u);
    kernels()->copy(u, dh, z + CANDIDATE * u);
    kernels()->copy(u, d, dh);
    rnn_deactivate(r->gate_act, r->a->recurrent_activation.args, before + UPDATE * u, z + UPDATE * u, of_z, u);
    kernels()->copy(u, of_z, z + UPDATE * u);
}

static void any_backward(const RnnStep *s)
{
    const Rnn *r = s->r;
    int64_t u = r->u;
    const float *state = candidate_state(s);
    for (int64_t i = 0; i < s->n; i++) candidate_backward(s, i);
    float *of_reset = r->through + 2 * s->from * u; /* [n, U] gradient of r h' */
    if (r->cell->resets_before)
        kernels()->gemm(&(Gemm){.form = GEMM_NT, .m = s->n, .n = u, .k = u, .a = s->z + CANDIDATE * u, .lda = r->width,
                                .b = r->work->w[1] + COLUMN_H * u, .ldb = r->columns, .c = of_reset, .ldc = u});
    float *d = of_reset + s->n * u;
    for (int64_t i = 0; i < s->n; i++) {
        float *z = s->z + i * r->width, *dh = s->dh + i * u;
        if (r->cell->resets_before) {
            kernels()->mul(u, of_reset + i * u, z + RESET * u, d);
            if (r->drops_h) kernels()->mul_add(u, d, r->h_factors + (COLUMN_H * r->rows + s->from + i) * u, dh);
            else kernels()->add(u, dh, d, dh);
            kernels()->mul(u, of_reset + i * u, state + i * r->k, d);
        } else {
            kernels()->mul(u, z + CANDIDATE * u, z + LAST * u, d);
            kernels()->mul(u, z + CANDIDATE * u, z + RESET * u, z + LAST * u);
        }
        rnn_deactivate(r->gate_act, r->a->recurrent_activation.args, s->before + i * r->width + RESET * u, z + RESET * u, d, u);
        kernels()->copy(u, d, z + RESET * u);
    }
}

/* ---- The cells ----------------------------------------------------------------------------------------------------- */

static void step_forward(const RnnStep *s)
{
    const Rnn *r = s->r;
    if (r->plain) kernels()->gru(s->n, r->u, s->z, s->h_before, r->ldh, s->h, r->ldh);
    else any_forward(s);
}

static void step_backward(const RnnStep *s)
{
    const Rnn *r = s->r;
    if (r->plain) kernels()->gru_back(s->n, r->u, s->z, s->h_before, r->ldh, s->dh);
    else any_backward(s);
}

static const RnnSpan spans[] = {
    {.place = UPDATE, .blocks = 2, .column = COLUMN_Z, .x = true, .h = true},
    {.place = CANDIDATE, .blocks = 1, .column = COLUMN_H, .x = true},
    {.place = LAST, .blocks = 1, .column = COLUMN_H, .h = true},
};

#define CELL                                                                                                          \
    .gates = GATES, .places = PLACES, .direct = true, .spans = spans, .n_x = GATES, .x_columns = {COLUMN_H, COLUMN_Z, COLUMN_R}, \
    .h_place = UPDATE, .forward = step_forward, .backward = step_backward
static const RnnCell after = {CELL, .n_spans = 3, .n_h = 3, .bias_rows = 2};
static const RnnCell before = {CELL, .n_spans = 2, .n_h = 2, .bias_rows = 1, .resets_before = true};
#undef CELL

static const RnnCell *cell_of(const Layer *layer) { return ((const RnnArgs *)layer->args)->reset_after ? &after : &before; }

/* ---- The layer ----------------------------------------------------------------------------------------------------- */

static bool gru_check(const void *arguments, const Span *places, Span span, Diags *diags)
{
    return rnn_check(arguments, "gru", args, places, span, diags);
}

static int gru_outputs(const Layer *layer) { return rnn_outputs(layer->args, cell_of(layer)); }
static bool gru_infer(const Infer *infer, Call *call) { return rnn_infer(infer, call, cell_of(call->layer)); }

static void gru_weights(const Layer *layer, const Call *call, WeightList *list)
{
    rnn_weights(layer, call, list, cell_of(layer), ((const RnnArgs *)layer->args)->bias_initializer);
}

static size_t gru_scratch(const Call *call, int64_t rows) { return rnn_scratch(call, rows, cell_of(call->layer)); }

static int gru_tasks(const Call *call, int64_t rows, bool backward, int pass)
{
    return rnn_tasks(call, rows, backward, pass, cell_of(call->layer));
}

static void gru_forward(const Work *work) { rnn_forward(work, cell_of(work->layer)); }
static void gru_backward(const Work *work) { rnn_backward(work, cell_of(work->layer)); }

static const LayerCase cases[] = {
    {.args = "3", .shapes = "[4, 2]"},
    {.args = "3, reset_after=false", .shapes = "[4, 2]"},
    {.args = "2, return_sequences=true, return_state=true, go_backwards=true", .shapes = "[4, 3]", .masked = true},
    {.args = "2, elu, recurrent_activation=softmax, use_bias=false, return_state=true", .shapes = "[3, 2]", .masked = true},
    {.args = "2, silu, recurrent_activation=softmax, reset_after=false, return_sequences=true", .shapes = "[3, 2]", .masked = true},
    {.args = "3, activation=none, recurrent_activation=none, return_sequences=true", .shapes = "[3, 2]"},
    {.args = "2, dropout=0.4, return_sequences=true", .shapes = "[4, 3]", .mode = MODE_TRAIN},
    {.args = "3, dropout=0.4, recurrent_dropout=0.3, return_sequences=true", .shapes = "[4, 3]", .mode = MODE_TRAIN},
    {.args = "3, recurrent_dropout=0.3, reset_after=false, return_sequences=true", .shapes = "[4, 3]", .masked = true, .mode = MODE_TRAIN},
    {.args = "9, return_sequences=true", .shapes = "[2, 1]"},
    {.args = "2, return_sequences=true, zero_output_for_mask=true", .shapes = "[4, 3]", .masked = true},
    {0},
};

const LayerKind layer_gru = {
    .kind = {.name = "gru", .keras = "GRU", .family = FAMILY_LAYER, .help = "gated recurrent unit: like lstm, with one state and fewer weights",
             .example = "gru(32, return_sequences=true)", .args = args, .args_size = sizeof(RnnArgs), .check = gru_check},
    .n_outputs = gru_outputs,
    .infer = gru_infer,
    .weights = gru_weights,
    .scratch = gru_scratch,
    RNN_RECORD,
    .tasks = gru_tasks,
    .forward = gru_forward,
    .backward = gru_backward,
    .cases = cases,
};
