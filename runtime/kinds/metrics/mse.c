/* mse: the mean of the squared errors. */
#include "runtime/kinds/metrics/common.h"

static double value(const void *args, const float *target, const float *pred, int64_t width)
{
    (void)args;
    double sum = 0.0;
    for (int64_t i = 0; i < width; i++) {
        double error = (double)pred[i] - (double)target[i];
        sum += error * error;
    }
    return sum / (double)width;
}

static void update(const void *args, const MetricBatch *batch, double *state)
{
    metric_mean_update(args, batch, state, value);
}

const MetricKind metric_mse = {
    .kind = {.name = "mse", .keras = "MeanSquaredError", .family = FAMILY_METRIC, .help = "the mean of the squared errors",
             .example = "metrics mse", .args_size = 1, .aliases = "mean_squared_error"},
    .direction = -1,
    .state_size = metric_mean_size,
    .update = update,
    .result = metric_mean_result,
};
