/* A training while it lasts: what the loop and the services of callbacks share. */
#ifndef NNL_TRAIN_TRAINING_H
#define NNL_TRAIN_TRAINING_H

#include "runtime/train/figures.h"

#define MAX_ADDED 8

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
    /* Figures of the epoch that just ended: sorted, then what callbacks added. */
    const char **names;
    double *values;
    size_t n_names, n_added;
    double epoch_rate;
};

extern const TrainingServices training_services;

#endif
