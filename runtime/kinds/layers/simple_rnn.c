/* simple_rnn.c: the plain recurrent layer.   h_t = act(x_t W + b + h_{t-1} R)
 * x [B, T, F]   W [F, U]   R [U, U]   b [U]   h [B, U]; the rest is in recurrent.h. */
#include "runtime/kinds/layers/recurrent.h"

#include <string.h>

static const ArgSpec args[] = {
    RNN_UNITS_ARG,
    RNN_ACTIVATION_ARG("applied to each step's result"),
    RNN_BIAS_ARG,
    RNN_INITIALIZER_ARGS,
    RNN_REGULARIZER_ARGS,
    REGULARIZER_ARG(RnnArgs, activity_regularizer, .help = "accepted, but without effect, as in Keras"),
    RNN_CONSTRAINT_ARGS,
    RNN_DROPOUT_ARGS,
    RNN_STEP_ARGS,
    SEED_ARG(RnnArgs),
    RNN_STATE_ARG,
    ARG_END,
};

static void step_forward(const RnnStep *s)
{
    const Rnn *r = s->r;
    int64_t size = s->n * r->u;
    if (r->plain) kernels()->tanh(size, s->z, s->z);
    else if (r->act) r->act->forward(r->a->activation.args, s->before, s->z, s->n, r->u);
    else kernels()->copy(size, s->before, s->z);
    for (int64_t i = 0; i < s->n; i++) memcpy(s->h + i * r->ldh, s->z + i * r->u, (size_t)r->u * sizeof(float));
}

static void step_backward(const RnnStep *s)
{
    const Rnn *r = s->r;
    int64_t size = s->n * r->u;
    if (r->plain) {
        kernels()->tanh_back(size, s->z, s->dh, s->z);
        return;
    }
    if (r->act) r->act->backward(r->a->activation.args, s->before, s->z, s->dh, s->dh, s->n, r->u);
    kernels()->copy(size, s->dh, s->z);
}

static const RnnSpan spans[] = {{.place = 0, .blocks = 1, .column = 0, .x = true, .h = true}};

static const RnnCell cell = {
    .gates = 1, .places = 1, .spans = spans, .n_spans = 1, .n_x = 1, .x_columns = {0}, .h_place = 0, .n_h = 1, .bias_rows = 1,
    .forward = step_forward, .backward = step_backward,
};

static bool simple_rnn_check(const void *arguments, const Span *places, Span span, Diags *diags)
{
    return rnn_check(arguments, "simple_rnn", args, places, span, diags);
}

static int simple_rnn_outputs(const Layer *layer) { return rnn_outputs(layer->args, &cell); }
static bool simple_rnn_infer(const Infer *infer, Call *call) { return rnn_infer(infer, call, &cell); }

static void simple_rnn_weights(const Layer *layer, const Call *call, WeightList *list)
{
    rnn_weights(layer, call, list, &cell, ((const RnnArgs *)layer->args)->bias_initializer);
}

static size_t simple_rnn_scratch(const Call *call, int64_t rows) { return rnn_scratch(call, rows, &cell); }

static int simple_rnn_tasks(const Call *call, int64_t rows, bool backward, int pass) { return rnn_tasks(call, rows, backward, pass, &cell); }

static void simple_rnn_forward(const Work *work) { rnn_forward(work, &cell); }
static void simple_rnn_backward(const Work *work) { rnn_backward(work, &cell); }

static const LayerCase cases[] = {
    {.args = "3", .shapes = "[4, 2]"},
    {.args = "2, return_sequences=true, return_state=true, go_backwards=true", .shapes = "[4, 3]", .masked = true},
    {.args = "2, softmax, use_bias=false, return_state=true", .shapes = "[3, 2]", .masked = true},
    {.args = "2, elu, dropout=0.4, recurrent_dropout=0.3, return_sequences=true", .shapes = "[4, 3]", .mode = MODE_TRAIN},
    {.args = "35, return_sequences=true", .shapes = "[2, 1]"},
    {.args = "2, linear, return_sequences=true, zero_output_for_mask=true", .shapes = "[4, 3]", .masked = true},
    {0},
};

const LayerKind layer_simple_rnn = {
    .kind = {.name = "simple_rnn", .keras = "SimpleRNN", .family = FAMILY_LAYER, .help = "the plain recurrent layer: goes through the steps of a sequence",
             .example = "simple_rnn(16, return_sequences=true)", .args = args, .args_size = sizeof(RnnArgs), .check = simple_rnn_check},
    .n_outputs = simple_rnn_outputs,
    .infer = simple_rnn_infer,
    .weights = simple_rnn_weights,
    .scratch = simple_rnn_scratch,
    RNN_RECORD,
    .no_activity = true,
    .tasks = simple_rnn_tasks,
    .forward = simple_rnn_forward,
    .backward = simple_rnn_backward,
    .cases = cases,
};
