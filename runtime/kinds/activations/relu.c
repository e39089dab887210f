/* relu.c: x > threshold ? x : negative_slope (x - threshold), then at most max_value.
 * Derivatives at the kinks are those of the functions that Keras computes it by: at the threshold negative_slope where there is nothing but
 * a slope (leaky_relu), else 0; at max_value itself 1, but 0 where that is 6 (relu6). */
#include "runtime/kinds/activations/args.h"
#include "runtime/tensor/kernels.h"

#include <math.h>

static const ArgSpec args_of[] = {RELU_ACTIVATION_ARGS, ARG_END};

static bool is_plain(const ReluArgs *a) { return isnan(a->max_value) && a->negative_slope == 0 && a->threshold == 0; }

static void relu_forward(const void *args, const float *x, float *y, int64_t rows, int64_t width)
{
    const ReluArgs *a = args;
    int64_t n = rows * width;
    if (is_plain(a)) {
        kernels()->relu(n, x, y);
        return;
    }
    float slope = (float)a->negative_slope, threshold = (float)a->threshold, most = isnan(a->max_value) ? INFINITY : (float)a->max_value;
    for (int64_t i = 0; i < n; i++) {
        float value = x[i] > threshold ? x[i] : slope == 0 ? x[i] * 0.0f : slope * (x[i] - threshold);
        y[i] = value > most ? most : value;
    }
}

static void relu_backward(const void *args, const float *x, const float *y, const float *dy, float *dx, int64_t rows, int64_t width)
{
    (void)y;
    const ReluArgs *a = args;
    int64_t n = rows * width;
    if (is_plain(a)) {
        kernels()->relu_back(n, x, dy, dx);
        return;
    }
    float slope = (float)a->negative_slope, threshold = (float)a->threshold, most = isnan(a->max_value) ? INFINITY : (float)a->max_value;
    bool relu6 = most == 6.0f, leaky = threshold == 0 && isnan(a->max_value);
    for (int64_t i = 0; i < n; i++) {
        bool clipped = x[i] > threshold && (relu6 ? x[i] >= most : x[i] > most);
        dx[i] = clipped ? 0.0f : x[i] > threshold ? dy[i] : x[i] < threshold || leaky ? slope * dy[i] : 0.0f;
    }
}

const ActivationKind activation_relu = {
    .kind = {.name = "relu", .keras = "relu", .family = FAMILY_ACTIVATION, .help = "x where it is above 0, else 0", .example = "dense(64, relu)",
             .args = args_of, .args_size = sizeof(ReluArgs)},
    .reads = READS_X,
    .low = 0.0f,
    .high = INFINITY,
    .forward = relu_forward,
    .backward = relu_backward,
};
