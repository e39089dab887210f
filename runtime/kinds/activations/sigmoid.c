/* sigmoid.c: y = 1 / (1 + exp(-x)) */
#include "runtime/kinds/kind.h"
#include "runtime/tensor/kernels.h"

static void sigmoid_forward(const void *args, const float *x, float *y, int64_t rows, int64_t width)
{
    (void)args;
    kernels()->sigmoid(rows * width, x, y);
}

static void sigmoid_backward(const void *args, const float *x, const float *y, const float *dy, float *dx, int64_t rows, int64_t width)
{
    (void)args, (void)x;
    kernels()->sigmoid_back(rows * width, y, dy, dx);
}

const ActivationKind activation_sigmoid = {
    .kind = {.name = "sigmoid", .keras = "sigmoid", .family = FAMILY_ACTIVATION, .help = "between 0 and 1: a probability", .example = "dense(8, sigmoid)"},
    .reads = READS_Y,
    .link = LINK_SIGMOID,
    .low = 0.0f,
    .high = 1.0f,
    .forward = sigmoid_forward,
    .backward = sigmoid_backward,
};
