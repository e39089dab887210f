/* Optimizers and schedules against Keras's figures: two variables, the same twelve gradients, the variables after each step. */
#include "runtime/plan/parts.h"
#include "tests/unit/fixture.h"
#include "tests/unit/test.h"

#define UNITS "tests/fixtures/keras/units/"

/* A layer with a kernel and a bias, for the weights alone. */
typedef struct {
    Graph graph;
    Layer layer;
    Weight weights[2];
    Model model;
    Plan plan;
    CallPart part;
    Call call;
} Setting;

static Setting *make_setting(Arena *arena, KindRef optimizer, const Numbers *kernel, const Numbers *bias)
{
    Setting *s = ARENA_NEW(arena, Setting);
    s->weights[0].spec = (WeightSpec){.name = "kernel", .shape = shape_of(2, (int64_t[]){3, 2})};
    s->weights[1].spec = (WeightSpec){.name = "bias", .shape = shape_vector(2)};
    s->weights[1].offset = 6;
    for (int i = 0; i < 2; i++) {
        s->weights[i].layer = &s->layer;
        s->weights[i].trainable = true;
    }
    s->layer.weights = s->weights;
    s->layer.n_weights = 2;
    Model *model = &s->model;
    *model = (Model){.arena = arena, .graph = &s->graph, .n_values = 8, .n_trained = 8};
    VEC_PUSH(arena, model->weights, &s->weights[0]);
    VEC_PUSH(arena, model->weights, &s->weights[1]);
    model->values = ARENA_ARRAY(arena, float, 8);
    model->gradients = ARENA_ARRAY(arena, float, 8);
    memcpy(model->values, kernel->at, 6 * sizeof(float));
    memcpy(model->values + 6, bias->at, 2 * sizeof(float));
    model_set_optimizer(model, optimizer);
    s->call.layer = &s->layer;
    s->part.call = &s->call;
    s->plan = (Plan){.arena = arena, .model = model, .graph = &s->graph, .training = true};
    plan_step(&s->plan, STEP_BACKWARD, &s->part);
    update_prepare(&s->plan);
    return s;
}

static void check_numbers(const float *got, const Numbers *expected)
{
    for (size_t i = 0; i < expected->n; i++) NEAR(got[i], expected->at[i], fixture_within((double)expected->at[i], 1e-5, 1e-6));
}

TEST(twelve_steps)
{
    Arena *arena = arena_new("test");
    const Json *all = fixture_read(arena, UNITS "optimizers.json"), *cases = json_get(all, "cases");
    Numbers kernel = fixture_numbers(arena, json_get(all, "initial_kernel")), bias = fixture_numbers(arena, json_get(all, "initial_bias"));
    size_t checked = 0, waiting = 0;
    for (size_t i = 0; i < cases->n; i++) {
        const Json *c = &cases->items[i];
        const Kind *kind = kind_find_keras(FAMILY_OPTIMIZER, json_get(c, "optimizer")->text);
        if (!kind) {
            waiting++;
            continue;
        }
        int before = test_failures;
        KindRef optimizer = {kind, fixture_args(arena, kind, json_get(c, "args"))};
        Setting *s = make_setting(arena, optimizer, &kernel, &bias);
        const Json *kernels_after = json_get(c, "kernel"), *biases_after = json_get(c, "bias");
        EQ(kernels_after->n, 12);
        for (size_t step = 0; step < kernels_after->n; step++) {
            Numbers gk = fixture_numbers(arena, &json_get(all, "gradient_kernel")->items[step]);
            Numbers gb = fixture_numbers(arena, &json_get(all, "gradient_bias")->items[step]);
            memcpy(s->model.gradients, gk.at, 6 * sizeof(float));
            memcpy(s->model.gradients + 6, gb.at, 2 * sizeof(float));
            update_step(&s->plan);
            Numbers k = fixture_numbers(arena, &kernels_after->items[step]), b = fixture_numbers(arena, &biases_after->items[step]);
            check_numbers(s->model.values, &k);
            check_numbers(s->model.values + 6, &b);
        }
        if (json_get(c, "kernel_after_finalize")) {
            model_finish_training(&s->model);
            Numbers k = fixture_numbers(arena, json_get(c, "kernel_after_finalize"));
            Numbers b = fixture_numbers(arena, json_get(c, "bias_after_finalize"));
            check_numbers(s->model.values, &k);
            check_numbers(s->model.values + 6, &b);
        }
        if (test_failures != before) printf("  in case %zu, %s\n", i, kind->name);
        checked++;
    }
    printf("optimizers: %zu cases checked, %zu skipped (their optimizers wait)\n", checked, waiting);
    OK(checked >= 29);
    arena_free(arena);
}

TEST(schedules)
{
    Arena *arena = arena_new("test");
    const Json *all = fixture_read(arena, UNITS "schedules.json"), *cases = json_get(all, "cases"), *steps = json_get(all, "steps");
    size_t checked = 0, waiting = 0;
    for (size_t i = 0; i < cases->n; i++) {
        const Json *c = &cases->items[i];
        const Kind *kind = kind_find_keras(FAMILY_SCHEDULE, json_get(c, "schedule")->text);
        if (!kind) {
            waiting++;
            continue;
        }
        const void *args = fixture_args(arena, kind, json_get(c, "args"));
        const Json *values = json_get(c, "values");
        for (size_t k = 0; k < steps->n; k++) {
            double expected = fixture_number(&values->items[k]);
            NEAR((float)((const ScheduleKind *)kind)->rate(args, steps->items[k].integer), expected, fixture_within(expected, 1e-5, 1e-6));
        }
        checked++;
    }
    printf("schedules: %zu cases checked, %zu skipped (their schedules wait)\n", checked, waiting);
    OK(checked >= 2);
    arena_free(arena);
}

/* A second training with the same optimizer goes on; with another, or other slots, it begins anew. */
TEST(state_is_kept)
{
    Arena *arena = arena_new("test");
    const Kind *adam = kind_find(FAMILY_OPTIMIZER, "adam"), *sgd = kind_find(FAMILY_OPTIMIZER, "sgd");
    Numbers zeros = {.at = ARENA_ARRAY(arena, float, 6), .n = 6};
    KindRef first = {adam, kind_defaults(arena, adam)};
    Setting *s = make_setting(arena, first, &zeros, &zeros);
    s->model.gradients[0] = 1;
    update_step(&s->plan);
    float *slot = s->model.optimizer.slots[0];
    OK(slot[0] != 0);
    model_set_rate(&s->model, 0.25);

    model_set_optimizer(&s->model, (KindRef){adam, kind_defaults(arena, adam)});
    OK(s->model.optimizer.slots[0] == slot);
    EQ(s->model.optimizer.iteration, 1);
    NEAR(s->model.optimizer.rate, 0.25, 0);

    OptimizerCommon *other = kind_defaults(arena, adam);
    other->learning_rate.value = 0.5;
    model_set_optimizer(&s->model, (KindRef){adam, other});
    OK(s->model.optimizer.slots[0] == slot);
    NEAR(s->model.optimizer.rate, 0.5, 0);

    model_set_optimizer(&s->model, (KindRef){sgd, kind_defaults(arena, sgd)});
    EQ(s->model.optimizer.iteration, 0);
    EQ(s->model.optimizer.n_slots, 0);
    NEAR(s->model.optimizer.rate, (float)0.01, 0);
    arena_free(arena);
}
