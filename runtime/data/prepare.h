/* Inside of runtime/data: cells with their gaps filled, between Fit and Dataset. */
#ifndef NNL_DATA_PREPARE_H
#define NNL_DATA_PREPARE_H

#include "runtime/data/recipe.h"

/* The cells of column number `at` of the table, all rows, missing ones filled as the state says (FILL_NONE: as they are). */
TransformCells prepare_fill(Arena *arena, const RecipeColumn *recipe, const Table *table, size_t at, const TransformState *fill);
/* The place of each category for the codes of a column of texts; n_texts of them. */
int64_t *prepare_places(Arena *arena, const TransformCells *cells, const TransformState *state);

/* Judges that every cell a column needs is there; reports each column once, with the remedy. */
bool prepare_missing(const Recipe *recipe, const Table *table, RowsUse use, Diags *diags);
/* Reports a number that has no scaled value (E0462), or none that a float holds (E0463). Always false. at: the place in
 * recipe->columns. */
bool prepare_bad_number(const Dataset *data, Arena *arena, size_t at, size_t table_column, size_t row, double value, Diags *diags);
/* Fills the targets and weights of the data set. */
bool prepare_targets(Dataset *data, Arena *arena, RowsUse use, Diags *diags);
/* Fills the block of each group. */
bool prepare_groups(Dataset *data, Arena *arena, Diags *diags);

#endif
