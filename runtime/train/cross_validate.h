/* Cross-validation: the same training several times over, each time scored on rows it did not see.
 *
 * Plain tables are cut into folds by lot (stratified for classes), each fold scored by a model trained on the others. Ordered tables go by
 * expanding windows: the rows of a series are cut into folds + 1 stretches, and each stretch but the first is scored by a model trained on
 * all that lies before it. Test rows take no part. Scales, categories, fills, class weights and the model's weights are made anew each time; those that a
 * model brought from a file too, since they may have learned from the very rows that are scored. */
#ifndef NNL_TRAIN_CROSS_VALIDATE_H
#define NNL_TRAIN_CROSS_VALIDATE_H

#include "runtime/train/evaluate.h"

typedef struct {
    Evaluation evaluation;
    size_t n_train; /* training samples */
    int64_t epochs; /* finished */
} Fold;

typedef struct {
    Fold *folds; /* repeat by repeat */
    size_t n_folds;
    bool ordered;
    bool lacking;         /* it failed because a fold has too few rows */
    bool watched;         /* a callback watched the figures of the rows that are scored */
    Evaluation mean, deviation; /* over the folds: each figure; deviation with n - 1; NaN where fewer than two folds have it */
} CrossResult;

typedef struct {
    Arena *arena;
    Graph *graph;
    const TrainConfig *config;
    const Dataset *data;
    size_t folds, repeats;
    uint64_t seed;
    Par *par;
    TrainObserver observer; /* `epoch` and `interrupted` count */
    Span span;              /* of the statement */
    Diags *diags;
} CrossRun;

/* The part of each row in fold number `fold` (from 0) of a repeat: PART_TRAIN, PART_VALIDATION (those to be scored) or PART_NONE. */
void cross_parts(const Dataset *data, size_t folds, size_t fold, size_t repeat, Part *parts);
/* Rows that take part: all but those of the test part; of an ordered table those of its shortest series. */
size_t cross_rows(const Dataset *data);
/* Whether a fold has samples to train on and samples to score; else E0617 is reported at `span`. */
bool cross_filled(const Dataset *fold_data, size_t fold, size_t folds, Span span, Diags *diags);
/* Rows of each class of the only target among them, where folds are stratified; NULL: they are not. */
const size_t *cross_strata(const Dataset *data, Arena *arena, size_t *n);

/* false: reported, or interrupted (then *interrupted is not 0; see TrainObserver). */
bool cross_validate(const CrossRun *run, CrossResult *result, int *interrupted);

#endif
