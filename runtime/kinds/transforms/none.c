/* none: the numbers as they stand in the table; says in a script that this is meant. */
#include "runtime/kinds/transform.h"

static double same(const void *args, const TransformState *state, double value)
{
    (void)args, (void)state;
    return value;
}

const TransformKind transform_none = {
    .kind = {.name = "none", .family = FAMILY_TRANSFORM, .help = "leaves the numbers as they are", .example = "scale year: none"},
    .use = TRANSFORM_SCALE,
    .of_numbers = true,
    .scale = same,
    .unscale = same,
    .python = "{x}",
    .python_undo = "{x}",
};
