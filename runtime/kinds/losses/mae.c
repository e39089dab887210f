/* Mean absolute error: mean of abs(p - y) over the last axis. Where they are equal the gradient is 0. */
#include "runtime/kinds/losses/common.h"

#include <math.h>

typedef struct {
    LossCommon common;
} MaeArgs;

static const ArgSpec args_of[] = {LOSS_REDUCTION(MaeArgs), ARG_END};

static void distances(const void *args, bool logits, const float *target, const float *pred, int64_t n, float *out)
{
    (void)args, (void)logits;
    for (int64_t i = 0; i < n; i++) out[i] = fabsf(pred[i] - target[i]);
}

static void signs(const void *args, bool logits, const float *target, const float *pred, int64_t n, float *out)
{
    (void)args, (void)logits;
    for (int64_t i = 0; i < n; i++) {
        float d = pred[i] - target[i];
        out[i] = d > 0 ? 1.0f : d < 0 ? -1.0f : d; /* 0, and NaN stays */
    }
}

static void mae_values(const void *args, bool logits, const float *target, const float *pred, int64_t rows, int64_t width,
                       float *value)
{
    loss_row_means(distances, args, logits, target, pred, rows, width, value);
}

static void mae_gradient(const void *args, bool logits, const float *target, const float *pred, int64_t rows, int64_t width,
                         const float *scale, float *dpred)
{
    loss_row_slopes(signs, args, logits, target, pred, rows, width, scale, dpred);
}

const LossKind loss_mae = {
    .kind = {.name = "mae",
             .keras = "MeanAbsoluteError",
             .family = FAMILY_LOSS,
             .help = "mean absolute error, for numbers with outliers",
             .example = "loss mae",
             .args = args_of,
             .args_size = sizeof(MaeArgs),
             .aliases = "mean_absolute_error"},
    .target = TARGET_NUMBERS,
    .values = mae_values,
    .gradient = mae_gradient,
};
