/* glorot_normal.c: cut normal draws whose variance is 1 / n, n the mean of fan_in and fan_out. */
#include "runtime/kinds/initializers/draw.h"

static void glorot_normal_fill(const void *args, const Shape *shape, RngKey key, float *out)
{
    draw_scaled(shape, draw_key(key, ((const SeedArgs *)args)->seed), 1, FAN_AVG, SCALED_TRUNCATED, out);
}

const InitializerKind initializer_glorot_normal = {
    .kind = {.name = "glorot_normal", .keras = "GlorotNormal", .family = FAMILY_INITIALIZER, .help = "cut normal draws scaled by the mean of inputs and outputs",
             .example = "dense(8, kernel_initializer=glorot_normal)", .args = seed_args, .args_size = sizeof(SeedArgs)},
    .fill = glorot_normal_fill,
};
