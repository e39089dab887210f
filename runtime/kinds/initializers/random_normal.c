/* random_normal.c: N(mean, stddev^2). */
#include "runtime/kinds/initializers/draw.h"

typedef struct {
    double mean, stddev;
    int64_t seed;
} Args;

static const ArgSpec args_of[] = {
    ARG_FLOAT(Args, mean, .fallback = "0.0", .help = "the mean"),
    ARG_FLOAT(Args, stddev, .fallback = "0.05", .min = 0, .max = 1e30, .help = "the standard deviation"),
    SEED_OF(Args),
    ARG_END,
};

static void random_normal_fill(const void *args, const Shape *shape, RngKey key, float *out)
{
    const Args *a = args;
    draw_normal(shape, draw_key(key, a->seed), a->mean, a->stddev, out);
}

const InitializerKind initializer_random_normal = {
    .kind = {.name = "random_normal", .keras = "RandomNormal", .family = FAMILY_INITIALIZER, .help = "draws of a normal distribution",
             .example = "dense(8, kernel_initializer=random_normal(stddev=0.1))", .args = args_of, .args_size = sizeof(Args),
             .aliases = "normal"},
    .fill = random_normal_fill,
};
