/* binary_accuracy: the share of units whose value lies on the right side of the threshold (strictly above it counts as 1). */
#include "runtime/kinds/metrics/common.h"

typedef struct {
    double threshold;
} Args;

static const ArgSpec args_binary[] = {ARG_FLOAT(Args, threshold, .fallback = "0.5", .max = 1, .help = "above this a unit counts as 1"), ARG_END};

static double value(const void *args, const float *target, const float *pred, int64_t width)
{
    float threshold = (float)((const Args *)args)->threshold;
    double right = 0.0;
    for (int64_t i = 0; i < width; i++) right += (pred[i] > threshold ? 1.0f : 0.0f) == target[i];
    return right / (double)width;
}

static void update(const void *args, const MetricBatch *batch, double *state)
{
    metric_mean_update(args, batch, state, value);
}

const MetricKind metric_binary_accuracy = {
    .kind = {.name = "binary_accuracy", .keras = "BinaryAccuracy", .family = FAMILY_METRIC,
             .help = "the share of right answers of sigmoid units", .example = "metrics binary_accuracy", .args = args_binary,
             .args_size = sizeof(Args)},
    .direction = 1,
    .needs_probabilities = true,
    .state_size = metric_mean_size,
    .update = update,
    .result = metric_mean_result,
};
