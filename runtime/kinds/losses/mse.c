/* Mean squared error: mean of (p - y)^2 over the last axis. */
#include "runtime/kinds/losses/common.h"

typedef struct {
    LossCommon common;
} MseArgs;

static const ArgSpec args_of[] = {LOSS_REDUCTION(MseArgs), ARG_END};

static void squares(const void *args, bool logits, const float *target, const float *pred, int64_t n, float *out)
{
    (void)args, (void)logits;
    for (int64_t i = 0; i < n; i++) {
        float d = pred[i] - target[i];
        out[i] = d * d;
    }
}

static void slopes(const void *args, bool logits, const float *target, const float *pred, int64_t n, float *out)
{
    (void)args, (void)logits;
    for (int64_t i = 0; i < n; i++) out[i] = 2.0f * (pred[i] - target[i]);
}

static void mse_values(const void *args, bool logits, const float *target, const float *pred, int64_t rows, int64_t width,
                       float *value)
{
    loss_row_means(squares, args, logits, target, pred, rows, width, value);
}

static void mse_gradient(const void *args, bool logits, const float *target, const float *pred, int64_t rows, int64_t width,
                         const float *scale, float *dpred)
{
    loss_row_slopes(slopes, args, logits, target, pred, rows, width, scale, dpred);
}

const LossKind loss_mse = {
    .kind = {.name = "mse",
             .keras = "MeanSquaredError",
             .family = FAMILY_LOSS,
             .help = "mean squared error, for numbers",
             .example = "loss mse",
             .args = args_of,
             .args_size = sizeof(MseArgs),
             .aliases = "mean_squared_error"},
    .target = TARGET_NUMBERS,
    .values = mse_values,
    .gradient = mse_gradient,
};
