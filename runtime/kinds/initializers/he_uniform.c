/* he_uniform.c: uniform draws whose variance is 2 / n, n fan_in. */
#include "runtime/kinds/initializers/draw.h"

static void he_uniform_fill(const void *args, const Shape *shape, RngKey key, float *out)
{
    draw_scaled(shape, draw_key(key, ((const SeedArgs *)args)->seed), 2, FAN_IN, SCALED_UNIFORM, out);
}

const InitializerKind initializer_he_uniform = {
    .kind = {.name = "he_uniform", .keras = "HeUniform", .family = FAMILY_INITIALIZER, .help = "uniform draws scaled by the inputs, for relu",
             .example = "dense(8, kernel_initializer=he_uniform)", .args = seed_args, .args_size = sizeof(SeedArgs)},
    .fill = he_uniform_fill,
};
