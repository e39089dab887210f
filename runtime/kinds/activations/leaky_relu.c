/* leaky_relu.c: y = x where x >= 0, else negative_slope x. As an activation the slope is 0.2 by default, as a layer 0.3. */
#include "runtime/kinds/activations/args.h"
#include "runtime/tensor/kernels.h"

static const ArgSpec args_of[] = {LEAKY_RELU_ARGS("0.2"), ARG_END};

static void leaky_relu_forward(const void *args, const float *x, float *y, int64_t rows, int64_t width)
{
    kernels()->leaky_relu(rows * width, (float)((const LeakyReluArgs *)args)->negative_slope, x, y);
}

static void leaky_relu_backward(const void *args, const float *x, const float *y, const float *dy, float *dx, int64_t rows, int64_t width)
{
    (void)y;
    kernels()->leaky_relu_back(rows * width, (float)((const LeakyReluArgs *)args)->negative_slope, x, dy, dx);
}

const ActivationKind activation_leaky_relu = {
    .kind = {.name = "leaky_relu", .keras = "leaky_relu", .family = FAMILY_ACTIVATION, .help = "below 0 a line of small slope",
             .example = "dense(8, leaky_relu)", .args = args_of, .args_size = sizeof(LeakyReluArgs)},
    .reads = READS_X,
    .forward = leaky_relu_forward,
    .backward = leaky_relu_backward,
};
