/* soft_shrink.c: y = x brought nearer to 0 by threshold, 0 where it is not further away */
#include "runtime/kinds/kind.h"

#include <math.h>

typedef struct {
    double threshold;
} SoftShrinkArgs;

static const ArgSpec args_of[] = {
    ARG_FLOAT(SoftShrinkArgs, threshold, .fallback = "0.5", .min = 0, .max = 1e30, .help = "what is not further from 0 becomes 0"),
    ARG_END,
};

static void soft_shrink_forward(const void *args, const float *x, float *y, int64_t rows, int64_t width)
{
    float threshold = (float)((const SoftShrinkArgs *)args)->threshold;
    for (int64_t i = 0; i < rows * width; i++) y[i] = fabsf(x[i]) <= threshold ? 0.0f : x[i] - copysignf(threshold, x[i]);
}

static void soft_shrink_backward(const void *args, const float *x, const float *y, const float *dy, float *dx, int64_t rows, int64_t width)
{
    (void)y;
    float threshold = (float)((const SoftShrinkArgs *)args)->threshold;
    for (int64_t i = 0; i < rows * width; i++) dx[i] = fabsf(x[i]) <= threshold ? 0.0f : dy[i];
}

const ActivationKind activation_soft_shrink = {
    .kind = {.name = "soft_shrink", .keras = "soft_shrink", .keras_since = 9, .family = FAMILY_ACTIVATION, .help = "x brought nearer to 0, and 0 near 0",
             .example = "dense(8, soft_shrink)", .args = args_of, .args_size = sizeof(SoftShrinkArgs)},
    .reads = READS_X,
    .forward = soft_shrink_forward,
    .backward = soft_shrink_backward,
};
