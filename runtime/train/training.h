/* A training while it lasts: what the loop and the services of callbacks share. */
#ifndef NNL_TRAIN_TRAINING_H
#define NNL_TRAIN_TRAINING_H

#include "runtime/train/figures.h"

#define MAX_ADDED 8

/* A file that a callback wrote. */
typedef struct {
    int64_t epoch; /* from 1 */
    const char *shown;
} TrainFile;

struct Training {
    const TrainRun *run;
    TrainResult *result;
    History *history;
    Plan *train_plan, *validation_plan;
    Epoch order;
    Figures train_figures, validation_figures;
    CallbackRun *callbacks;
    float *best_weights;
    bool stopping;
    StopReason reason;
    /* Where it stands: epochs done, and batches done of the next one. */
    int64_t epoch, batch;
    double started, seconds; /* the clock when the epoch was begun or resumed; seconds it took before */
    bool within;             /* callbacks are called between batches: figures are those of the epoch so far */
    bool watched;            /* a callback that may put weights back says which epoch is best */
    VEC(TrainFile) files;
    const SavedScore *scores; /* what files tell of the training rows; NULL: not learned yet */
    size_t n_scores;
    struct Backup *backup;   /* NULL: none is kept */
    bool backup_asked;
    /* Figures of the epoch that just ended: sorted, then what callbacks added. */
    const char **names;
    double *values;
    size_t n_names, n_added;
    double epoch_rate;
};

extern const TrainingServices training_services;

/* Seconds of the epoch so far. */
double training_seconds(const Training *training);

#endif
