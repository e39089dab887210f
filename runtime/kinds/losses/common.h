/* What losses share: the reduction, means over the last axis, labels. */
#ifndef NNL_KINDS_LOSSES_COMMON_H
#define NNL_KINDS_LOSSES_COMMON_H

#include "runtime/kinds/kind.h"

/* How row values become one figure. In the order of LOSS_REDUCTION_WORDS. */
typedef enum {
    REDUCE_MEAN,          /* divided by the number of rows (of valid rows, where a mask arrives) */
    REDUCE_SUM,
    REDUCE_WEIGHTED_MEAN, /* divided by the sum of weights */
} Reduction;
#define LOSS_REDUCTION_WORDS "sum_over_batch_size|sum|mean_with_sample_weight"

/* Arguments every loss has; the first member of its own struct. */
typedef struct {
    int reduction;
} LossCommon;

#define LOSS_REDUCTION(S)                                                                              \
    {.name = "reduction",                                                                              \
     .type = ARG_WORD,                                                                                 \
     .offset = offsetof(S, common.reduction),                                                          \
     .words = LOSS_REDUCTION_WORDS,                                                                    \
     .fallback = "sum_over_batch_size",                                                                \
     .help = "how the rows' values become one figure"}

/* Many losses are a mean over the last axis of something elementwise: out[i] = f(target[i], pred[i]). */
typedef void LossElements(const void *args, bool logits, const float *target, const float *pred, int64_t n, float *out);

/* value[row] = mean of f over the row. */
void loss_row_means(LossElements *f, const void *args, bool logits, const float *target, const float *pred, int64_t rows,
                    int64_t width, float *value);
/* dpred = scale[row] / width * f, where f is the derivative by pred. */
void loss_row_slopes(LossElements *f, const void *args, bool logits, const float *target, const float *pred, int64_t rows,
                     int64_t width, const float *scale, float *dpred);

/* Keras's epsilon, and 1 - epsilon in float32. */
#define LOSS_EPSILON 1e-7f
#define LOSS_NEARLY_ONE 0.99999988f

/* log(sum(exp(x))) of a row of logits. */
float loss_log_sum_exp(const float *x, int64_t width);
/* Natural logarithm of one number, the same bits on every machine. */
float loss_log(float x);

#endif
