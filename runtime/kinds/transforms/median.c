/* median: a missing cell becomes the middle value of the training rows. State: that number. */
#include "runtime/kinds/transform.h"

static TransformState fit(const void *args, Arena *arena, const TransformCells *cells)
{
    (void)args;
    size_t n;
    double *x = transform_present(arena, cells, &n);
    qsort(x, n, sizeof *x, transform_compare_doubles);
    return transform_numbers(arena, (const double[]){transform_quantile(x, n, 0.5)}, 1);
}

const TransformKind transform_median = {
    .kind = {.name = "median", .family = FAMILY_TRANSFORM, .help = "fills a missing cell with the middle value of the training rows",
             .example = "fill age: median"},
    .use = TRANSFORM_FILL,
    .of_numbers = true,
    .fit = fit,
};
