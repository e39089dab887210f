/* robust: y = (x - median) / (third quartile - first quartile) of the training rows, as in scikit-learn's RobustScaler: single wild
 * values do not move the others. Where both quartiles are one value, the median alone is taken away. State: median, distance. */
#include "runtime/kinds/transform.h"

static TransformState fit(const void *args, Arena *arena, const TransformCells *cells)
{
    (void)args;
    size_t n;
    double *x = transform_present(arena, cells, &n);
    qsort(x, n, sizeof *x, transform_compare_doubles);
    double distance = transform_quantile(x, n, 0.75) - transform_quantile(x, n, 0.25);
    bool constant = n == 0 || x[0] == x[n - 1];
    if (!constant && distance <= 0.0) distance = 1.0;
    TransformState state = transform_numbers(arena, (const double[]){transform_quantile(x, n, 0.5), constant ? 0.0 : distance}, 2);
    state.constant = constant;
    return state;
}

static double scale(const void *args, const TransformState *state, double value)
{
    (void)args;
    return state->numbers[1] > 0.0 ? (value - state->numbers[0]) / state->numbers[1] : 0.0;
}

static double unscale(const void *args, const TransformState *state, double value)
{
    (void)args;
    return state->numbers[0] + value * state->numbers[1];
}

const TransformKind transform_robust = {
    .kind = {.name = "robust", .family = FAMILY_TRANSFORM,
             .help = "moves a column's median to 0 and divides by the width of its middle half; single wild values do not matter",
             .example = "scale income: robust"},
    .use = TRANSFORM_SCALE,
    .of_numbers = true,
    .fit = fit,
    .scale = scale,
    .unscale = unscale,
    .python = "({x} - {0}) / {1}",
    .python_undo = "{0} + {x} * {1}",
};
