/* The record of a baseline: a naive prediction that a model should beat. It learns from training targets, or looks at what a
 * sample's own past holds. */
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

/* What samples know of their target's past, in the target's own units. */
typedef struct {
    const void *owner;
    size_t season; /* rows from one season to the next; 0: none known */
    /* The latest value that the sample's last input row already knows and that lies a whole number of `season` rows (1: any) before its
     * target's number i. NaN: the series does not reach back so far. */
    double (*back)(const void *owner, uint32_t sample, size_t i, size_t season);
} BaselinePast;

struct BaselineKind {
    Kind kind;
    bool for_classes;  /* else for numbers */
    bool needs_season; /* only where a season is known */
    /* What it always says: the number, or the share of each class (n_classes numbers): the largest is its answer. NULL: it has `say`. */
    void (*learn)(const BaselineTask *task, double *out);
    /* What it says for number i of a sample's target, from the sample's past. Only where targets lie ahead in an ordered table. */
    double (*say)(const BaselinePast *past, uint32_t sample, size_t i);
};

#endif
