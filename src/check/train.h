/* The clauses of a train statement → TrainConfig: epochs, optimizer, losses (inferred where none is named), metrics, weights,
 * callbacks; and what runs but is likely wrong about them. */
#ifndef NNL_CHECK_TRAIN_H
#define NNL_CHECK_TRAIN_H

#include "runtime/train/train.h"
#include "src/check/data.h"
#include "src/check/output.h"
#include "src/check/scope.h"

typedef struct {
    Arena *arena;
    Scope *scope;
    Diags *diags;
    const Graph *graph;     /* NULL or with unknown shapes: the model has mistakes of its own */
    const CheckedData *data; /* NULL: the data has mistakes of its own */
    const char *model_name, *data_name;
    const char *folder;     /* paths of callbacks are relative to it */
    int64_t epochs;         /* --epochs; 0: as the script says */
    Outputs *outputs;       /* files that lines so far write */
    bool again;             /* an earlier line trained this model */
    const KerasCompile *compile; /* how the file that the model comes from was compiled: holds where the script says nothing; or NULL */
    bool only_scored;       /* there is no training: nothing is said about what concerns that alone */
} TrainContext;

/* Always returns a configuration; whether it is whole tells diags_errors. */
TrainConfig *check_train(const TrainContext *context, const Ast *train);

#endif
