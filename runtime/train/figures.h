/* Losses and metrics gathered over the batches of an epoch, under Keras's log keys. */
#ifndef NNL_TRAIN_FIGURES_H
#define NNL_TRAIN_FIGURES_H

#include "runtime/train/train.h"

typedef struct {
    Arena *arena;
    const TrainConfig *config;
    const Plan *plan;
    double total;          /* sum of batch losses, each times its samples */
    double *losses;        /* the same for each output */
    int64_t samples;
    double ***states;      /* [output][metric]: the metric's own state */
    int64_t *width, *steps; /* of each output: its last axis, and the rows of a sample */
} Figures;

Figures figures_new(Arena *arena, const TrainConfig *config, const Plan *plan, const Graph *graph);
void figures_reset(Figures *figures);
/* A batch that the plan has just run forward. */
void figures_add(Figures *figures, const PlanResult *result, int64_t samples);
double figures_loss(const Figures *figures);
/* The value of a log key (without val_): false: no such key. */
bool figures_value(const Figures *figures, const char *name, double *value);

/* How a target must be given for a loss, and for the metrics of an output without one. */
TargetForm loss_target_form(const TrainOutput *output, const Dataset *data);

#endif
