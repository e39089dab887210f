/* A training: what it is to do, and what came of it. */
#ifndef NNL_TRAIN_TRAIN_H
#define NNL_TRAIN_TRAIN_H

#include "runtime/data/recipe.h"
#include "runtime/plan/plan.h"

typedef struct {
    KindRef ref;
    const char *name; /* the log key: the word written (`mse`, `auc`), numbered where it comes twice (`auc_1`) */
    Span span;
} TrainMetric;

typedef struct {
    const char *name;    /* of the output */
    KindRef loss;
    bool loss_inferred;
    double weight;
    TrainMetric *metrics;
    size_t n_metrics;
    size_t target;       /* place in recipe->targets */
} TrainOutput;

typedef struct {
    int64_t epochs, batch;
    KindRef optimizer;
    bool shuffle;
    TrainOutput *outputs;
    size_t n_outputs;
    const double *class_weights; /* by class of the only output, parallel to its classes; NULL: none */
    size_t n_class_weights;
    bool class_balanced;         /* weights are learned from the training rows: rows / (classes * rows of the class) */
    KindRef *callbacks;          /* in the order of the script */
    size_t n_callbacks;
    const size_t *input_groups;  /* the group of features of each of the graph's inputs */
    Span span;
} TrainConfig;

#endif
