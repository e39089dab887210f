/* Scores of predictions: errors of numbers in the target's own units, and the counts of classes. Pure functions of arrays. */
#ifndef NNL_TRAIN_SCORE_H
#define NNL_TRAIN_SCORE_H

#include "runtime/base/arena.h"

typedef struct {
    size_t n;
    double mae, rmse;
    double mape;       /* percent; rows whose truth is 0 left out; NaN where none is left */
    size_t mape_n;     /* rows that count in it */
    double r2;         /* NaN where the truth does not vary */
} NumberScore;

NumberScore score_numbers(const double *truth, const double *predicted, size_t n);

typedef struct {
    size_t n, n_classes;
    size_t *confusion;     /* [truth * n_classes + predicted] */
    double *class_precision, *class_recall, *class_f1; /* 0 where there is nothing to divide */
    double accuracy;
    double precision, recall, f1; /* two classes: of class 1, the positive one; more: means over classes */
    double auc;            /* exact area under the ROC curve; more than two classes: mean of one against the rest; NaN where a class is absent */
    double threshold;      /* two classes: a probability above it counts as class 1; else NaN */
} ClassScore;

/* probability: n × n_classes. Two classes: class 1 where its probability is above the threshold; more: the largest (first of equals). */
ClassScore score_classes(Arena *arena, const uint32_t *truth, const double *probability, size_t n, size_t n_classes, double threshold);
/* The threshold between the values that occur with the best F1 of class 1, and that F1; 0.5 where no row is positive. */
double score_best_threshold(Arena *arena, const uint32_t *truth, const double *positive, size_t n, double *f1);
/* Area under the ROC curve from ranks, ties counting half. NaN where all rows are of one sort. */
double score_auc(Arena *arena, const bool *truth, const double *value, size_t stride, size_t n);

#endif
