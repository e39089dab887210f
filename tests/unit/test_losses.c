/* Losses against Keras's figures: values, values before the reduction, gradients, through the plan's own reduction of rows. */
#include "runtime/kinds/losses/common.h"
#include "runtime/plan/parts.h"
#include "tests/unit/fixture.h"
#include "tests/unit/test.h"

#define FILE_OF_LOSSES "tests/fixtures/keras/units/losses.json"

/* The fixture that gives a NaN gradient on purpose is about a loss that is not here; others must be exact. */
static void check_case(Arena *arena, const Json *c, const LossKind *kind, size_t number)
{
    const void *args = fixture_args(arena, &kind->kind, json_get(c, "args"));
    Numbers target = fixture_numbers(arena, json_get(c, "y_true")), pred = fixture_numbers(arena, json_get(c, "y_pred"));
    Numbers gradient = fixture_numbers(arena, json_get(c, "gradient"));
    Numbers weights = fixture_numbers(arena, json_get(c, "sample_weight")), mask = fixture_numbers(arena, json_get(c, "mask"));
    Numbers values = fixture_numbers(arena, json_get(c, "values_without_reduction"));
    size_t width = 1;
    for (const Json *j = json_get(c, "y_pred"); j->type == JSON_LIST; j = &j->items[0]) width = j->n;
    size_t rows = pred.n / width;

    /* Each row a sample of its own: weights and masks of steps are then weights and masks of samples. */
    uint8_t *bytes = ARENA_ARRAY(arena, uint8_t, rows), *valid = ARENA_ARRAY(arena, uint8_t, rows);
    for (size_t i = 0; i < mask.n; i++) bytes[i] = mask.at[i] != 0;
    LossPart part = {.kind = kind, .args = args, .weight = 1, .steps = 1, .width = (int64_t)width, .rows_a_mask = 1,
                     .target_width = kind->target == TARGET_INDEX ? 1 : (int64_t)width, .pred_at = pred.at, .target_at = target.at,
                     .rows_at = weights.n ? weights.at : NULL, .mask_at = mask.n ? bytes : NULL,
                     .valid_at = kind->leaves_out && kind->leaves_out(args) ? valid : NULL,
                     .gradient_at = ARENA_ARRAY(arena, float, pred.n), .value_at = ARENA_ARRAY(arena, float, rows),
                     .scale_at = ARENA_ARRAY(arena, float, rows)};
    double loss_values[1];
    Plan plan = {.now.samples = (int64_t)rows, .loss_values = loss_values};
    loss_step(&plan, &part, 0);

    double value = fixture_number(json_get(c, "value"));
    int before = test_failures;
    NEAR(loss_values[0], value, fixture_within(value, 1e-5, 1e-6));
    EQ(values.n, rows);
    for (size_t i = 0; i < rows && i < values.n; i++) NEAR(part.value_at[i], values.at[i], fixture_within((double)values.at[i], 1e-5, 1e-6));
    for (size_t i = 0; i < pred.n; i++)
        NEAR(part.gradient_at[i], gradient.at[i], fixture_within((double)gradient.at[i], 1e-4, 1e-6));
    if (test_failures != before) printf("  in case %zu, %s\n", number, kind->kind.name);
}

TEST(values_and_gradients)
{
    Arena *arena = arena_new("test");
    const Json *cases = json_get(fixture_read(arena, FILE_OF_LOSSES), "cases");
    size_t checked = 0, waiting = 0;
    for (size_t i = 0; i < cases->n; i++) {
        const Json *c = &cases->items[i];
        const Kind *kind = kind_find_keras(FAMILY_LOSS, json_get(c, "loss")->text);
        if (!kind) {
            waiting++;
            continue;
        }
        check_case(arena, c, (const LossKind *)kind, i);
        checked++;
    }
    printf("losses: %zu cases checked, %zu skipped (their losses wait)\n", checked, waiting);
    OK(checked >= 40);
    EQ(checked + waiting, cases->n);
    arena_free(arena);
}

/* The clipped form's values and the form from logits agree where nothing saturates, and so do their gradients through the link. */
TEST(linked_losses_agree)
{
    Arena *arena = arena_new("test");
    const LossKind *bce = (const LossKind *)kind_find(FAMILY_LOSS, "binary_crossentropy");
    const void *args = kind_defaults(arena, &bce->kind);
    float z[] = {-3, -0.5f, 0, 0.7f, 4}, y[] = {0, 1, 1, 0, 1}, p[5], a[5], b[5], ga[5], gb[5];
    const float one[] = {1, 1, 1, 1, 1};
    for (int i = 0; i < 5; i++) p[i] = (float)(1 / (1 + exp(-(double)z[i])));
    bce->values(args, true, y, z, 5, 1, a);
    bce->values(args, false, y, p, 5, 1, b);
    bce->gradient(args, true, y, z, 5, 1, one, ga);
    bce->gradient(args, false, y, p, 5, 1, one, gb);
    for (int i = 0; i < 5; i++) {
        NEAR(a[i], b[i], 2e-6);
        NEAR(ga[i], gb[i] * p[i] * (1 - p[i]), 2e-6);
    }
    arena_free(arena);
}

/* A saturated wrong answer: clipped it does not learn, from logits it does. */
TEST(saturated_answers)
{
    Arena *arena = arena_new("test");
    const LossKind *bce = (const LossKind *)kind_find(FAMILY_LOSS, "binary_crossentropy");
    const void *args = kind_defaults(arena, &bce->kind);
    float z[] = {-200, 200}, y[] = {1, 0}, p[] = {0, 1}, value[2], slope[2];
    const float one[] = {1, 1};
    bce->values(args, true, y, z, 2, 1, value);
    NEAR(value[0], 200, 1e-4);
    NEAR(value[1], 200, 1e-4);
    bce->gradient(args, true, y, z, 2, 1, one, slope);
    NEAR(slope[0], -1, 1e-6);
    NEAR(slope[1], 1, 1e-6);
    bce->values(args, false, y, p, 2, 1, value);
    NEAR(value[0], 16.118095, 1e-5);
    NEAR(value[1], 15.942385, 1e-5);
    bce->gradient(args, false, y, p, 2, 1, one, slope);
    NEAR(slope[0], 0, 0);
    NEAR(slope[1], 0, 0);
    arena_free(arena);
}

/* Labels that are no class, and logits that are no numbers, give a loss that is no number: never a read outside the row. */
TEST(labels_that_are_no_class)
{
    Arena *arena = arena_new("test");
    const LossKind *sparse = (const LossKind *)kind_find(FAMILY_LOSS, "sparse_categorical_crossentropy");
    const void *args = kind_defaults(arena, &sparse->kind);
    float target[] = {-1, 3, NAN, 1e30f}, pred[12] = {0}, value[4], slope[12];
    const float one[] = {1, 1, 1, 1};
    for (int i = 0; i < 12; i++) pred[i] = 1.0f / 3;
    sparse->values(args, false, target, pred, 4, 3, value);
    for (int i = 0; i < 4; i++) OK(isnan(value[i]));
    sparse->gradient(args, false, target, pred, 4, 3, one, slope);
    for (int i = 0; i < 12; i++) OK(isnan(slope[i]));
    arena_free(arena);
}
