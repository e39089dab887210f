/* hard_shrink.c: y = x where |x| > threshold, else 0 */
#include "runtime/kinds/kind.h"

#include <math.h>

typedef struct {
    double threshold;
} HardShrinkArgs;

static const ArgSpec args_of[] = {
    ARG_FLOAT(HardShrinkArgs, threshold, .fallback = "0.5", .min = 0, .max = 1e30, .help = "what is not further from 0 becomes 0"),
    ARG_END,
};

static void hard_shrink_forward(const void *args, const float *x, float *y, int64_t rows, int64_t width)
{
    float threshold = (float)((const HardShrinkArgs *)args)->threshold;
    for (int64_t i = 0; i < rows * width; i++) y[i] = fabsf(x[i]) <= threshold ? 0.0f : x[i];
}

static void hard_shrink_backward(const void *args, const float *x, const float *y, const float *dy, float *dx, int64_t rows, int64_t width)
{
    (void)y;
    float threshold = (float)((const HardShrinkArgs *)args)->threshold;
    for (int64_t i = 0; i < rows * width; i++) dx[i] = fabsf(x[i]) <= threshold ? 0.0f : dy[i];
}

const ActivationKind activation_hard_shrink = {
    .kind = {.name = "hard_shrink", .keras = "hard_shrink", .keras_since = 9, .family = FAMILY_ACTIVATION, .help = "x, but 0 near 0",
             .example = "dense(8, hard_shrink)", .args = args_of, .args_size = sizeof(HardShrinkArgs)},
    .reads = READS_X,
    .forward = hard_shrink_forward,
    .backward = hard_shrink_backward,
};
