/* What metrics share. Weights of rows: the mask (0 or 1) times the weight, 1 where there are none. */
#ifndef NNL_KINDS_METRICS_COMMON_H
#define NNL_KINDS_METRICS_COMMON_H

#include "runtime/kinds/kind.h"

double metric_row_weight(const MetricBatch *batch, int64_t row);

/* Means keep {sum of weight * value, sum of weights}. A sample's value is the mean over its steps; masked steps do not count. */
size_t metric_mean_size(const void *args, int64_t width);
double metric_mean_result(const void *args, int64_t width, const double *state);
/* value(args, target, pred, width): a row's value. */
void metric_mean_update(const void *args, const MetricBatch *batch, double *state,
                        double (*value)(const void *args, const float *target, const float *pred, int64_t width));

/* The place of the first of equal largest numbers. */
int64_t metric_argmax(const float *x, int64_t n);

/* Counts of predictions over a threshold, as precision and recall need them. */
typedef struct {
    double threshold; /* NaN: 0.5, or 0 with top_k */
    int64_t top_k;    /* ARG_NO_INT: all units */
    int64_t class_id; /* ARG_NO_INT: all units */
} CountArgs;
extern const ArgSpec metric_count_args[];
enum { COUNT_TRUE_POSITIVE, COUNT_FALSE_POSITIVE, COUNT_FALSE_NEGATIVE, COUNT_SIZE };
size_t metric_count_size(const void *args, int64_t width);
void metric_count_update(const void *args, const MetricBatch *batch, double *state);

#endif
