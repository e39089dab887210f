/* A trained model's answers, and what they are worth beside naive ones. */
#ifndef NNL_TRAIN_EVALUATE_H
#define NNL_TRAIN_EVALUATE_H

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

/* One column of one output: scored as numbers or as classes. */
typedef struct {
    const char *name;         /* the target column */
    const char *const *labels; /* of classes; NULL: numbers */
    size_t n_labels;
    NumberScore numbers;
    ClassScore classes;
    const char *baseline;     /* its name */
    NumberScore baseline_numbers;
    ClassScore baseline_classes;
    double best_threshold;    /* by F1 on the validation part; NaN: more than two classes, or no validation part */
    bool beaten;              /* the model is better than the baseline: rmse, or accuracy (at equal accuracy: auc above 0.5) */
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
    const Dataset *trained_on; /* whose training part the baselines learn from, and whose validation part gives the threshold */
    const Dataset *data;       /* what is scored */
    DataPart samples;
    double threshold;          /* of two classes; NaN: 0.5 */
    Par *par;
    Diags *diags;
} EvaluateRun;

bool evaluate_model(const EvaluateRun *run, Evaluation *evaluation);

/* Whether a column of an output is scored as classes, and its probabilities (n × n_labels) from answers. */
bool output_is_classes(const Model *model, const TrainConfig *config, const Dataset *data, size_t output);
void answer_probabilities(const Dataset *data, size_t target, const Answers *answers, size_t output, size_t column, double *out);
/* Labels of the classes of a target, in the order of their probabilities. */
const char *const *target_labels(Arena *arena, const Dataset *data, size_t target, size_t *n);

#endif
