/* Whole networks: the gradient of the total loss against central differences, on random small graphs and on graphs chosen for what they
 * join: shared layers, masks, several outputs, penalties. */
#include "tests/unit/random_graph.h"
#include "tests/unit/test.h"

enum { SAMPLES = 5 };

static KindRef sgd_of(Wiring *w) { return wiring_kind(w, FAMILY_OPTIMIZER, "sgd()"); }

static double total_at(Plan *plan, const PlanBatch *batch)
{
    PlanResult result;
    plan_gradients(plan, batch, &result);
    return result.total;
}

/* Two differences, of step h and 2 h, cancel the error of order h^2. Returns how many weights were checked. */
static size_t check_gradient(Plan *plan, const PlanBatch *batch)
{
    const Model *model = plan->model;
    Arena *arena = arena_new("gradient");
    float *analytic = ARENA_ARRAY(arena, float, model->n_trained);
    total_at(plan, batch);
    memcpy(analytic, model->gradients, model->n_trained * sizeof(float));
    const float h = 0.01f;
    size_t checked = 0;
    for (size_t i = 0; i < plan->update.n_weights; i++) {
        const Weight *weight = plan->update.weights[i];
        for (int64_t k = 0; k < shape_size(&weight->spec.shape); k++, checked++) {
            float *w = model_value(model, weight) + k, was = *w;
            double at[4];
            const float steps[] = {-2 * h, -h, h, 2 * h};
            for (int s = 0; s < 4; s++) {
                *w = was + steps[s];
                at[s] = total_at(plan, batch);
            }
            *w = was;
            double slope = (8 * (at[2] - at[1]) - (at[3] - at[0])) / (12 * (double)h);
            NEAR(analytic[weight->offset + (size_t)k], slope, 1e-4 + 1e-3 * fabs(slope));
        }
    }
    arena_free(arena);
    return checked;
}

TEST(random_graphs)
{
    size_t checked = 0;
    for (uint64_t seed = 1; seed <= 60; seed++) {
        Arena *arena = arena_new("test");
        RandomGraph g = random_graph(arena, seed);
        Model *model = wiring_model(&g.w, seed);
        PlanConfig config = {.batch = SAMPLES, .training = true, .outputs = g.outputs, .optimizer = sgd_of(&g.w)};
        Plan *plan = plan_new(arena, model, &config, g.w.diags);
        random_batch(plan, &g, SAMPLES, seed);
        int before = test_failures;
        checked += check_gradient(plan, &(PlanBatch){.samples = SAMPLES});
        if (test_failures != before) printf("  in random graph %d\n", (int)seed);
        arena_free(arena);
    }
    printf("gradients: %zu weights of 60 random graphs checked\n", checked);
    OK(checked > 2000);
}

typedef struct {
    const char *input, *chain, *loss;
    int64_t dim[2];
    int rank;
    int64_t ids; /* inputs are whole numbers below */
    bool zeros;  /* some steps are all zero, so that masking finds them */
} Chosen;

static const Chosen chosen[] = {
    {"steps under a mask", "masking(), dense(3, tanh), dense(2)", "mse", {4, 2}, 2, 0, true},
    {"ids under a mask", "embedding(6, 3, mask_zero=true), dense(2, sigmoid)", "mse", {5}, 1, 6, false},
    {"masked classes", "embedding(6, 3, mask_zero=true), dense(3, softmax)", "sparse_categorical_crossentropy(ignore_class=1)", {5}, 1, 6, false},
    {"batch statistics", "dense(4), batch_normalization(), tanh, dense(2)", "mse", {3}, 1, 0, false},
    {"batch statistics under a mask", "masking(), dense(3), batch_normalization(), dense(2)", "mse", {4, 2}, 2, 0, true},
    {"recurrent under a mask", "masking(), simple_rnn(3, return_sequences=true), simple_rnn(2), dense(1)", "huber", {4, 2}, 2, 0, true},
    {"states nobody reads", "simple_rnn(3, return_sequences=true, return_state=true), simple_rnn(2, return_state=true), dense(1)", "mse", {4, 2}, 2, 0, false},
    {"folded steps", "time_distributed(dense(3, tanh)), flatten(), dense(2)", "mse", {4, 2}, 2, 0, false},
    {"dropout", "dense(6, tanh), dropout(0.4), dense(5, tanh), dropout(0.2), dense(2)", "mse", {3}, 1, 0, false},
    {"reshapes", "dense(6, tanh), reshape([3, 2]), dense(2, softmax), flatten(), softplus, dense(2)", "mse", {3}, 1, 0, false},
};

