/* log1p: y = log(1 + x). Nothing is learned; only numbers above -1 have a value. */
#include "runtime/kinds/transform.h"

#include <math.h>

static double scale(const void *args, const TransformState *state, double value)
{
    (void)args, (void)state;
    return log1p(value);
}

static double unscale(const void *args, const TransformState *state, double value)
{
    (void)args, (void)state;
    return expm1(value);
}

const TransformKind transform_log1p = {
    .kind = {.name = "log1p", .family = FAMILY_TRANSFORM, .help = "the logarithm of 1 + x: brings large values closer together",
             .example = "scale price: log1p"},
    .use = TRANSFORM_SCALE,
    .of_numbers = true,
    .has_lowest = true,
    .lowest = -1.0,
    .scale = scale,
    .unscale = unscale,
    .python = "np.log1p({x})",
    .python_undo = "np.expm1({x})",
};
