/* accuracy: the share of right answers. Which figure is meant follows from the shapes, as in Keras: one unit: binary_accuracy; targets that
 * are class numbers: sparse_categorical_accuracy; else categorical_accuracy. */
#include "runtime/kinds/metrics/common.h"

extern const MetricKind metric_binary_accuracy, metric_categorical_accuracy, metric_sparse_categorical_accuracy;

static const MetricKind *resolve(const void *args, int64_t width, TargetForm target)
{
    (void)args;
    if (width == 1) return &metric_binary_accuracy;
    return target == TARGET_INDEX ? &metric_sparse_categorical_accuracy : &metric_categorical_accuracy;
}

const MetricKind metric_accuracy = {
    .kind = {.name = "accuracy", .keras = "Accuracy", .family = FAMILY_METRIC, .help = "the share of right answers",
             .example = "metrics accuracy", .args_size = 1, .aliases = "acc"},
    .direction = 1,
    .needs_probabilities = true,
    .resolve = resolve,
};
