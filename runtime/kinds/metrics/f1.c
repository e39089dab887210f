/* f1: the harmonic mean of precision and recall, as one figure: with one unit at threshold 0.5; with several the mean over classes, where
 * the largest unit is the answer (Keras's F1Score gives a vector). f = 2 p r / (p + r + e), p = tp / (tp + fp + e), r = tp / (tp + fn + e),
 * e = 1e-7. State for each class: tp, fp, fn. */
#include "runtime/kinds/metrics/common.h"

static size_t state_size(const void *args, int64_t width)
{
    (void)args;
    return (size_t)(3 * width);
}

static void update(const void *args, const MetricBatch *batch, double *state)
{
    (void)args;
    int64_t width = batch->width;
    for (int64_t r = 0; r < batch->rows; r++) {
        double weight = metric_row_weight(batch, r);
        const float *pred = batch->pred + r * width, *target = batch->target + r * batch->target_width;
        float largest = pred[metric_argmax(pred, width)];
        for (int64_t c = 0; c < width; c++) {
            bool truth = batch->target_width == 1 && width > 1 ? (int64_t)target[0] == c : target[c] > 0.5f;
            /* All equal maxima count, as in Keras; a row of zeros names no class. */
            bool said = width == 1 ? pred[c] > 0.5f : pred[c] == largest && (pred[c] > 1e-9f || pred[c] < -1e-9f);
            if (truth && said) state[3 * c] += weight;
            if (!truth && said) state[3 * c + 1] += weight;
            if (truth && !said) state[3 * c + 2] += weight;
        }
    }
}

static double result(const void *args, int64_t width, const double *state)
{
    (void)args;
    const double e = 1e-7;
    double sum = 0.0;
    for (int64_t c = 0; c < width; c++) {
        double tp = state[3 * c], precision = tp / (tp + state[3 * c + 1] + e), recall = tp / (tp + state[3 * c + 2] + e);
        sum += 2.0 * precision * recall / (precision + recall + e);
    }
    return sum / (double)width;
}

const MetricKind metric_f1 = {
    .kind = {.name = "f1", .family = FAMILY_METRIC, .help = "precision and recall in one figure (their harmonic mean; over several classes the mean)",
             .example = "metrics f1", .args_size = 1, .aliases = "f1_score"},
    .direction = 1,
    .needs_probabilities = true,
    .state_size = state_size,
    .update = update,
    .result = result,
};
