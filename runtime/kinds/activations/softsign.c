/* softsign.c: y = x / (1 + |x|) */
#include "runtime/kinds/kind.h"

#include <math.h>

static void softsign_forward(const void *args, const float *x, float *y, int64_t rows, int64_t width)
{
    (void)args;
    for (int64_t i = 0; i < rows * width; i++) y[i] = x[i] / (1.0f + fabsf(x[i]));
}

static void softsign_backward(const void *args, const float *x, const float *y, const float *dy, float *dx, int64_t rows, int64_t width)
{
    (void)args, (void)y;
    for (int64_t i = 0; i < rows * width; i++) {
        float below = 1.0f + fabsf(x[i]);
        dx[i] = dy[i] / (below * below);
    }
}

const ActivationKind activation_softsign = {
    .kind = {.name = "softsign", .keras = "softsign", .family = FAMILY_ACTIVATION,
             .help = "between -1 and 1, reached more slowly than by tanh", .example = "dense(8, softsign)"},
    .reads = READS_X,
    .low = -1.0f,
    .high = 1.0f,
    .forward = softsign_forward,
    .backward = softsign_backward,
};
