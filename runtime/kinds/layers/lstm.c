/* lstm.c: long short-term memory.   z = x W + h R + b, in blocks of columns i, f, c, o
 *     c = sigmoid(z_f) c' + sigmoid(z_i) tanh(z_c)     h = sigmoid(z_o) tanh(c)
 * x [B, T, F]   W [F, 4 U]   R [U, 4 U]   b [4 U]   h, c [B, U]; the rest is in recurrent.h. c is never dropped. */
#include "runtime/kinds/layers/recurrent.h"

enum { I, F, C, O, GATES };

static const ArgSpec args[] = {
    RNN_UNITS_ARG,
    RNN_ACTIVATION_ARG("applied to what enters the memory and to what leaves it"),
    RNN_GATE_ACTIVATION_ARG,
    RNN_BIAS_ARG,
    RNN_INITIALIZER_ARGS,
    ARG_BOOL(RnnArgs, unit_forget_bias, true, .help = "the bias of the forget gate starts at 1"),
    RNN_REGULARIZER_ARGS,
    ACTIVITY_ARG(RnnArgs),
    RNN_CONSTRAINT_ARGS,
    RNN_DROPOUT_ARGS,
    RNN_STEP_ARGS,
    SEED_ARG(RnnArgs),
    RNN_STATE_ARG,
    ARG_END,
};

/* ---- Any activations ----------------------------------------------------------------------------------------------- */

static void any_forward(const RnnStep *s)
{
    const Rnn *r = s->r;
    int64_t u = r->u;
    for (int gate = 0; gate < GATES; gate++)
        rnn_activate(gate == C ? r->act : r->gate_act, gate == C ? r->a->activation.args : r->a->recurrent_activation.args, s, gate);
    for (int64_t i = 0; i < s->n; i++) {
        const float *z = s->z + i * r->width;
        float *c = s->c + i * u;
        kernels()->mul(u, z + I * u, z + C * u, c);
        kernels()->mul_add(u, z + F * u, s->c_before + i * u, c);
    }
    if (r->act) r->act->forward(r->a->activation.args, s->c, s->c_act, s->n, u);
    else kernels()->copy(s->n * u, s->c, s->c_act);
    for (int64_t i = 0; i < s->n; i++) kernels()->mul(u, s->z + i * r->width + O * u, s->c_act + i * u, s->h + i * r->ldh);
}

static void any_backward(const RnnStep *s)
{
    const Rnn *r = s->r;
    const void *act_args = r->a->activation.args, *gate_args = r->a->recurrent_activation.args;
    int64_t u = r->u;
    for (int64_t i = 0; i < s->n; i++) {
        float *z = s->z + i * r->width, *d = r->through + 2 * (s->from + i) * u, *di = d + u, *dc = s->dc + i * u;
        const float *before = s->before + i * r->width, *dh = s->dh + i * u, *c_act = s->c_act + i * u;
        kernels()->mul(u, dh, z + O * u, d);
        rnn_deactivate(r->act, act_args, s->c + i * u, c_act, d, u);
        kernels()->add(u, dc, d, dc);
        kernels()->mul(u, dh, c_act, d);
        rnn_deactivate(r->gate_act, gate_args, before + O * u, z + O * u, d, u);
        kernels()->copy(u, d, z + O * u);
        kernels()->mul(u, dc, z + C * u, di);
        kernels()->mul(u, dc, z + I * u, d);
        rnn_deactivate(r->gate_act, gate_args, before + I * u, z + I * u, di, u);
        kernels()->copy(u, di, z + I * u);
        rnn_deactivate(r->act, act_args, before + C * u, z + C * u, d, u);
        kernels()->copy(u, d, z + C * u);
        kernels()->mul(u, dc, s->c_before + i * u, d);
        kernels()->mul(u, dc, z + F * u, dc);
        rnn_deactivate(r->gate_act, gate_args, before + F * u, z + F * u, d, u);
        kernels()->copy(u, d, z + F * u);
    }
}

/* ---- The cell ------------------------------------------------------------------------------------------------------ */

static void step_forward(const RnnStep *s)
{
    if (s->r->plain) kernels()->lstm(s->n, s->r->u, s->z, s->c_before, s->c, s->c_act, s->h, s->r->ldh);
    else any_forward(s);
}

static void step_backward(const RnnStep *s)
{
    if (s->r->plain) kernels()->lstm_back(s->n, s->r->u, s->z, s->c_before, s->c_act, s->dh, s->dc);
    else any_backward(s);
}

