/* hard_tanh.c: y = x between -1 and 1, else the nearer of the two. At both ends the derivative is 0. */
#include "runtime/kinds/kind.h"
#include "runtime/tensor/kernels.h"

#include <math.h>

static void hard_tanh_forward(const void *args, const float *x, float *y, int64_t rows, int64_t width)
{
    (void)args;
    kernels()->clip(rows * width, -1.0f, 1.0f, x, y);
}

static void hard_tanh_backward(const void *args, const float *x, const float *y, const float *dy, float *dx, int64_t rows, int64_t width)
{
    (void)args, (void)y;
    for (int64_t i = 0; i < rows * width; i++) dx[i] = fabsf(x[i]) < 1.0f ? dy[i] : 0.0f;
}

const ActivationKind activation_hard_tanh = {
    .kind = {.name = "hard_tanh", .keras = "hard_tanh", .keras_since = 9, .family = FAMILY_ACTIVATION,
             .help = "tanh as a straight line that ends at -1 and 1", .example = "dense(8, hard_tanh)"},
    .reads = READS_X,
    .low = -1.0f,
    .high = 1.0f,
    .forward = hard_tanh_forward,
    .backward = hard_tanh_backward,
};
