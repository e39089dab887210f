/* Huber loss: with e = abs(p - y), the mean of e^2 / 2 where e <= delta, else of delta e - delta^2 / 2. */
#include "runtime/kinds/losses/common.h"

#include <math.h>

typedef struct {
    LossCommon common;
    double delta;
} HuberArgs;

static const ArgSpec args_of[] = {
    ARG_FLOAT(HuberArgs, delta, .fallback = "1.0", .min = 0, .max = HUGE_VAL, .min_open = true, .usual_min = 1e-3, .usual_max = 1e3,
              .help = "up to this distance the loss is a square, beyond it a straight line"),
    LOSS_REDUCTION(HuberArgs),
    ARG_END,
};

static void values_of(const void *args, bool logits, const float *target, const float *pred, int64_t n, float *out)
{
    (void)logits;
    float delta = (float)((const HuberArgs *)args)->delta;
    for (int64_t i = 0; i < n; i++) {
        float e = fabsf(pred[i] - target[i]);
        out[i] = e <= delta ? 0.5f * e * e : delta * e - 0.5f * delta * delta;
    }
}

static void slopes(const void *args, bool logits, const float *target, const float *pred, int64_t n, float *out)
{
    (void)logits;
    float delta = (float)((const HuberArgs *)args)->delta;
    for (int64_t i = 0; i < n; i++) {
        float d = pred[i] - target[i];
        out[i] = d > delta ? delta : d < -delta ? -delta : d;
    }
}

static void huber_values(const void *args, bool logits, const float *target, const float *pred, int64_t rows, int64_t width,
                         float *value)
{
    loss_row_means(values_of, args, logits, target, pred, rows, width, value);
}

static void huber_gradient(const void *args, bool logits, const float *target, const float *pred, int64_t rows, int64_t width,
                           const float *scale, float *dpred)
{
    loss_row_slopes(slopes, args, logits, target, pred, rows, width, scale, dpred);
}

const LossKind loss_huber = {
    .kind = {.name = "huber",
             .keras = "Huber",
             .family = FAMILY_LOSS,
             .help = "square for small errors, straight for large ones",
             .example = "loss huber(delta=1.0)",
             .args = args_of,
             .args_size = sizeof(HuberArgs),
             .aliases = "huber_loss|smooth_l1"},
    .target = TARGET_NUMBERS,
    .values = huber_values,
    .gradient = huber_gradient,
};
