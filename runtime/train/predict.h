/* Predictions as a table: the columns of the input row as they stood in the file (an earlier prediction gives way), then what the model says, in the target's own
 * units: `predicted_COL`; for classes the label and `probability_LABEL` for each. */
#ifndef NNL_TRAIN_PREDICT_H
#define NNL_TRAIN_PREDICT_H

#include <stdio.h>

#include "runtime/train/evaluate.h"

typedef struct {
    Arena *arena;
    Model *model;
    const TrainConfig *config;
    const Dataset *data;
    DataPart samples;
    bool with_part; /* a column `part` behind the row's own */
    Par *par;
    Diags *diags;
    Span span; /* where a message belongs; NO_SPAN: a command */
} PredictRun;

/* One column of one output: what it adds to a row. */
typedef struct PredictColumn PredictColumn;

typedef struct {
    const char **header;
    size_t n_columns, n_own; /* columns; those of the input row come first */
    const size_t *own;       /* their places in the table: one that is called like an answer is left out (reported) */
    size_t n_rows;
    Answers answers;
    PredictColumn *list;
    size_t n_list;
    const PredictRun *run;
} Predictions;

/* Runs the model. false: reported. */
bool predict_samples(const PredictRun *run, Predictions *predictions);
/* The cells of a row, n_columns of them, in a buffer's arena. */
const char **predict_row(const Predictions *predictions, size_t row, Arena *arena);
/* Header and all rows as CSV. */
void predict_csv(const Predictions *predictions, FILE *file);

#endif
