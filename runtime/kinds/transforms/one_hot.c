/* one_hot: a column for each category, 1 in that of the cell and 0 in the others; with drop_first none for the first category,
 * as in pandas's get_dummies(drop_first=True). A category never seen in training is 0 everywhere. State: the categories, sorted. */
#include "runtime/kinds/transform.h"

typedef struct {
    bool drop_first;
} OneHotArgs;

static const ArgSpec schema[] = {
    ARG_BOOL(OneHotArgs, drop_first, false, .help = "leave out the first category, which is then zeros everywhere"),
    ARG_END,
};

static size_t first_kept(const void *args)
{
    return ((const OneHotArgs *)args)->drop_first ? 1 : 0;
}

static TransformState fit(const void *args, Arena *arena, const TransformCells *cells)
{
    (void)args;
    return transform_categories(arena, cells);
}

static size_t width(const void *args, const TransformState *state)
{
    size_t n = transform_category_count(state), first = first_kept(args);
    return n > first ? n - first : 0;
}

static void encode(const void *args, const TransformState *state, const int64_t *category, size_t n, float *out, size_t stride)
{
    size_t w = width(args, state), first = first_kept(args);
    for (size_t i = 0; i < n; i++) {
        float *cell = out + i * stride;
        for (size_t k = 0; k < w; k++) cell[k] = category[i] == (int64_t)(k + first) ? 1.0f : 0.0f;
    }
}

static int64_t decode(const void *args, const TransformState *state, const float *values)
{
    size_t w = width(args, state), first = first_kept(args);
    int64_t best = first ? 0 : -1;
    float most = 0.5f;
    for (size_t k = 0; k < w; k++) {
        if (values[k] <= most) continue;
        most = values[k];
        best = (int64_t)(k + first);
    }
    return best;
}

static const char *suffix(const void *args, const TransformState *state, Arena *arena, size_t i)
{
    return arena_printf(arena, "=%s", transform_category_text(arena, state, i + first_kept(args)));
}

const TransformKind transform_one_hot = {
    .kind = {.name = "one_hot", .family = FAMILY_TRANSFORM, .help = "a column of 0 and 1 for each category",
             .example = "encode plan: one_hot(drop_first=true)", .args = schema, .args_size = sizeof(OneHotArgs)},
    .use = TRANSFORM_ENCODE,
    .of_numbers = true,
    .of_texts = true,
    .fit = fit,
    .width = width,
    .encode = encode,
    .python = "one_hot({x}, {categories}, {drop_first})",
    .decode = decode,
    .suffix = suffix,
};
