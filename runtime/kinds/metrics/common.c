/* What metrics share; see common.h. */
#include "runtime/kinds/metrics/common.h"

#include <math.h>

double metric_row_weight(const MetricBatch *batch, int64_t row)
{
    double weight = batch->weight ? (double)batch->weight[row] : 1.0;
    return batch->mask && !batch->mask[row] ? 0.0 : weight;
}

size_t metric_mean_size(const void *args, int64_t width)
{
    (void)args;
    (void)width;
    return 2;
}

double metric_mean_result(const void *args, int64_t width, const double *state)
{
    (void)args;
    (void)width;
    return state[1] > 0.0 ? state[0] / state[1] : 0.0;
}

void metric_mean_update(const void *args, const MetricBatch *batch, double *state,
                        double (*value)(const void *args, const float *target, const float *pred, int64_t width))
{
    /* Every row of a sample weighs the same, so the mean of means over steps is the mean over rows. */
    double sum = 0.0, weights = 0.0;
    for (int64_t r = 0; r < batch->rows; r++) {
        double weight = metric_row_weight(batch, r);
        if (weight == 0.0) continue;
        sum += weight * value(args, batch->target + r * batch->target_width, batch->pred + r * batch->width, batch->width);
        weights += weight;
    }
    state[0] += sum;
    state[1] += weights;
}

int64_t metric_argmax(const float *x, int64_t n)
{
    int64_t best = 0;
    for (int64_t i = 1; i < n; i++)
        if (x[i] > x[best]) best = i;
    return best;
}

const ArgSpec metric_count_args[] = {
    {.name = "thresholds", .type = ARG_FLOAT, .offset = offsetof(CountArgs, threshold), .fallback = "none", .none = true, .max = 1,
     .help = "a unit counts as yes above this value; 0.5 where nothing is said"},
    {.name = "top_k", .type = ARG_INT, .offset = offsetof(CountArgs, top_k), .fallback = "none", .none = true, .min = 1, .max = 1e9,
     .help = "only the k largest units can count as yes"},
    {.name = "class_id", .type = ARG_INT, .offset = offsetof(CountArgs, class_id), .fallback = "none", .none = true, .min = 0, .max = 1e9,
     .help = "only this unit counts"},
    ARG_END};

size_t metric_count_size(const void *args, int64_t width)
{
    (void)args;
    (void)width;
    return COUNT_SIZE;
}

/* Whether fewer than k units are larger than unit i. */
static bool among_largest(const float *pred, int64_t width, int64_t i, int64_t k)
{
    int64_t larger = 0;
    for (int64_t j = 0; j < width; j++)
        if (pred[j] > pred[i] || (pred[j] == pred[i] && j < i)) larger++;
    return larger < k;
}

void metric_count_update(const void *args, const MetricBatch *batch, double *state)
{
    const CountArgs *a = args;
    double threshold = !isnan(a->threshold) ? a->threshold : a->top_k != ARG_NO_INT ? (double)-INFINITY : 0.5;
    for (int64_t r = 0; r < batch->rows; r++) {
        double weight = metric_row_weight(batch, r);
        const float *pred = batch->pred + r * batch->width;
        for (int64_t i = 0; i < batch->width; i++) {
            if (a->class_id != ARG_NO_INT && i != a->class_id) continue;
            bool truth = batch->target_width == 1 && batch->width > 1 ? (int64_t)batch->target[r] == i
                                                                      : batch->target[r * batch->target_width + i] > 0.5f;
            bool said = (double)pred[i] > threshold;
            if (said && a->top_k != ARG_NO_INT) said = among_largest(pred, batch->width, i, a->top_k);
            if (truth && said) state[COUNT_TRUE_POSITIVE] += weight;
            if (!truth && said) state[COUNT_FALSE_POSITIVE] += weight;
            if (truth && !said) state[COUNT_FALSE_NEGATIVE] += weight;
        }
    }
}
