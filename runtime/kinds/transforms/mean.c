/* mean: a missing cell becomes the mean of the training rows. State: that number. */
#include "runtime/kinds/transform.h"

static TransformState fit(const void *args, Arena *arena, const TransformCells *cells)
{
    (void)args;
    size_t n;
    const double *x = transform_present(arena, cells, &n);
    double sum = 0.0;
    for (size_t i = 0; i < n; i++) sum += x[i];
    return transform_numbers(arena, (const double[]){n ? sum / (double)n : 0.0}, 1);
}

const TransformKind transform_mean = {
    .kind = {.name = "mean", .family = FAMILY_TRANSFORM, .help = "fills a missing cell with the mean of the training rows",
             .example = "fill age: mean"},
    .use = TRANSFORM_FILL,
    .of_numbers = true,
    .fit = fit,
};
