/* Small trainings against Keras's figures, through the plan alone: epoch losses, validation losses, weights after each epoch. */
#include "tests/unit/fixture.h"
#include "tests/unit/test.h"
#include "tests/unit/wiring.h"

#include <stdlib.h>

typedef struct {
    Arena *arena;
    Wiring wiring;
    Model *model;
    Plan *train, *validate;
    const Json *x, *validation, *class_weight;
    size_t n_outputs;
    Numbers input, weights;
    Numbers targets[2];
    const char *names[2];
    size_t rows;
} Fit;

/* The index of a piece of "sgd(0.1), mse, metrics …" between commas that stand outside brackets. */
static const char *piece(Arena *arena, const char *text, int index)
{
    for (;; index--) {
        int depth = 0;
        size_t n = 0;
        while (text[n] && !(text[n] == ',' && depth == 0)) {
            if (text[n] == '(') depth++;
            if (text[n] == ')') depth--;
            n++;
        }
        if (index == 0) return arena_text(arena, text, n);
        if (!text[n]) return "";
        text += n + 2;
    }
}

static Shape shape_of_rows(const Json *x)
{
    Shape shape = shape_vector(1);
    shape.rank = 0;
    for (const Json *j = &x->items[0]; j->type == JSON_LIST; j = &j->items[0]) shape.dim[shape.rank++] = (int64_t)j->n;
    return shape;
}

/* Builds the wiring; false where a kind is missing. */
static bool build(Fit *fit, const Json *c)
{
    Arena *arena = fit->arena;
    fit->wiring = wiring_new(arena, "sequential");
    Wiring *w = &fit->wiring;
    Shape shape = shape_of_rows(fit->x);
    Wire *x = wiring_input(w, "x", shape.rank, shape.dim);
    const char *text = json_get(c, "model")->text;
    if (!strstr(text, "->")) {
        Wire *y = wire_chain(w, x, text);
        if (!y) return false;
        wiring_output(w, "y", y);
        return true;
    }
    /* h = x -> dense(…); price = dense(1); grade = dense(3, softmax) */
    const char *end = strstr(text, "; price = ");
    const char *grade = strstr(text, "; grade = ");
    size_t skip = strlen("h = x -> ");
    Wire *h = wire_chain(w, x, arena_text(arena, text + skip, (size_t)(end - text) - skip));
    if (!h) return false;
    skip = strlen("; price = ");
    Wire *price = wire_to(w, h, arena_text(arena, end + skip, (size_t)(grade - end) - skip));
    Wire *last = wire_to(w, h, grade + skip);
    if (!price || !last) return false;
    wiring_output(w, "price", price);
    wiring_output(w, "grade", last);
    return true;
}

static void give_weights(Fit *fit, const Json *c)
{
    const Json *list = json_get(c, "initial_weights");
    EQ(list->n, fit->model->weights.n);
    for (size_t i = 0; i < list->n && i < fit->model->weights.n; i++) {
        Numbers v = fixture_numbers(fit->arena, json_get(&list->items[i], "value"));
        const Weight *weight = fit->model->weights.at[i];
        EQ(v.n, shape_size(&weight->spec.shape));
        memcpy(model_value(fit->model, weight), v.at, v.n * sizeof(float));
    }
}

static float class_weight(Arena *arena, const Json *weights, const float *target, int64_t width)
{
    int64_t label = 0;
    if (width > 1)
        for (int64_t i = 0; i < width; i++) label = target[i] > target[label] ? i : label;
    else label = (int64_t)(target[0] + 0.5f);
    const Json *w = json_get(weights, arena_printf(arena, "%d", (int)label));
    return w ? (float)w->number : 1.0f;
}

/* One pass over rows; returns the mean of batch totals by their samples. */
static double pass(Fit *fit, Plan *plan, const Numbers *input, const Numbers *targets, const Numbers *weights, size_t rows, size_t batch,
                   uint32_t epoch, bool classes)
{
    double sum = 0;
    for (size_t at = 0; at < rows; at += batch) {
        size_t n = rows - at < batch ? rows - at : batch;
        int64_t width = plan_input_size(plan, 0);
        memcpy(plan_input(plan, 0), input->at + (int64_t)at * width, n * (size_t)width * sizeof(float));
        for (size_t k = 0; k < fit->n_outputs; k++) {
            int64_t size = plan_target_size(plan, (int)k);
            const float *from = targets[k].at + (int64_t)at * size;
            memcpy(plan_target(plan, (int)k), from, n * (size_t)size * sizeof(float));
            float *to = plan_row_weights(plan, (int)k);
            for (size_t i = 0; to && i < n; i++)
                to[i] = (weights && weights->n ? weights->at[at + i] : 1.0f) *
                        (classes ? class_weight(fit->arena, fit->class_weight, from + (int64_t)i * size, size) : 1.0f);
        }
        PlanBatch now = {.samples = (int64_t)n, .first_sample = (int64_t)at, .epoch = epoch};
        PlanResult result;
        if (plan == fit->train) plan_train(plan, &now, &result);
        else plan_evaluate(plan, &now, &result);
        OK(result.finite);
        sum += result.total * (double)n;
    }
    return sum / (double)rows;
}

static void check_weights(Fit *fit, const Json *expected)
{
    EQ(expected->n, fit->model->weights.n);
    for (size_t i = 0; i < expected->n && i < fit->model->weights.n; i++) {
        Numbers v = fixture_numbers(fit->arena, &expected->items[i]);
        const float *got = model_value(fit->model, fit->model->weights.at[i]);
        for (size_t k = 0; k < v.n; k++) NEAR(got[k], v.at[k], fixture_within((double)v.at[k], 2e-5, 1e-6));
    }
}

