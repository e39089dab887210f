/* precision: of what is called positive, the share that is, over the whole epoch; 0 where there is none. */
#include "runtime/kinds/metrics/common.h"

static double result(const void *args, int64_t width, const double *state)
{
    (void)args;
    (void)width;
    double all = state[COUNT_TRUE_POSITIVE] + state[COUNT_FALSE_POSITIVE];
    return all > 0.0 ? state[COUNT_TRUE_POSITIVE] / all : 0.0;
}

const MetricKind metric_precision = {
    .kind = {.name = "precision", .keras = "Precision", .family = FAMILY_METRIC, .help = "of what is called positive, the share that is",
             .example = "metrics precision", .args = metric_count_args, .args_size = sizeof(CountArgs)},
    .direction = 1,
    .needs_probabilities = true,
    .state_size = metric_count_size,
    .update = metric_count_update,
    .result = result,
};
