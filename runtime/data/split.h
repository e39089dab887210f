/* Which part a row belongs to: training, validation, test, or none.
 *
 * Shares and counts are of all rows. The border behind a part lies at rows × (shares so far), rounded half up, so that parts
 * differ from their shares by less than one row and together leave none out. A draw is keyed by the split's own seed: it does
 * not depend on the seed of the run.
 *
 * Stratified: each stratum (rows of one class) is divided by itself: every part first gets the whole rows of its share, what is left goes
 * by largest remainder, ties to the earlier part. Where a part is given as a count it gets that many rows exactly, so then
 * the parts have the sizes of a plain split and the strata's remainders are placed within them. */
#ifndef NNL_DATA_SPLIT_H
#define NNL_DATA_SPLIT_H

#include "runtime/table/table.h"

typedef enum { PART_TRAIN, PART_VALIDATION, PART_TEST, PART_COUNT, PART_NONE = PART_COUNT } Part;

/* "train", "validation", "test"; "" for PART_NONE. */
const char *part_name(Part part);
/* The part of that name, or PART_NONE. */
Part part_find(const char *name);

typedef enum { SHARE_NONE, SHARE_PERCENT, SHARE_COUNT, SHARE_REST, SHARE_UNTIL } ShareForm;

typedef struct {
    ShareForm form;
    double share;  /* SHARE_PERCENT: 0.8 for 80% */
    int64_t count; /* SHARE_COUNT */
    const char *until; /* SHARE_UNTIL: the last time of this part, as written */
    /* `split by`: values of the column that make this part; texts, and the same as numbers (NaN: none). */
    const char *const *values;
    const double *numbers;
    const Span *value_spans;
    size_t n_values;
    Span span;
} SplitShare;

typedef enum { SPLIT_ALL_TRAIN, SPLIT_SHARES, SPLIT_BY } SplitForm;
typedef enum { SPLIT_SHUFFLED, SPLIT_IN_ORDER, SPLIT_STRATIFIED } SplitOrder;

typedef struct {
    SplitForm form;
    SplitOrder order;
    bool order_given;
    uint64_t seed;
    SplitShare part[PART_COUNT];
    Part sequence[PART_COUNT]; /* the parts in the order the script names them */
    size_t n_parts;
    const char *by; /* SPLIT_BY: the column */
    Span by_span;
    Span span;
} Split;

/* Sizes of the parts of n rows, by part; the rest belongs to none. Judges nothing: sizes never exceed n in sum. */
void split_sizes(const Split *split, size_t n, size_t sizes[PART_COUNT]);
/* The part of each of n rows. strata: the class of each row (from 0, n_strata of them), for SPLIT_STRATIFIED. */
void split_rows(const Split *split, size_t n, const uint32_t *strata, size_t n_strata, Part *parts);
/* SPLIT_BY: the part of each row by the column's value; PART_NONE where no part names it. */
void split_rows_by(const Split *split, const Table *table, Part *parts);

#endif
