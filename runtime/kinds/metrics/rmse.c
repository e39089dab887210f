/* rmse: the root of the mean squared error over all numbers so far (not a mean of batch values). */
#include "runtime/kinds/metrics/common.h"

#include <math.h>

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

static double result(const void *args, int64_t width, const double *state)
{
    return sqrt(metric_mean_result(args, width, state));
}

const MetricKind metric_rmse = {
    .kind = {.name = "rmse", .keras = "RootMeanSquaredError", .family = FAMILY_METRIC, .help = "the root of the mean squared error",
             .example = "metrics rmse", .args_size = 1, .aliases = "root_mean_squared_error"},
    .direction = -1,
    .state_size = metric_mean_size,
    .update = update,
    .result = result,
};
