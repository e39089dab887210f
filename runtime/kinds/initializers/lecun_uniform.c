/* lecun_uniform.c: uniform draws whose variance is 1 / n, n fan_in. */
#include "runtime/kinds/initializers/draw.h"

static void lecun_uniform_fill(const void *args, const Shape *shape, RngKey key, float *out)
{
    draw_scaled(shape, draw_key(key, ((const SeedArgs *)args)->seed), 1, FAN_IN, SCALED_UNIFORM, out);
}

const InitializerKind initializer_lecun_uniform = {
    .kind = {.name = "lecun_uniform", .keras = "LecunUniform", .family = FAMILY_INITIALIZER, .help = "uniform draws scaled by the inputs, for selu",
             .example = "dense(8, kernel_initializer=lecun_uniform)", .args = seed_args, .args_size = sizeof(SeedArgs)},
    .fill = lecun_uniform_fill,
};