static const RnnSpan spans[] = {{.place = 0, .blocks = GATES, .column = 0, .x = true, .h = true}};

static const RnnCell cell = {
    .gates = GATES, .places = GATES, .has_c = true, .spans = spans, .n_spans = 1, .n_x = GATES, .x_columns = {I, F, C, O},
    .h_place = 0, .n_h = GATES, .bias_rows = 1, .forward = step_forward, .backward = step_backward,
};

/* ---- The forget gate's bias ---------------------------------------------------------------------------------------- */

/* The bias as its initializer has it, block by block, but 1 for the forget gate. */
static void forget_bias_fill(const void *arguments, const Shape *shape, RngKey key, float *out)
{
    const RnnArgs *a = arguments;
    const InitializerKind *kind = (const InitializerKind *)a->bias_initializer.kind;
    (void)shape;
    Shape first = shape_vector(a->units), rest = shape_vector(2 * a->units);
    kind->fill(a->bias_initializer.args, &first, key, out);
    kernels()->fill(a->units, 1.0f, out + F * a->units);
    key.stream = rng_substream(key.stream, 1);
    kind->fill(a->bias_initializer.args, &rest, key, out + C * a->units);
}

static const InitializerKind forget_bias = {
    .kind = {.name = "unit_forget_bias", .family = FAMILY_INITIALIZER, .help = "1 for the forget gate"},
    .fill = forget_bias_fill,
};

static void lstm_weights(const Layer *layer, const Call *call, WeightList *list)
{
    const RnnArgs *a = layer->args;
    rnn_weights(layer, call, list, &cell, a->unit_forget_bias ? (KindRef){&forget_bias.kind, a} : a->bias_initializer);
}

/* ---- The layer ----------------------------------------------------------------------------------------------------- */

static bool lstm_check(const void *arguments, const Span *places, Span span, Diags *diags)
{
    return rnn_check(arguments, "lstm", args, places, span, diags);
}

static int lstm_outputs(const Layer *layer) { return rnn_outputs(layer->args, &cell); }
static bool lstm_infer(const Infer *infer, Call *call) { return rnn_infer(infer, call, &cell); }
static size_t lstm_scratch(const Call *call, int64_t rows) { return rnn_scratch(call, rows, &cell); }
static int lstm_tasks(const Call *call, int64_t rows, bool backward, int pass) { return rnn_tasks(call, rows, backward, pass, &cell); }
static void lstm_forward(const Work *work) { rnn_forward(work, &cell); }
static void lstm_backward(const Work *work) { rnn_backward(work, &cell); }

static const LayerCase cases[] = {
    {.args = "3", .shapes = "[4, 2]"},
    {.args = "2, return_sequences=true, return_state=true, go_backwards=true", .shapes = "[4, 3]", .masked = true},
    {.args = "2, elu, recurrent_activation=softmax, use_bias=false, return_state=true", .shapes = "[3, 2]", .masked = true},
    {.args = "3, activation=none, recurrent_activation=none, return_sequences=true", .shapes = "[3, 2]"},
    {.args = "2, dropout=0.4, return_sequences=true", .shapes = "[4, 3]", .mode = MODE_TRAIN},
    {.args = "3, dropout=0.4, recurrent_dropout=0.3, return_sequences=true", .shapes = "[4, 3]", .mode = MODE_TRAIN},
    {.args = "2, elu, recurrent_dropout=0.5, return_state=true", .shapes = "[3, 2]", .masked = true, .mode = MODE_TRAIN},
    {.args = "9, return_sequences=true", .shapes = "[2, 1]"},
    {.args = "2, return_sequences=true, zero_output_for_mask=true", .shapes = "[4, 3]", .masked = true},
    {0},
};

const LayerKind layer_lstm = {
    .kind = {.name = "lstm", .keras = "LSTM", .family = FAMILY_LAYER, .help = "long short-term memory: a recurrent layer that learns what to keep",
             .example = "lstm(32, return_sequences=true)", .args = args, .args_size = sizeof(RnnArgs), .check = lstm_check},
    .n_outputs = lstm_outputs,
    .infer = lstm_infer,
    .weights = lstm_weights,
    .scratch = lstm_scratch,
    RNN_RECORD,
    .tasks = lstm_tasks,
    .forward = lstm_forward,
    .backward = lstm_backward,
    .cases = cases,
};
