/* Metrics against Keras 3.15.1 (tests/fixtures/keras/units/metrics.json): three batches of different sizes into one metric, its value
 * after each, within 1e-5 relative plus 1e-6. Cases whose result is a vector, and kinds that are not there, are counted. */
#include "tests/unit/fixture.h"
#include "tests/unit/test.h"

#include <stdlib.h>

/* Keras's metric as we have it: NULL where it waits. F1Score is `f1` where it gives the one figure that `f1` is. */
static const MetricKind *kind_of(const Json *c, const Json **args)
{
    const char *name = json_get(c, "metric")->text;
    *args = json_get(c, "args");
    if (str_eq(name, "Accuracy")) return NULL; /* of class numbers compared as they are */
    if (!str_eq(name, "F1Score")) return (const MetricKind *)kind_find_keras(FAMILY_METRIC, name);
    const Json *average = json_get(*args, "average");
    *args = NULL;
    return average && str_eq(average->text, "macro") ? (const MetricKind *)kind_find(FAMILY_METRIC, "f1") : NULL;
}

static MetricBatch batch_of(Arena *arena, const Json *json)
{
    const Json *pred = json_get(json, "y_pred"), *target = json_get(json, "y_true"), *weight = json_get(json, "sample_weight");
    Numbers p = fixture_numbers(arena, pred), t = fixture_numbers(arena, target), w = fixture_numbers(arena, weight);
    const Json *inner = pred;
    while (inner->items[0].type == JSON_LIST) inner = &inner->items[0];
    MetricBatch batch = {.target = t.at, .pred = p.at, .width = (int64_t)inner->n};
    batch.rows = (int64_t)p.n / batch.width;
    batch.steps = batch.rows / (int64_t)pred->n;
    batch.target_width = (int64_t)t.n / batch.rows;
    if (w.n) {
        float *weights = ARENA_ARRAY(arena, float, (size_t)batch.rows);
        for (int64_t r = 0; r < batch.rows; r++) weights[r] = w.at[r / batch.steps];
        batch.weight = weights;
    }
    return batch;
}

TEST(metrics_of_keras)
{
    Arena *arena = arena_new("test");
    const Json *cases = json_get(fixture_read(arena, "tests/fixtures/keras/units/metrics.json"), "cases");
    int done = 0, waiting = 0;
    for (size_t i = 0; i < cases->n; i++) {
        const Json *c = &cases->items[i], *values = json_get(c, "values"), *batches = json_get(c, "batches"), *args_json;
        const MetricKind *kind = kind_of(c, &args_json);
        if (!kind || values->items[0].type == JSON_LIST) {
            waiting++;
            continue;
        }
        int before = test_failures;
        const void *args = fixture_args(arena, &kind->kind, args_json);
        double *state = NULL;
        for (size_t b = 0; b < batches->n; b++) {
            MetricBatch batch = batch_of(arena, &batches->items[b]);
            if (!state) state = ARENA_ARRAY(arena, double, kind->state_size(args, batch.width));
            kind->update(args, &batch, state);
            double expected = fixture_number(&values->items[b]);
            NEAR(kind->result(args, batch.width, state), expected, fixture_within(expected, 1e-5, 1e-6));
        }
        if (test_failures != before) printf("  ^ case %zu: %s\n", i, json_get(c, "metric")->text);
        done++;
    }
    printf("metrics: %d cases compared, %d wait\n", done, waiting);
    OK(done >= 60);
    arena_free(arena);
}

/* `accuracy` means what the shapes say. */
TEST(accuracy_is_resolved)
{
    const MetricKind *accuracy = (const MetricKind *)kind_find(FAMILY_METRIC, "accuracy");
    STR(accuracy->resolve(NULL, 1, TARGET_NUMBERS)->kind.name, "binary_accuracy");
    STR(accuracy->resolve(NULL, 3, TARGET_ONE_HOT)->kind.name, "categorical_accuracy");
    STR(accuracy->resolve(NULL, 3, TARGET_INDEX)->kind.name, "sparse_categorical_accuracy");
}

/* Rows that a mask leaves out count in no metric: the same as a batch without them. */
TEST(masked_rows_do_not_count)
{
    Arena *arena = arena_new("test");
    static const char *const names[] = {"mae", "mse", "rmse", "r2", "binary_accuracy", "precision", "recall", "auc", "f1"};
    static const float target[] = {1, 0, 1, 1, 0, 0}, pred[] = {0.9f, 0.2f, 0.4f, 0.8f, 0.6f, 0.1f};
    static const uint8_t mask[] = {1, 0, 1, 1, 1, 0};
    static const float kept_target[] = {1, 1, 1, 0}, kept_pred[] = {0.9f, 0.4f, 0.8f, 0.6f};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const MetricKind *kind = (const MetricKind *)kind_find(FAMILY_METRIC, names[i]);
        OK(kind != NULL);
        const void *args = kind_defaults(arena, &kind->kind);
        double *masked = ARENA_ARRAY(arena, double, kind->state_size(args, 1)), *kept = ARENA_ARRAY(arena, double, kind->state_size(args, 1));
        kind->update(args, &(MetricBatch){.target = target, .pred = pred, .mask = mask, .rows = 6, .width = 1, .target_width = 1, .steps = 3}, masked);
        kind->update(args, &(MetricBatch){.target = kept_target, .pred = kept_pred, .rows = 4, .width = 1, .target_width = 1, .steps = 1}, kept);
        int before = test_failures;
        NEAR(kind->result(args, 1, masked), kind->result(args, 1, kept), 1e-12);
        if (test_failures != before) printf("  ^ %s\n", names[i]);
    }
    arena_free(arena);
}
