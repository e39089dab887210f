/* glorot_uniform.c: uniform draws whose variance is 1 / n, n the mean of fan_in and fan_out. */
#include "runtime/kinds/initializers/draw.h"

static void glorot_uniform_fill(const void *args, const Shape *shape, RngKey key, float *out)
{
    draw_scaled(shape, draw_key(key, ((const SeedArgs *)args)->seed), 1, FAN_AVG, SCALED_UNIFORM, out);
}

const InitializerKind initializer_glorot_uniform = {
    .kind = {.name = "glorot_uniform", .keras = "GlorotUniform", .family = FAMILY_INITIALIZER, .help = "uniform draws scaled by the mean of inputs and outputs",
             .example = "dense(8, kernel_initializer=glorot_uniform)", .args = seed_args, .args_size = sizeof(SeedArgs)},
    .fill = glorot_uniform_fill,
};
