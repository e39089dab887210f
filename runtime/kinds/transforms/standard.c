/* standard: y = (x - mean) / deviation, both of the training rows; the deviation is the population's (divided by N), as in
 * scikit-learn's StandardScaler. State: mean, deviation. */
#include "runtime/kinds/transform.h"

#include <math.h>

static TransformState fit(const void *args, Arena *arena, const TransformCells *cells)
{
    (void)args;
    size_t n;
    const double *x = transform_present(arena, cells, &n);
    double sum = 0.0, low = n ? x[0] : 0.0, high = low;
    for (size_t i = 0; i < n; i++) {
        sum += x[i];
        if (x[i] < low) low = x[i];
        if (x[i] > high) high = x[i];
    }
    /* Two passes: the sum of squares about the mean, corrected by what rounding left in the sum about it. */
    double mean = n ? sum / (double)n : 0.0, squares = 0.0, rest = 0.0;
    for (size_t i = 0; i < n; i++) {
        squares += (x[i] - mean) * (x[i] - mean);
        rest += x[i] - mean;
    }
    double variance = n ? (squares - rest * rest / (double)n) / (double)n : 0.0;
    bool constant = low == high;
    TransformState state = transform_numbers(arena, (const double[]){constant ? low : mean, constant ? 0.0 : sqrt(variance)}, 2);
    state.constant = constant;
    return state;
}

static double scale(const void *args, const TransformState *state, double value)
{
    (void)args;
    /* Cells whose squares have no sum in double leave no deviation: they become no number, and that is reported of them. */
    if (!(state->numbers[1] < (double)INFINITY)) return fabs(value) > 1e100 ? (double)INFINITY : 0.0;
    return state->numbers[1] > 0.0 ? (value - state->numbers[0]) / state->numbers[1] : 0.0;
}

static double unscale(const void *args, const TransformState *state, double value)
{
    (void)args;
    return state->numbers[0] + value * state->numbers[1];
}

const TransformKind transform_standard = {
    .kind = {.name = "standard", .keras = NULL, .family = FAMILY_TRANSFORM,
             .help = "moves a column's mean to 0 and its standard deviation to 1", .example = "scale age, income: standard"},
    .use = TRANSFORM_SCALE,
    .of_numbers = true,
    .fit = fit,
    .scale = scale,
    .unscale = unscale,
    .python = "({x} - {0}) / {1}",
    .python_undo = "{0} + {x} * {1}",
};
