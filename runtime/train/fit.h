/* The figures that the fit verdict rests on: both parts measured in the same way once training has ended. */
#ifndef NNL_TRAIN_FIT_H
#define NNL_TRAIN_FIT_H

#include "runtime/train/train.h"

typedef struct {
    double train;      /* loss over the training rows, dropout off, with the weights that are kept */
    double validation; /* the same over the validation rows */
    double penalties;  /* contained in both */
    double baseline;   /* loss over the validation rows of saying the mean target (the shares of classes) always; no penalties */
} FitFigures;

/* false: there is no validation part, or (reported) no memory for the plan. */
bool fit_measure(const TrainRun *run, FitFigures *figures);

#endif
