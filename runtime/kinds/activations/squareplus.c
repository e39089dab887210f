/* squareplus.c: y = (x + sqrt(x^2 + b)) / 2, in float32 as written.   y' = (1 + x / sqrt(x^2 + b)) / 2 */
#include "runtime/kinds/kind.h"

#include <math.h>

typedef struct {
    double b;
} SquareplusArgs;

static const ArgSpec args_of[] = {
    ARG_FLOAT(SquareplusArgs, b, .fallback = "4.0", .min = 0, .max = 1e30, .min_open = true, .help = "how wide the bend at 0 is"),
    ARG_END,
};

static void squareplus_forward(const void *args, const float *x, float *y, int64_t rows, int64_t width)
{
    float b = (float)((const SquareplusArgs *)args)->b;
    for (int64_t i = 0; i < rows * width; i++) y[i] = 0.5f * (x[i] + sqrtf(x[i] * x[i] + b));
}

static void squareplus_backward(const void *args, const float *x, const float *y, const float *dy, float *dx, int64_t rows, int64_t width)
{
    (void)y;
    float b = (float)((const SquareplusArgs *)args)->b;
    for (int64_t i = 0; i < rows * width; i++) dx[i] = dy[i] * (0.5f * (1.0f + x[i] / sqrtf(x[i] * x[i] + b)));
}

const ActivationKind activation_squareplus = {
    .kind = {.name = "squareplus", .keras = "squareplus", .keras_since = 9, .family = FAMILY_ACTIVATION,
             .help = "a smooth relu without exponentials, always above 0",
             .example = "dense(8, squareplus)", .args = args_of, .args_size = sizeof(SquareplusArgs)},
    .reads = READS_X,
    .low = 0.0f,
    .high = INFINITY,
    .forward = squareplus_forward,
    .backward = squareplus_backward,
};
