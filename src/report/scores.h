/* Evaluations as text and as events: scores beside baselines, confusion matrix and per-class table, or errors in the target's units. */
#ifndef NNL_REPORT_SCORES_H
#define NNL_REPORT_SCORES_H

#include "runtime/train/cross_validate.h"
#include "runtime/train/evaluate.h"
#include "src/report/log.h"

typedef struct {
    const char *model;
    Evaluation evaluation;
} ScoredModel;

/* Several models make one table, least loss first; `on` is what was scored: "customers.test". */
void scores_print(Arena *arena, const ScoredModel *models, size_t n, const char *on, Buf *out);
/* The event `evaluate` of one model. */
void scores_log(Log *log, const ScoredModel *model, const char *data);

/* Cross-validation: a line for each fold, mean and deviation, the baselines; and its event. */
void folds_print(Arena *arena, const char *model, const char *data, const CrossResult *result, Buf *out);
void folds_log(Log *log, const char *model, const char *data, const CrossResult *result);

#endif
