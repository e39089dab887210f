/* zero: a missing cell becomes 0. */
#include "runtime/kinds/transform.h"

static TransformState fit(const void *args, Arena *arena, const TransformCells *cells)
{
    (void)args, (void)cells;
    return transform_numbers(arena, (const double[]){0.0}, 1);
}

const TransformKind transform_zero = {
    .kind = {.name = "zero", .family = FAMILY_TRANSFORM, .help = "fills a missing cell with 0", .example = "fill rain: zero"},
    .use = TRANSFORM_FILL,
    .of_numbers = true,
    .fit = fit,
};
