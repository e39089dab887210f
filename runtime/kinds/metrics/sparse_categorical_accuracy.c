/* sparse_categorical_accuracy: the share of samples whose largest unit is the true class (a number). */
#include "runtime/kinds/metrics/common.h"

static double value(const void *args, const float *target, const float *pred, int64_t width)
{
    (void)args;
    return metric_argmax(pred, width) == (int64_t)target[0] ? 1.0 : 0.0;
}

static void update(const void *args, const MetricBatch *batch, double *state)
{
    metric_mean_update(args, batch, state, value);
}

const MetricKind metric_sparse_categorical_accuracy = {
    .kind = {.name = "sparse_categorical_accuracy", .keras = "SparseCategoricalAccuracy", .family = FAMILY_METRIC,
             .help = "the share of samples whose largest unit is the true class", .example = "metrics sparse_categorical_accuracy", .args_size = 1},
    .direction = 1,
    .needs_probabilities = true,
    .state_size = metric_mean_size,
    .update = update,
    .result = metric_mean_result,
};
