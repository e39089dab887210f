/* index: the number of a category, from 1 in sorted order; 0 is kept for a category never seen in training. For an `embedding`,
 * which takes its size (the categories and the 0) from the column. State: the categories, sorted. */
#include "runtime/kinds/transform.h"

static TransformState fit(const void *args, Arena *arena, const TransformCells *cells)
{
    (void)args;
    return transform_categories(arena, cells);
}

static void encode(const void *args, const TransformState *state, const int64_t *category, size_t n, float *out, size_t stride)
{
    (void)args, (void)state;
    for (size_t i = 0; i < n; i++) out[i * stride] = (float)(category[i] + 1);
}

static int64_t decode(const void *args, const TransformState *state, const float *values)
{
    (void)args;
    int64_t place = (int64_t)(values[0] + 0.5f) - 1;
    return place >= 0 && place < (int64_t)transform_category_count(state) ? place : -1;
}

static int64_t categories(const void *args, const TransformState *state)
{
    (void)args;
    return (int64_t)transform_category_count(state) + 1;
}

const TransformKind transform_index = {
    .kind = {.name = "index", .family = FAMILY_TRANSFORM, .help = "the number of a category, from 1; 0 is kept for unknown ones",
             .example = "encode city: index"},
    .use = TRANSFORM_ENCODE,
    .of_numbers = true,
    .of_texts = true,
    .fit = fit,
    .encode = encode,
    .python = "numbered({x}, {categories})",
    .decode = decode,
    .categories = categories,
};
