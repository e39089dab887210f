/* variance_scaling.c: draws whose variance is scale / n, n a fan of the shape. */
#include "runtime/kinds/initializers/draw.h"

typedef struct {
    double scale;
    int mode, distribution;
    int64_t seed;
} Args;

static const ArgSpec args_of[] = {
    ARG_FLOAT(Args, scale, .fallback = "1.0", .min = 0, .max = 1e30, .min_open = true, .help = "the variance before it is divided"),
    ARG_WORD(Args, mode, "fan_in|fan_out|fan_avg", "fan_in", .help = "what it is divided by: inputs, outputs, or their mean"),
    ARG_WORD(Args, distribution, "truncated_normal|uniform|untruncated_normal", "truncated_normal", .help = "how it is drawn"),
    SEED_OF(Args),
    ARG_END,
};

static void variance_scaling_fill(const void *args, const Shape *shape, RngKey key, float *out)
{
    const Args *a = args;
    static const ScaledDraw draws[] = {SCALED_TRUNCATED, SCALED_UNIFORM, SCALED_UNTRUNCATED};
    draw_scaled(shape, draw_key(key, a->seed), a->scale, (FanMode)a->mode, draws[a->distribution], out);
}

const InitializerKind initializer_variance_scaling = {
    .kind = {.name = "variance_scaling", .keras = "VarianceScaling", .family = FAMILY_INITIALIZER, .help = "draws scaled by how many inputs or outputs there are",
             .example = "dense(8, kernel_initializer=variance_scaling(2, fan_out, uniform))", .args = args_of, .args_size = sizeof(Args)},
    .fill = variance_scaling_fill,
};
