/* The clauses of a data block → Recipe. The file is read while checking, so that columns, categories, classes and shapes are known
 * before anything runs, and every mistake of a block is reported in one go. */
#ifndef NNL_CHECK_DATA_H
#define NNL_CHECK_DATA_H

#include "runtime/base/json.h"
#include "runtime/data/recipe.h"
#include "src/check/model.h"

/* A data block, checked and prepared. */
typedef struct {
    const char *name;
    Span span;
    const Recipe *recipe;
    const Dataset *dataset;     /* groups with shapes, targets with widths and classes, the samples of each part */
    const Table *raw;           /* as it was read, files of `validation from` and `test from` behind it */
    size_t n_own;               /* rows of the block's own file */
    RecipeCounts counts;
    const char *const *facts;   /* what was found or assumed, a line each: "`LEAVE` counts as 1" */
    size_t n_facts;
} CheckedData;

/* NULL: has mistakes, reported. */
CheckedData *check_data(Arena *arena, Scope *scope, const Named *data, Diags *diags);
/* The groups of features as the model checker wants them. */
const ModelData *check_data_model(Arena *arena, const CheckedData *data);
/* Puts the keys of the event `data`, but for its name, into an open object. */
void check_data_event(const CheckedData *data, JsonOut *out);

#endif