/* What Keras writes and schedules' positional arguments, as a script would. */
static bool run_case(const Json *c, bool clipped)
{
    Arena *arena = arena_new("fit");
    Fit fit = {.arena = arena, .class_weight = json_get(c, "class_weight")};
    const Json *data = json_get(c, "data"), *y = json_get(data, "y"), *setting = json_get(c, "fit");
    fit.x = json_get(data, "x");
    if (!build(&fit, c)) return arena_free(arena), false;
    const char *compile = json_get(c, "compile")->text;
    KindRef optimizer = wiring_kind(&fit.wiring, FAMILY_OPTIMIZER, piece(arena, compile, 0));
    bool two = y->type == JSON_OBJECT;
    fit.n_outputs = two ? 2 : 1;
    fit.weights = fixture_numbers(arena, json_get(data, "sample_weight"));
    PlanOutput outputs[2] = {{.weight = 1, .clipped = clipped}, {.weight = 1, .clipped = clipped}};
    bool weighted = fit.weights.n || fit.class_weight;
    if (two) {
        outputs[0].loss = wiring_kind(&fit.wiring, FAMILY_LOSS, piece(arena, strstr(compile, "price: ") + strlen("price: "), 0));
        outputs[1].loss = wiring_kind(&fit.wiring, FAMILY_LOSS, piece(arena, strstr(compile, "grade: ") + strlen("grade: "), 0));
        const char *weight = strstr(compile, "loss_weights price ") + strlen("loss_weights price ");
        outputs[0].weight = strtod(weight, NULL);
        outputs[1].weight = strtod(strstr(weight, "grade ") + strlen("grade "), NULL);
        fit.targets[0] = fixture_numbers(arena, json_get(y, "price"));
        fit.targets[1] = fixture_numbers(arena, json_get(y, "grade"));
    } else {
        outputs[0].loss = wiring_kind(&fit.wiring, FAMILY_LOSS, piece(arena, compile, 1));
        outputs[0].row_weights = weighted;
        fit.targets[0] = fixture_numbers(arena, y);
    }
    if (!optimizer.kind || !outputs[0].loss.kind) return arena_free(arena), false;

    fit.model = wiring_model(&fit.wiring, 1);
    give_weights(&fit, c);
    size_t batch = (size_t)json_get(setting, "batch_size")->integer, epochs = (size_t)json_get(setting, "epochs")->integer;
    PlanConfig config = {.batch = (int64_t)batch, .training = true, .outputs = outputs, .optimizer = optimizer};
    fit.train = plan_new(arena, fit.model, &config, fit.wiring.diags);
    config.training = false;
    fit.validate = plan_new(arena, fit.model, &config, fit.wiring.diags);
    fit.input = fixture_numbers(arena, fit.x);
    fit.rows = fit.x->n;
    const Json *validation = json_get(data, "validation_data"), *split = json_get(setting, "validation_split");
    size_t rows = split ? (size_t)((double)fit.rows * (1 - split->number)) : fit.rows;
    const Json *history = json_get(c, "history");

    for (size_t epoch = 0; epoch < epochs; epoch++) {
        double loss = pass(&fit, fit.train, &fit.input, fit.targets, &fit.weights, rows, batch, (uint32_t)epoch, fit.class_weight != NULL);
        double expected = json_get(history, "loss")->items[epoch].number;
        NEAR(loss, expected, fixture_within(expected, 2e-5, 1e-6));
        check_weights(&fit, &json_get(c, "weights_after_epoch")->items[epoch]);
        if (!json_get(history, "val_loss")) continue;
        expected = json_get(history, "val_loss")->items[epoch].number;
        if (split) {
            Numbers in = {fit.input.at + (int64_t)rows * plan_input_size(fit.train, 0), 0};
            Numbers to = {fit.targets[0].at + (int64_t)rows * plan_target_size(fit.train, 0), 0};
            loss = pass(&fit, fit.validate, &in, &to, NULL, fit.rows - rows, batch, 0, false);
        } else {
            Numbers in = fixture_numbers(arena, &validation->items[0]), to[2], weights = {0};
            const Json *vy = &validation->items[1];
            to[0] = fixture_numbers(arena, two ? json_get(vy, "price") : vy);
            if (two) to[1] = fixture_numbers(arena, json_get(vy, "grade"));
            if (validation->n > 2) weights = fixture_numbers(arena, &validation->items[2]);
            loss = pass(&fit, fit.validate, &in, to, &weights, validation->items[0].n, batch, 0, false);
        }
        NEAR(loss, expected, fixture_within(expected, 2e-5, 1e-6));
    }
    arena_free(arena);
    return true;
}

/* Every training of a file whose kinds are there, from logits and from probabilities. Returns how many. */
static size_t trainings(const char *path)
{
    Arena *arena = arena_new("test");
    const Json *cases = json_get(fixture_read(arena, path), "cases");
    size_t checked = 0;
    for (size_t i = 0; i < cases->n; i++) {
        int before = test_failures;
        const Json *c = &cases->items[i];
        bool run = run_case(c, false) && run_case(c, true);
        checked += run;
        if (!run) printf("fit: skipped (a kind waits): %s\n", json_get(c, "title")->text);
        if (test_failures != before) printf("  in: %s\n", json_get(c, "title")->text);
    }
    arena_free(arena);
    return checked;
}

TEST(trainings_of_keras) { OK(trainings("tests/fixtures/keras/units/fit.json") >= 13); }

TEST(trainings_of_torch) { EQ(trainings("tests/oracles/fit.json"), 5); }
