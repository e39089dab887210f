/* The record of a baseline: a naive prediction that a model should beat. It learns from training targets alone. */
#ifndef NNL_KINDS_BASELINE_H
#define NNL_KINDS_BASELINE_H

#include "runtime/kinds/kind.h"

/* The training targets of one column of one output, in the target's own units. */
typedef struct {
    const double *numbers;   /* n training targets; NULL for classes */
    const uint32_t *classes; /* n training classes; NULL for numbers */
    size_t n;
    size_t n_classes;
} BaselineTask;

struct BaselineKind {
    Kind kind;
    bool for_classes; /* else for numbers */
    /* The number it always says, or the share of each class (n_classes numbers): the largest is its answer. */
    void (*learn)(const BaselineTask *task, double *out);
};

#endif
