/* hard_silu.c: y = x hard_sigmoid(x), so 0 up to -3 and x from 3 on.   y' = x / 3 + 1/2 between, at -3 too (-1/2), else 0 or 1 */
#include "runtime/kinds/kind.h"

static void hard_silu_forward(const void *args, const float *x, float *y, int64_t rows, int64_t width)
{
    (void)args;
    for (int64_t i = 0; i < rows * width; i++) y[i] = x[i] <= -3.0f ? 0.0f : x[i] >= 3.0f ? x[i] : x[i] * (x[i] * (1.0f / 6.0f) + 0.5f);
}

static void hard_silu_backward(const void *args, const float *x, const float *y, const float *dy, float *dx, int64_t rows, int64_t width)
{
    (void)args, (void)y;
    for (int64_t i = 0; i < rows * width; i++) dx[i] = x[i] < -3.0f ? 0.0f : x[i] >= 3.0f ? dy[i] : dy[i] * (x[i] * (1.0f / 3.0f) + 0.5f);
}

const ActivationKind activation_hard_silu = {
    .kind = {.name = "hard_silu", .keras = "hard_silu", .family = FAMILY_ACTIVATION,
             .help = "silu from straight lines, also called hard swish",
             .example = "dense(8, hard_silu)", .aliases = "hard_swish"},
    .reads = READS_X,
    .forward = hard_silu_forward,
    .backward = hard_silu_backward,
};
