/* categorical_accuracy: the share of samples whose largest unit is the true class. */
#include "runtime/kinds/metrics/common.h"

static double value(const void *args, const float *target, const float *pred, int64_t width)
{
    (void)args;
    return metric_argmax(pred, width) == metric_argmax(target, width) ? 1.0 : 0.0;
}

static void update(const void *args, const MetricBatch *batch, double *state)
{
    metric_mean_update(args, batch, state, value);
}

const MetricKind metric_categorical_accuracy = {
    .kind = {.name = "categorical_accuracy", .keras = "CategoricalAccuracy", .family = FAMILY_METRIC,
             .help = "the share of samples whose largest unit is the true class", .example = "metrics categorical_accuracy", .args_size = 1},
    .direction = 1,
    .needs_probabilities = true,
    .state_size = metric_mean_size,
    .update = update,
    .result = metric_mean_result,
};
