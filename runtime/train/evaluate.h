/* A trained model's answers, and what they are worth beside naive ones. */
#ifndef NNL_TRAIN_EVALUATE_H
#define NNL_TRAIN_EVALUATE_H

#include "runtime/file/saved.h"
#include "runtime/train/score.h"
#include "runtime/train/train.h"

/* Answers to n samples: of each output size[k] floats a sample, on the scale the model is trained on. */
typedef struct {
    size_t n;
    float **values;
    size_t *sizes;
} Answers;

/* Runs the model on samples, in their order. false: reported. */
bool answer_samples(Arena *arena, Model *model, const TrainConfig *config, const Dataset *data, DataPart samples, Par *par, Answers *answers,
                    Diags *diags);

/* ---- Scores ---------------------------------------------------------------------------------------------------------- */

typedef struct {
    const char *name; /* of the baseline */
    NumberScore numbers;
    ClassScore classes;
} BaselineScore;

/* The same answers and those of each baseline. */
typedef struct {
    NumberScore numbers; /* where the column is numbers */
    ClassScore classes;  /* where it is classes */
    BaselineScore *baselines;
    size_t n_baselines;  /* 0: none is known */
    size_t best;         /* the baseline that is hardest to beat: least rmse, or largest accuracy */
    bool beaten;         /* the model is better than that one: rmse, or accuracy (at equal accuracy: auc above 0.5) */
} Score;

/* One column of one output. */
typedef struct {
    const char *name;         /* the target column */
    const char *const *labels; /* of classes; NULL: numbers */
    size_t n_labels;
    Score all;                /* over all steps */
    Score *steps;             /* `ahead A..B`: each step by itself; else NULL */
    size_t n_steps, ahead;    /* number of steps; how far ahead the first one lies */
    size_t season;            /* rows of the season that `same_season` goes back; 0: none */
    double best_threshold;    /* of two classes, by F1 on the validation part; NaN: more than two classes, or no validation part */
} ColumnScore;

typedef struct {
    const char *name;
    ColumnScore *columns;
    size_t n_columns;
} OutputScore;

typedef struct {
    size_t samples;
    double loss;
    const char **names;    /* the script's metrics (and NAME_loss of several outputs), without `loss` */
    double *values;
    size_t n_names;
    OutputScore *outputs;
    size_t n_outputs;
    bool beaten;           /* in every column */
} Evaluation;

typedef struct {
    Arena *arena;
    Model *model;
    const TrainConfig *config; /* the training's: losses and metrics */
    const Dataset *trained_on; /* whose training part the baselines learn from, and whose validation part gives the threshold; NULL: */
    const SavedScore *known;   /* what was kept of it (see evaluate_learn); baselines that are not among it are left out */
    size_t n_known;
    const Dataset *data;       /* what is scored */
    DataPart samples;
    double threshold;          /* of two classes; NaN: 0.5 */
    size_t season;             /* rows from one season to the next; 0: looked for in the training rows */
    Par *par;
    Diags *diags;
} EvaluateRun;

bool evaluate_model(const EvaluateRun *run, Evaluation *evaluation);

/* What an evaluation without the training rows needs of them, column by column over all outputs, *n of them. It is the same for every state of
 * the model but for the threshold, which takes a pass of it over the validation rows. run: without data and samples. */
const SavedScore *evaluate_learn(const EvaluateRun *run, bool threshold, size_t *n);

/* The configuration of a training, to be used on another data set: inputs and targets found there by their names (where there is one of
 * each, that one). */
const TrainConfig *train_config_for(Arena *arena, const TrainConfig *config, const Graph *graph, const Dataset *trained_on, const Dataset *data);

/* Whether a column of an output is scored as classes, and its probabilities (n × n_labels) from answers. */
bool output_is_classes(const Model *model, const TrainConfig *config, const Dataset *data, size_t output);
void answer_probabilities(const Dataset *data, size_t target, const Answers *answers, size_t output, size_t column, double *out);
/* Labels of the classes of a target, in the order of their probabilities. */
const char *const *target_labels(Arena *arena, const Dataset *data, size_t target, size_t *n);

#endif
