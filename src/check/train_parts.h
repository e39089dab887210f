/* What the parts of the train checker share. */
#ifndef NNL_CHECK_TRAIN_PARTS_H
#define NNL_CHECK_TRAIN_PARTS_H

#include "src/check/args.h"
#include "src/check/train.h"

#define NO_TARGET ((size_t)-1)

ArgContext train_arguments(const TrainContext *context);
size_t train_find_output(const TrainContext *context, const TrainConfig *config, const Ast *name);

/* The loss of an output: the one named, judged against target and output, or the one that follows from both; and its metrics.
 * (train_loss.c) */
void check_train_loss(const TrainContext *context, TrainOutput *output, int k, Span loss_span);

/* Callbacks, once all figures are known (train_callbacks.c). whole: no earlier clause was wrong, so that the list of figures is complete. */
void check_train_callbacks(const TrainContext *context, TrainConfig *config, const Ast *train, bool whole);

#endif
