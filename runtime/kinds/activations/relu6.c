/* relu6.c: y = x between 0 and 6, else the nearer of the two. At both ends the derivative is 0. */
#include "runtime/kinds/kind.h"
#include "runtime/tensor/kernels.h"

static void relu6_forward(const void *args, const float *x, float *y, int64_t rows, int64_t width)
{
    (void)args;
    kernels()->clip(rows * width, 0.0f, 6.0f, x, y);
}

static void relu6_backward(const void *args, const float *x, const float *y, const float *dy, float *dx, int64_t rows, int64_t width)
{
    (void)args, (void)y;
    for (int64_t i = 0; i < rows * width; i++) dx[i] = x[i] > 0.0f && x[i] < 6.0f ? dy[i] : 0.0f;
}

const ActivationKind activation_relu6 = {
    .kind = {.name = "relu6", .keras = "relu6", .family = FAMILY_ACTIVATION, .help = "relu that ends at 6", .example = "dense(8, relu6)"},
    .reads = READS_X,
    .low = 0.0f,
    .high = 6.0f,
    .forward = relu6_forward,
    .backward = relu6_backward,
};