TEST(chosen_graphs)
{
    for (size_t i = 0; i < sizeof chosen / sizeof *chosen; i++) {
        const Chosen *c = &chosen[i];
        Arena *arena = arena_new("test");
        Wiring w = wiring_new(arena, "chosen");
        Wire *y = wire_chain(&w, wiring_input(&w, "x", c->rank, c->dim), c->chain);
        if (!y) {
            printf("gradients: skipped (a kind waits): %s\n", c->input);
            arena_free(arena);
            continue;
        }
        wiring_output(&w, "y", y);
        Model *model = wiring_model(&w, 3);
        PlanOutput output = {.loss = wiring_kind(&w, FAMILY_LOSS, c->loss), .weight = 1};
        PlanConfig config = {.batch = SAMPLES, .training = true, .outputs = &output, .optimizer = sgd_of(&w)};
        Plan *plan = plan_new(arena, model, &config, w.diags);
        int64_t size = plan_input_size(plan, 0);
        wiring_numbers(plan_input(plan, 0), SAMPLES * size, 5, c->ids);
        if (c->zeros)
            for (int64_t step = 0; step < SAMPLES * size / c->dim[1]; step += 3)
                memset(plan_input(plan, 0) + step * c->dim[1], 0, (size_t)c->dim[1] * sizeof(float));
        bool classes = ((const LossKind *)output.loss.kind)->target == TARGET_INDEX;
        wiring_numbers(plan_target(plan, 0), SAMPLES * plan_target_size(plan, 0), 6, classes ? 3 : 0);
        int before = test_failures;
        OK(check_gradient(plan, &(PlanBatch){.samples = SAMPLES, .first_sample = 40, .epoch = 2}) > 0);
        if (test_failures != before) printf("  in %s\n", c->input);
        arena_free(arena);
    }
}

/* A layer used three times, once on its own result; gradients add up. */
TEST(shared_layer)
{
    Arena *arena = arena_new("test");
    Wiring w = wiring_new(arena, "shared");
    Wire *a = wiring_input(&w, "a", 1, (int64_t[]){3}), *b = wiring_input(&w, "b", 1, (int64_t[]){3});
    Layer *enc = wiring_layer(&w, "dense(3, tanh, kernel_regularizer=l2(0.1), activity_regularizer=l2(0.05))");
    Wire *one = wire_call(&w, enc, &a, 1), *two = wire_call(&w, enc, &b, 1), *three = wire_call(&w, enc, &one, 1);
    wiring_output(&w, "y", wire_to(&w, wire_join(&w, wire_join(&w, two, three, "multiply()"), one, "add()"), "dense(1)"));
    Model *model = wiring_model(&w, 1);
    EQ(model->weights.n, 4);
    PlanOutput output = {.loss = wiring_kind(&w, FAMILY_LOSS, "mse"), .weight = 1};
    PlanConfig config = {.batch = SAMPLES, .training = true, .outputs = &output, .optimizer = sgd_of(&w)};
    Plan *plan = plan_new(arena, model, &config, w.diags);
    for (int i = 0; i < 2; i++) wiring_numbers(plan_input(plan, i), SAMPLES * 3, (uint64_t)i, 0);
    wiring_numbers(plan_target(plan, 0), SAMPLES, 9, 0);
    EQ(check_gradient(plan, &(PlanBatch){.samples = SAMPLES}), 16);
    arena_free(arena);
}
