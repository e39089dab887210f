/* A training: what it is to do, and what came of it. */
#ifndef NNL_TRAIN_TRAIN_H
#define NNL_TRAIN_TRAIN_H

#include "runtime/data/batch.h"
#include "runtime/data/recipe.h"
#include "runtime/file/saved.h"
#include "runtime/kinds/callback.h"
#include "runtime/plan/plan.h"

/* ---- What it is to do ------------------------------------------------------------------------------------------------ */

typedef struct {
    KindRef ref;      /* the metric that is meant (accuracy is resolved) */
    const char *name; /* the log key: the word written (`mse`, `auc`), numbered where it comes twice (`auc_1`) */
    Span span;
} TrainMetric;

typedef struct {
    const char *name;    /* of the output */
    KindRef loss;        /* kind NULL: no loss */
    bool loss_inferred;
    bool clipped;        /* see PlanOutput */
    double weight;
    TrainMetric *metrics;
    size_t n_metrics;
    size_t target;       /* place in recipe->targets */
} TrainOutput;

typedef struct {
    int64_t epochs, batch;
    KindRef optimizer;
    bool shuffle;
    TrainOutput *outputs;        /* one for each of graph->outputs */
    size_t n_outputs;
    const double *class_weights; /* by class of the only output's target; NULL: none */
    size_t n_class_weights;
    bool class_balanced;         /* weights are learned from the training rows: rows / (classes * rows of the class) */
    KindRef *callbacks;          /* in the order of the script */
    const Span *callback_spans;
    size_t n_callbacks;
    const size_t *input_groups;  /* the group of features of each of the graph's inputs */
    const char *folder;          /* paths in callbacks are relative to it */
    Span span;
} TrainConfig;

/* ---- What came of it ------------------------------------------------------------------------------------------------- */

/* Figures by epoch. Names are Keras's log keys, sorted: "accuracy", "loss", "val_accuracy", "val_loss"; several outputs:
 * "NAME_loss", "NAME_accuracy". What callbacks add stands behind. */
typedef struct {
    const char **names;
    size_t n_names;      /* of figures, without what callbacks added */
    size_t n_epochs;     /* finished */
    double **values;     /* values[epoch][name] */
    double *rates;       /* learning rate of each epoch */
    double *seconds;
} History;

/* The place of a figure in names, or -1. */
int history_find(const History *history, const char *name);

typedef enum { STOP_EPOCHS, STOP_EARLY, STOP_INTERRUPTED, STOP_NAN } StopReason;
const char *stop_reason_name(StopReason reason); /* "epochs", "early_stopping", "interrupted", "nan" */

typedef struct {
    History history;
    StopReason reason;
    int64_t epoch;       /* the last one finished, from 1 */
    int64_t best_epoch;  /* from 1; 0: nobody watched */
    const char *monitor; /* NULL: nobody watched */
    double best;
    bool restored;       /* an earlier epoch's weights were put back at the end */
    bool terminated;     /* SIGTERM: the program is to end */
} TrainResult;

/* ---- Doing it ------------------------------------------------------------------------------------------------------------ */

/* Who looks on. Each may be NULL. Figures are running averages while an epoch lasts. */
typedef struct {
    void *owner;
    void (*begin)(void *owner, const TrainConfig *config, size_t n_train, size_t n_validation);
    void (*batch)(void *owner, int64_t epoch, int64_t batch, int64_t n_batches, double running_loss); /* epoch from 1 */
    void (*epoch)(void *owner, const History *history);
    void (*say)(void *owner, const char *text);
    void (*file)(void *owner, int64_t epoch, const char *shown); /* a callback wrote the model; epoch from 1 */
    int (*interrupted)(void *owner); /* 0 no; 1 end the training; 2 end the program (SIGTERM) */
} TrainObserver;

typedef struct {
    Arena *arena;
    Model *model;
    const TrainConfig *config;
    const Dataset *data;
    DataPart train, validation; /* usually the dataset's parts; validation.n 0: none */
    uint64_t seed;
    uint32_t training;          /* number of this training of the model, from 0: keys random draws */
    const SavedParam *params;   /* of the script, for files that callbacks write */
    size_t n_params;
    Par *par;
    TrainObserver observer;
    Diags *diags;
} TrainRun;

/* Trains. false: reported (a number gone wrong: E0710, exit code 4; a file that cannot be written). */
bool train_model(const TrainRun *run, TrainResult *result);

/* The figures a configuration will log, sorted, with and without `val_`: what callbacks may monitor. */
size_t train_figure_names(Arena *arena, const TrainConfig *config, bool validates, const char ***names);
/* +1 more is better, -1 less, 0 unknown: of such a name. */
int train_figure_direction(const TrainConfig *config, const char *name);

#endif
