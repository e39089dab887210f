/* Binary cross-entropy: the mean over the last axis of -(y log p + (1 - y) log(1 - p)).
 * From probabilities, p is clipped to [eps, 1 - eps], and outside the gradient is 0. From logits z (p = sigmoid(z)) it is
 * max(z, 0) - z y + log(1 + exp(-abs z)), with the gradient sigmoid(z) - y, which never dies.
 * label_smoothing s: y becomes y (1 - s) + s / 2. */
#include "runtime/kinds/losses/common.h"
#include "runtime/tensor/kernels.h"

#include <math.h>

enum { CHUNK = 256 };

typedef struct {
    LossCommon common;
    bool from_logits;
    double label_smoothing;
} BceArgs;

static const ArgSpec args_of[] = {
    ARG_BOOL(BceArgs, from_logits, false, .help = "the outputs are logits, not probabilities"),
    ARG_FLOAT(BceArgs, label_smoothing, .fallback = "0.0", .min = 0, .max = 1, .usual_min = 0, .usual_max = 0.3,
              .help = "how far targets are drawn from 0 and 1 towards one half"),
    LOSS_REDUCTION(BceArgs),
    ARG_END,
};

static inline float smoothed(float y, float smoothing)
{
    return y * (1.0f - smoothing) + 0.5f * smoothing;
}

static void values_of(const void *args_, bool logits, const float *target, const float *pred, int64_t n, float *out)
{
    const BceArgs *args = args_;
    const Kernels *k = kernels();
    float s = (float)args->label_smoothing;
    float a[CHUNK], b[CHUNK];
    for (int64_t from = 0; from < n; from += CHUNK) {
        int64_t count = n - from < CHUNK ? n - from : CHUNK;
        const float *y = target + from, *p = pred + from;
        float *to = out + from;
        if (logits || args->from_logits) {
            for (int64_t i = 0; i < count; i++) a[i] = -fabsf(p[i]);
            k->softplus(count, a, a);
            for (int64_t i = 0; i < count; i++) to[i] = (p[i] > 0 ? p[i] : 0.0f) - p[i] * smoothed(y[i], s) + a[i];
        } else {
            k->clip(count, LOSS_EPSILON, LOSS_NEARLY_ONE, p, a);
            k->affine(count, -1.0f, 1.0f, a, b);
            k->log(count, a, a);
            k->log(count, b, b);
            for (int64_t i = 0; i < count; i++) {
                float t = smoothed(y[i], s);
                to[i] = -(t * a[i] + (1.0f - t) * b[i]);
            }
        }
    }
}

static void slopes(const void *args_, bool logits, const float *target, const float *pred, int64_t n, float *out)
{
    const BceArgs *args = args_;
    float s = (float)args->label_smoothing;
    if (logits || args->from_logits) {
        kernels()->sigmoid(n, pred, out);
        for (int64_t i = 0; i < n; i++) out[i] -= smoothed(target[i], s);
        return;
    }
    for (int64_t i = 0; i < n; i++) {
        float p = pred[i];
        bool clipped = p < LOSS_EPSILON || p > LOSS_NEARLY_ONE;
        out[i] = clipped ? 0.0f : (p - smoothed(target[i], s)) / (p * (1.0f - p));
    }
}

static void bce_values(const void *args, bool logits, const float *target, const float *pred, int64_t rows, int64_t width,
                       float *value)
{
    loss_row_means(values_of, args, logits, target, pred, rows, width, value);
}

static void bce_gradient(const void *args, bool logits, const float *target, const float *pred, int64_t rows, int64_t width,
                         const float *scale, float *dpred)
{
    loss_row_slopes(slopes, args, logits, target, pred, rows, width, scale, dpred);
}

const LossKind loss_binary_crossentropy = {
    .kind = {.name = "binary_crossentropy",
             .keras = "BinaryCrossentropy",
             .family = FAMILY_LOSS,
             .help = "cross-entropy of yes-or-no outputs that end in a sigmoid",
             .example = "loss binary_crossentropy(label_smoothing=0.1)",
             .args = args_of,
             .args_size = sizeof(BceArgs),
             .aliases = "bce"},
    .target = TARGET_NUMBERS,
    .link = LINK_SIGMOID,
    .values = bce_values,
    .gradient = bce_gradient,
};
