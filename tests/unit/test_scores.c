/* The figures of a report against scikit-learn's (tests/oracles/report.json), in double precision. */
#include "runtime/train/score.h"
#include "tests/unit/fixture.h"
#include "tests/unit/test.h"

static const double WITHIN = 1e-12;

/* The recorded figure; null stands for one that there is not. */
static double figure(const Json *from, const char *key)
{
    const Json *json = json_get(from, key);
    return json && json->type != JSON_NULL ? fixture_number(json) : (double)NAN;
}

static double *doubles(Arena *arena, const Json *list)
{
    double *to = ARENA_ARRAY(arena, double, list->n);
    for (size_t i = 0; i < list->n; i++) to[i] = fixture_number(&list->items[i]);
    return to;
}

static uint32_t *labels(Arena *arena, const Json *list)
{
    uint32_t *to = ARENA_ARRAY(arena, uint32_t, list->n);
    for (size_t i = 0; i < list->n; i++) to[i] = (uint32_t)list->items[i].number;
    return to;
}

/* What is recorded alike for two classes and for more. */
static void check_counts(const ClassScore *got, const Json *expected)
{
    const Json *confusion = json_get(expected, "confusion"), *classes = json_get(expected, "per_class");
    NEAR(got->accuracy, figure(expected, "accuracy"), WITHIN);
    for (size_t i = 0; i < confusion->n; i++) {
        for (size_t j = 0; j < confusion->n; j++) EQ(got->confusion[i * confusion->n + j], confusion->items[i].items[j].number);
        NEAR(got->class_precision[i], figure(&classes->items[i], "precision"), WITHIN);
        NEAR(got->class_recall[i], figure(&classes->items[i], "recall"), WITHIN);
        NEAR(got->class_f1[i], figure(&classes->items[i], "f1"), WITHIN);
    }
}

static const Json *recorded(Arena *arena, const char *key)
{
    return json_get(fixture_read(arena, "tests/oracles/report.json"), key);
}

static void say_where(const Json *c, int before)
{
    if (test_failures != before) printf("  in: %s\n", json_get(c, "title")->text);
}

TEST(two_classes)
{
    Arena *arena = arena_new("test");
    const Json *cases = recorded(arena, "binary");
    for (size_t k = 0; k < cases->n; k++) {
        int before = test_failures;
        const Json *c = &cases->items[k], *thresholds = json_get(c, "thresholds");
        size_t n = json_get(c, "y")->n;
        uint32_t *truth = labels(arena, json_get(c, "y"));
        double *positive = doubles(arena, json_get(c, "p"));
        double *both = ARENA_ARRAY(arena, double, 2 * n);
        bool *is_one = ARENA_ARRAY(arena, bool, n);
        for (size_t i = 0; i < n; i++) {
            both[2 * i] = 1 - positive[i];
            both[2 * i + 1] = positive[i];
            is_one[i] = truth[i] == 1;
        }
        NEAR(score_auc(arena, is_one, positive, 1, n), figure(c, "auc"), WITHIN);
        for (size_t t = 0; t < thresholds->n; t++) {
            const Json *expected = &thresholds->items[t];
            ClassScore got = score_classes(arena, truth, both, n, 2, figure(expected, "threshold"));
            check_counts(&got, expected);
            NEAR(got.auc, figure(c, "auc"), WITHIN);
            NEAR(got.precision, figure(expected, "precision"), WITHIN);
            NEAR(got.recall, figure(expected, "recall"), WITHIN);
            NEAR(got.f1, figure(expected, "f1"), WITHIN);
        }
        /* The best threshold may stand anywhere in a range that cuts alike. */
        const Json *best = json_get(c, "best_threshold"), *ranges = json_get(best, "at_least_below");
        double f1 = 0;
        double found = score_best_threshold(arena, truth, positive, n, &f1);
        bool inside = false;
        for (size_t i = 0; i < ranges->n; i++)
            inside = inside || (found >= fixture_number(&ranges->items[i].items[0]) && found < fixture_number(&ranges->items[i].items[1]));
        OK(inside);
        NEAR(f1, figure(best, "f1"), WITHIN);
        say_where(c, before);
    }
    arena_free(arena);
}

TEST(several_classes)
{
    Arena *arena = arena_new("test");
    const Json *cases = recorded(arena, "classes");
    for (size_t k = 0; k < cases->n; k++) {
        int before = test_failures;
        const Json *c = &cases->items[k], *p = json_get(c, "p"), *macro = json_get(c, "macro");
        size_t n = p->n, n_classes = (size_t)figure(c, "classes");
        double *probability = ARENA_ARRAY(arena, double, n * n_classes);
        for (size_t i = 0; i < n; i++) {
            const double *row = doubles(arena, &p->items[i]);
            for (size_t j = 0; j < n_classes; j++) probability[i * n_classes + j] = row[j];
        }
        ClassScore got = score_classes(arena, labels(arena, json_get(c, "y")), probability, n, n_classes, 0.5);
        check_counts(&got, c);
        NEAR(got.precision, figure(macro, "precision"), WITHIN);
        NEAR(got.recall, figure(macro, "recall"), WITHIN);
        NEAR(got.f1, figure(macro, "f1"), WITHIN);
        NEAR(got.auc, figure(c, "auc"), WITHIN);
        say_where(c, before);
    }
    arena_free(arena);
}

static void check_numbers(const double *truth, const double *predicted, size_t n, const Json *expected)
{
    NumberScore got = score_numbers(truth, predicted, n);
    double large = fmax(1, fabs(figure(expected, "mape")));
    NEAR(got.mae, figure(expected, "mae"), WITHIN);
    NEAR(got.rmse, figure(expected, "rmse"), WITHIN);
    NEAR(got.mape, figure(expected, "mape"), WITHIN * large);
    NEAR(got.r2, figure(expected, "r2"), WITHIN);
}

TEST(numbers)
{
    Arena *arena = arena_new("test");
    const Json *cases = recorded(arena, "numbers");
    for (size_t k = 0; k < cases->n; k++) {
        int before = test_failures;
        const Json *c = &cases->items[k];
        size_t n = json_get(c, "y")->n;
        const double *truth = doubles(arena, json_get(c, "y"));
        check_numbers(truth, doubles(arena, json_get(c, "p")), n, c);
        double *mean = ARENA_ARRAY(arena, double, n);
        for (size_t i = 0; i < n; i++) mean[i] = figure(c, "training_mean");
        check_numbers(truth, mean, n, json_get(c, "baseline_mean"));
        say_where(c, before);
    }
    arena_free(arena);
}
