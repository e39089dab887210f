/* divide: y = x / by. Nothing is learned. */
#include "runtime/kinds/transform.h"

typedef struct {
    double by;
} DivideArgs;

static const ArgSpec schema[] = {
    ARG_FLOAT(DivideArgs, by, .required = true, .help = "the number to divide by"),
    ARG_END,
};

static bool check(const void *args, const Span *spans, Span span, Diags *diags)
{
    if (((const DivideArgs *)args)->by != 0.0) return true;
    diag(diags, E0461, spans[0].source ? spans[0] : span);
    return false;
}

static double scale(const void *args, const TransformState *state, double value)
{
    (void)state;
    return value / ((const DivideArgs *)args)->by;
}

static double unscale(const void *args, const TransformState *state, double value)
{
    (void)state;
    return value * ((const DivideArgs *)args)->by;
}

const TransformKind transform_divide = {
    .kind = {.name = "divide", .family = FAMILY_TRANSFORM, .help = "divides by a number, for instance 255 for the points of a picture",
             .example = "scale numbers: divide(255)", .args = schema, .args_size = sizeof(DivideArgs), .check = check},
    .use = TRANSFORM_SCALE,
    .of_numbers = true,
    .scale = scale,
    .unscale = unscale,
    .python = "{x} / {by}",
    .python_undo = "{x} * {by}",
};
