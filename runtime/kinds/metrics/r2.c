/* r2: how much of the target's variance is explained: 1 - SSE / (sum y^2 - (sum y)^2 / n), per unit over the whole epoch, then the
 * mean over units; an infinite value counts as 0 (Keras's R2Score). State: n, then for each unit SSE, sum y, sum y^2. */
#include "runtime/kinds/metrics/common.h"

#include <math.h>

typedef struct {
    int aggregation;
    int64_t num_regressors;
} Args;

enum { MEAN, BY_VARIANCE };

static const ArgSpec args_r2[] = {
    ARG_WORD(Args, aggregation, "uniform_average|variance_weighted_average", "uniform_average", .keras = "class_aggregation",
             .help = "how several units become one figure"),
    ARG_INT(Args, num_regressors, .fallback = "0", .min = 0, .max = 1e9, .help = "features counted for the adjusted figure; 0: not adjusted"),
    ARG_END};

static size_t state_size(const void *args, int64_t width)
{
    (void)args;
    return (size_t)(2 + 3 * width);
}

static void update(const void *args, const MetricBatch *batch, double *state)
{
    (void)args;
    for (int64_t r = 0; r < batch->rows; r++) {
        double weight = metric_row_weight(batch, r);
        state[0] += weight;
        state[1] += (double)batch->width;
        for (int64_t i = 0; i < batch->width; i++) {
            double y = (double)batch->target[r * batch->target_width + i], error = y - (double)batch->pred[r * batch->width + i];
            double *unit = state + 2 + 3 * i;
            unit[0] += weight * error * error;
            unit[1] += weight * y;
            unit[2] += weight * y * y;
        }
    }
}

static double result(const void *args, int64_t width, const double *state)
{
    const Args *a = args;
    double sum = 0.0, total_variance = 0.0, n = state[0];
    if (n <= 0.0) return 0.0;
    for (int64_t i = 0; i < width; i++) {
        const double *unit = state + 2 + 3 * i;
        double variance = unit[2] - unit[1] * unit[1] / n;
        double score = 1.0 - unit[0] / variance;
        if (!isfinite(score)) score = 0.0;
        sum += a->aggregation == BY_VARIANCE ? score * variance : score;
        total_variance += variance;
    }
    double score = sum / (a->aggregation == BY_VARIANCE ? total_variance : (double)width);
    if (a->num_regressors > 0) {
        double elements = state[1], rest = elements - (double)a->num_regressors - 1.0;
        if (rest > 0.0) score = 1.0 - (1.0 - score) * (elements - 1.0) / rest;
    }
    return score;
}

const MetricKind metric_r2 = {
    .kind = {.name = "r2", .keras = "R2Score", .family = FAMILY_METRIC, .help = "the share of the target's variance that is explained; 1 is perfect",
             .example = "metrics r2", .args = args_r2, .args_size = sizeof(Args), .aliases = "r2_score"},
    .direction = 1,
    .state_size = state_size,
    .update = update,
    .result = result,
};
