/* Recurrent layers cut into slices: a batch large enough for several tasks gives what its rows give a few at a time, and the sum of their
 * gradients; and the memory that a layer asks for is the memory it uses. */
#include "tests/unit/harness.h"
#include "tests/unit/test.h"

typedef struct {
    const char *kind, *args;
    bool masked;
    Mode mode;
} Plan;

static const Plan plans[] = {
    {"simple_rnn", "40, return_sequences=true, return_state=true", false, MODE_INFER},
    {"simple_rnn", "48, elu, recurrent_dropout=0.2, dropout=0.2", true, MODE_TRAIN},
    {"lstm", "24, return_sequences=true, return_state=true", true, MODE_INFER},
    {"lstm", "24, recurrent_activation=softmax, go_backwards=true", false, MODE_INFER},
    {"lstm", "20, dropout=0.3, recurrent_dropout=0.2, return_sequences=true", false, MODE_TRAIN},
    {"gru", "24, return_sequences=true", false, MODE_INFER},
    {"gru", "30, reset_after=false, return_state=true", true, MODE_INFER},
    {"gru", "20, dropout=0.3, recurrent_dropout=0.2, zero_output_for_mask=true, return_sequences=true", true, MODE_TRAIN},
};

enum { ROWS = 120, FEW = 8, STEPS = 16, FEATURES = 5, BEHIND = 64 };
#define GUARD 1234.5f

typedef struct {
    Rig *rig;
    Call *call;
    size_t scratch;
} Run;

static Run build(const Plan *plan, int64_t rows)
{
    Run run = {.rig = rig_new()};
    Rig *rig = run.rig;
    Wire *x = rig_input(rig, "x", arena_printf(rig->arena, "[%d, %d]", STEPS, FEATURES), plan->masked);
    Layer *layer = rig_layer(rig, plan->kind, plan->args);
    run.call = rig_call(rig, layer, &x, 1);
    rig_prepare(rig, rows, plan->mode);
    run.scratch = layer->kind->scratch(run.call, rows);
    rig->scratch[0] = ARENA_ARRAY(rig->arena, float, run.scratch + BEHIND);
    for (size_t i = 0; i < run.scratch + BEHIND; i++) rig->scratch[0][i] = GUARD; /* nor is anything read that was not written */
    return run;
}

static void go(Run *run)
{
    rig_forward(run->rig);
    rig_backward(run->rig);
    for (size_t i = 0; i < BEHIND; i++) OK(run->rig->scratch[0][run->scratch + i] == GUARD);
}

/* How many of n numbers are not as near as sums in another order are. */
static int far_apart(const float *a, const float *b, size_t n)
{
    int wrong = 0;
    for (size_t i = 0; i < n; i++) wrong += !(fabsf(a[i] - b[i]) <= 1e-4f + 1e-5f * fabsf(b[i]));
    return wrong;
}

static void check(const Plan *plan)
{
    Run whole = build(plan, ROWS);
    Rig *rig = whole.rig;
    const Wire *x = whole.call->in[0];
    uint64_t seed = 17;
    for (size_t i = 0; i < rig->n_values; i++) rig->weights[i] = 0.15f * rig_figure(&seed);
    for (size_t i = 0; i < rig_floats(rig, x); i++) rig->value[x->index][i] = rig_figure(&seed);
    if (plan->masked)
        for (size_t i = 0; i < rig_mask_bytes(rig, x); i++) rig->mask[x->index][i] = i % 5 != 1 && i % 7 != 3;
    for (int o = 0; o < whole.call->n_out; o++) {
        const Wire *out = whole.call->out[o];
        for (size_t i = 0; i < rig_floats(rig, out); i++) rig->up[out->index][i] = rig_figure(&seed);
    }
    rig->order = TASKS_MIXED;
    go(&whole);
    OK(rig->most_tasks > 1);
    float *sum = ARENA_ARRAY(rig->arena, float, rig->n_values);
    int wrong = 0;
    for (int64_t first = 0; first < ROWS; first += FEW) {
        Run few = build(plan, FEW);
        Rig *part = few.rig;
        part->first_sample = first;
        memcpy(part->weights, rig->weights, rig->n_values * sizeof(float));
        size_t n = rig_floats(part, x), at = (size_t)(first / FEW) * n, bytes = rig_mask_bytes(part, x);
        memcpy(part->value[x->index], rig->value[x->index] + at, n * sizeof(float));
        if (plan->masked) memcpy(part->mask[x->index], rig->mask[x->index] + (size_t)(first / FEW) * bytes, bytes);
        for (int o = 0; o < few.call->n_out; o++) {
            const Wire *out = few.call->out[o];
            size_t floats = rig_floats(part, out);
            memcpy(part->up[out->index], rig->up[out->index] + (size_t)(first / FEW) * floats, floats * sizeof(float));
        }
        go(&few);
        EQ(part->most_tasks, 1);
        for (int o = 0; o < few.call->n_out; o++) {
            const Wire *out = few.call->out[o];
            size_t floats = rig_floats(part, out);
            wrong += memcmp(part->value[out->index], rig->value[out->index] + (size_t)(first / FEW) * floats, floats * sizeof(float)) != 0;
        }
        wrong += far_apart(part->grad[x->index], rig->grad[x->index] + at, n);
        for (size_t i = 0; i < rig->n_values; i++) sum[i] += part->dweights[i];
        rig_free(part);
    }
    wrong += far_apart(rig->dweights, sum, rig->n_values);
    if (wrong) printf("%s(%s): %d differ\n", plan->kind, plan->args, wrong);
    EQ(wrong, 0);
    rig_free(rig);
}

TEST(slices)
{
    for (size_t i = 0; i < sizeof plans / sizeof *plans; i++) check(&plans[i]);
}

/* Where nothing is learned, gradients of the inputs are the same and those of weights are left alone. */
TEST(frozen)
{
    Run run = build(&plans[2], 4);
    Rig *rig = run.rig;
    uint64_t seed = 3;
    const Wire *x = run.call->in[0], *out = run.call->out[0];
    for (size_t i = 0; i < rig->n_values; i++) rig->weights[i] = 0.15f * rig_figure(&seed);
    for (size_t i = 0; i < rig_floats(rig, x); i++) rig->value[x->index][i] = rig_figure(&seed);
    memset(rig->mask[x->index], 1, rig_mask_bytes(rig, x));
    for (size_t i = 0; i < rig_floats(rig, out); i++) rig->up[out->index][i] = rig_figure(&seed);
    go(&run);
    float kept[4 * STEPS * FEATURES];
    memcpy(kept, rig->grad[x->index], sizeof kept);
    for (size_t i = 0; i < run.call->layer->n_weights; i++) run.call->layer->weights[i].trainable = false;
    go(&run);
    EQ(memcmp(kept, rig->grad[x->index], sizeof kept), 0);
    for (size_t i = 0; i < rig->n_values; i++) OK(rig->dweights[i] == 0);
    rig_free(rig);
}
