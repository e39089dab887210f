/* Cross-entropy of classes given as rows of shares: -sum y log p over the last axis.
 * From probabilities the row is divided by its sum, then clipped to [eps, 1 - eps]; where the clip is active no gradient
 * passes, and the rest passes through the division. From logits, log p = z - log(sum(exp z)) with the gradient
 * softmax(z) sum(y) - y. label_smoothing s over C classes: y becomes y (1 - s) + s / C. */
#include "runtime/kinds/losses/common.h"
#include "runtime/tensor/kernels.h"

#include <math.h>

typedef struct {
    LossCommon common;
    bool from_logits;
    double label_smoothing;
} CceArgs;

static const ArgSpec args_of[] = {
    ARG_BOOL(CceArgs, from_logits, false, .help = "the outputs are logits, not probabilities"),
    ARG_FLOAT(CceArgs, label_smoothing, .fallback = "0.0", .min = 0, .max = 1, .usual_min = 0, .usual_max = 0.3,
              .help = "the share of the target that is spread evenly over all classes"),
    LOSS_REDUCTION(CceArgs),
    ARG_END,
};

/* What smoothing makes of a share y: y * keep + spread. */
typedef struct {
    float keep, spread;
} Smoothing;

static Smoothing smoothing_of(const CceArgs *args, int64_t width)
{
    float s = (float)args->label_smoothing;
    return (Smoothing){.keep = 1.0f - s, .spread = s / (float)width};
}

static void cce_values(const void *args_, bool logits, const float *target, const float *pred, int64_t rows, int64_t width,
                       float *value)
{
    const CceArgs *args = args_;
    const Kernels *k = kernels();
    Smoothing s = smoothing_of(args, width);
    for (int64_t row = 0; row < rows; row++) {
        const float *y = target + row * width, *p = pred + row * width;
        double sum = 0;
        if (logits || args->from_logits) {
            float all = loss_log_sum_exp(p, width);
            for (int64_t i = 0; i < width; i++) {
                float share = y[i] * s.keep + s.spread;
                if (share != 0.0f) sum += (double)(share * (all - p[i]));
            }
            if (!isfinite(all)) sum = (double)NAN;
        } else {
            float whole = (float)k->sum(width, p);
            for (int64_t i = 0; i < width; i++) {
                float share = y[i] * s.keep + s.spread, q = p[i] / whole;
                if (isnan(q)) sum = (double)NAN;
                if (share == 0.0f) continue;
                q = q < LOSS_EPSILON ? LOSS_EPSILON : q > LOSS_NEARLY_ONE ? LOSS_NEARLY_ONE : q;
                sum -= (double)(share * loss_log(q));
            }
        }
        value[row] = (float)sum;
    }
}

static void cce_gradient(const void *args_, bool logits, const float *target, const float *pred, int64_t rows, int64_t width,
                         const float *scale, float *dpred)
{
    const CceArgs *args = args_;
    const Kernels *k = kernels();
    Smoothing s = smoothing_of(args, width);
    if (logits || args->from_logits) {
        k->softmax(rows, width, pred, width, dpred, width);
        for (int64_t row = 0; row < rows; row++) {
            const float *y = target + row * width;
            float *d = dpred + row * width;
            float shares = (float)k->sum(width, y) * s.keep + s.spread * (float)width;
            for (int64_t i = 0; i < width; i++) d[i] = scale[row] * (d[i] * shares - (y[i] * s.keep + s.spread));
        }
        return;
    }
    for (int64_t row = 0; row < rows; row++) {
        const float *y = target + row * width, *p = pred + row * width;
        float *d = dpred + row * width;
        float whole = (float)k->sum(width, p);
        double through = 0; /* what the division passes on to every entry: sum of dq_i q_i */
        for (int64_t i = 0; i < width; i++) {
            float q = p[i] / whole;
            bool clipped = q < LOSS_EPSILON || q > LOSS_NEARLY_ONE;
            d[i] = clipped ? 0.0f : -(y[i] * s.keep + s.spread) / q;
            through += clipped ? 0.0 : (double)(d[i] * q);
        }
        for (int64_t i = 0; i < width; i++) d[i] = scale[row] * ((d[i] - (float)through) / whole);
    }
}

const LossKind loss_categorical_crossentropy = {
    .kind = {.name = "categorical_crossentropy",
             .keras = "CategoricalCrossentropy",
             .family = FAMILY_LOSS,
             .help = "cross-entropy of classes, for outputs that end in a softmax",
             .example = "loss categorical_crossentropy(label_smoothing=0.1)",
             .args = args_of,
             .args_size = sizeof(CceArgs),
             .aliases = "cce"},
    .target = TARGET_ONE_HOT,
    .link = LINK_SOFTMAX,
    .values = cce_values,
    .gradient = cce_gradient,
};
