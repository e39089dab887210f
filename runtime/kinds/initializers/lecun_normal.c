/* lecun_normal.c: cut normal draws whose variance is 1 / n, n fan_in. */
#include "runtime/kinds/initializers/draw.h"

static void lecun_normal_fill(const void *args, const Shape *shape, RngKey key, float *out)
{
    draw_scaled(shape, draw_key(key, ((const SeedArgs *)args)->seed), 1, FAN_IN, SCALED_TRUNCATED, out);
}

const InitializerKind initializer_lecun_normal = {
    .kind = {.name = "lecun_normal", .keras = "LecunNormal", .family = FAMILY_INITIALIZER, .help = "cut normal draws scaled by the inputs, for selu",
             .example = "dense(8, kernel_initializer=lecun_normal)", .args = seed_args, .args_size = sizeof(SeedArgs)},
    .fill = lecun_normal_fill,
};
