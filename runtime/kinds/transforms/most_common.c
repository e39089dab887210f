/* most_common: a missing cell becomes the value that stands most often in the training rows; of several equally common ones the
 * smallest, as in scikit-learn's SimpleImputer. State: that number or text. */
#include "runtime/kinds/transform.h"

static TransformState fit(const void *args, Arena *arena, const TransformCells *cells)
{
    (void)args;
    TransformState all = transform_categories(arena, cells);
    size_t n = transform_category_count(&all), best = 0;
    if (n == 0) return cells->numbers ? transform_numbers(arena, (const double[]){0.0}, 1) : (TransformState){0};
    size_t *count = ARENA_ARRAY(arena, size_t, n);
    int64_t *place = ARENA_ARRAY(arena, int64_t, cells->n_texts + 1);
    for (size_t code = 0; code < cells->n_texts; code++) place[code] = transform_find_text(&all, cells->texts[code]);
    for (size_t i = 0; i < cells->n; i++) {
        size_t row = cells->rows ? cells->rows[i] : i;
        int64_t at;
        if (cells->numbers) at = transform_find_number(&all, cells->numbers[row]);
        else at = cells->codes[row] == UINT32_MAX ? -1 : place[cells->codes[row]];
        if (at >= 0) count[at]++;
    }
    for (size_t i = 1; i < n; i++)
        if (count[i] > count[best]) best = i;
    if (cells->numbers) return transform_numbers(arena, &all.numbers[best], 1);
    return (TransformState){.texts = &all.texts[best], .n_texts = 1};
}

const TransformKind transform_most_common = {
    .kind = {.name = "most_common", .family = FAMILY_TRANSFORM,
             .help = "fills a missing cell with the value that stands most often in the training rows", .example = "fill city: most_common"},
    .use = TRANSFORM_FILL,
    .of_numbers = true,
    .of_texts = true,
    .fit = fit,
};
