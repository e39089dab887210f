/* minmax: y = low + (x - least) * (high - low) / (most - least), least and most of the training rows. State: least, most. Numbers of
 * other rows may lie outside low … high; they are not cut. */
#include "runtime/kinds/transform.h"

typedef struct {
    double low, high;
} MinmaxArgs;

static const ArgSpec schema[] = {
    ARG_FLOAT(MinmaxArgs, low, .fallback = "0", .help = "what the smallest training value becomes"),
    ARG_FLOAT(MinmaxArgs, high, .fallback = "1", .help = "what the largest training value becomes"),
    ARG_END,
};

static bool check(const void *args, const Span *spans, Span span, Diags *diags)
{
    const MinmaxArgs *a = args;
    if (a->low < a->high) return true;
    Span place = spans[1].source ? spans[1] : spans[0].source ? spans[0] : span;
    diag(diags, E0460, place, AF("low", a->low), AF("high", a->high));
    return false;
}

static TransformState fit(const void *args, Arena *arena, const TransformCells *cells)
{
    (void)args;
    size_t n;
    const double *x = transform_present(arena, cells, &n);
    double least = n ? x[0] : 0.0, most = least;
    for (size_t i = 1; i < n; i++) {
        if (x[i] < least) least = x[i];
        if (x[i] > most) most = x[i];
    }
    TransformState state = transform_numbers(arena, (const double[]){least, most}, 2);
    state.constant = least == most;
    return state;
}

static double scale(const void *args, const TransformState *state, double value)
{
    const MinmaxArgs *a = args;
    double least = state->numbers[0], most = state->numbers[1];
    return least < most ? a->low + (value - least) / (most - least) * (a->high - a->low) : 0.0;
}

static double unscale(const void *args, const TransformState *state, double value)
{
    const MinmaxArgs *a = args;
    double least = state->numbers[0], most = state->numbers[1];
    return least < most ? least + (value - a->low) / (a->high - a->low) * (most - least) : least;
}

const TransformKind transform_minmax = {
    .kind = {.name = "minmax", .family = FAMILY_TRANSFORM, .help = "stretches a column's training values to 0 … 1, or to the range given",
             .example = "scale age: minmax(-1, 1)", .args = schema, .args_size = sizeof(MinmaxArgs), .check = check},
    .use = TRANSFORM_SCALE,
    .of_numbers = true,
    .fit = fit,
    .scale = scale,
    .unscale = unscale,
    .python = "{low} + ({x} - {0}) / ({1} - {0}) * ({high} - {low})",
    .python_undo = "{0} + ({x} - {low}) / ({high} - {low}) * ({1} - {0})",
};
