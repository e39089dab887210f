/* he_normal.c: cut normal draws whose variance is 2 / n, n fan_in. */
#include "runtime/kinds/initializers/draw.h"

static void he_normal_fill(const void *args, const Shape *shape, RngKey key, float *out)
{
    draw_scaled(shape, draw_key(key, ((const SeedArgs *)args)->seed), 2, FAN_IN, SCALED_TRUNCATED, out);
}

const InitializerKind initializer_he_normal = {
    .kind = {.name = "he_normal", .keras = "HeNormal", .family = FAMILY_INITIALIZER, .help = "cut normal draws scaled by the inputs, for relu",
             .example = "dense(8, kernel_initializer=he_normal)", .args = seed_args, .args_size = sizeof(SeedArgs)},
    .fill = he_normal_fill,
};
