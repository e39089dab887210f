/* Inside of runtime/data: cells with their gaps filled, between Fit and Dataset. */
#ifndef NNL_DATA_PREPARE_H
#define NNL_DATA_PREPARE_H

#include "runtime/data/recipe.h"

/* The cells of column number `at` of the table, all rows, missing ones filled as the state says (FILL_NONE: as they are). */
TransformCells prepare_fill(Arena *arena, const RecipeColumn *recipe, const Table *table, size_t at, const TransformState *fill);
/* The place of each category for the codes of a column of texts; n_texts of them. */
int64_t *prepare_places(Arena *arena, const TransformCells *cells, const TransformState *state);

/* Judges that every cell a column needs is there; reports each column once, with the remedy. */
bool prepare_missing(const Recipe *recipe, const Table *table, const Series *series, RowsUse use, Diags *diags);
/* Reports a number that has no scaled value (E0462), or none that a float holds (E0463). Always false. at: the place in
 * recipe->columns. */
bool prepare_bad_number(const Dataset *data, Arena *arena, size_t at, size_t table_column, size_t row, double value, Diags *diags);
/* Fills the targets and weights of the data set. */
bool prepare_targets(Dataset *data, Arena *arena, RowsUse use, Diags *diags);
/* Fills the block of each group. */
bool prepare_groups(Dataset *data, Arena *arena, Diags *diags);
/* Finds the samples and the part of each; after the targets. */
void prepare_samples(Dataset *data, Arena *arena);
/* What scales a column in a row. */
const TransformState *prepare_scale(const Dataset *data, size_t column, size_t row);

/* ---- rows.c, steps.c: rows in order ---- */

/* Rows on their way into order. */
typedef struct {
    Arena *arena;
    const Recipe *recipe;
    const Table *table;
    RowsUse use;
    RecipeCounts *counts;
    Diags *diags;
    uint32_t *rows;       /* of the table: series by series, in time order */
    size_t n;
    const uint32_t *series; /* of each row of the table */
    const char *const *names;
    size_t n_series;
    const bool *dropped;  /* of each row of the table: stands in the order, but goes, and its neighbours are none */
} Ordering;

/* `every`: rows of one step become one, steps that no row has are filled or refused. May replace table, rows, series and dropped. */
bool order_steps(Ordering *o);
/* Offers, in a diagnostic about rows of one time, the column that tells them apart. */
void order_offer_group(const Ordering *o, Diag *e);
/* " of `store=3`", "" where there is one series only. */
const char *order_series_words(const Ordering *o, size_t row);

/* The derived columns that do not look back, without warnings. */
const Table *recipe_derive_quietly(const Recipe *recipe, Arena *arena, const Table *table, RowsUse use, Diags *diags);
/* Whether a derived column is needed. */
bool recipe_wants(const Recipe *recipe, const RecipeDerive *derive, RowsUse use);

/* Puts rows in order: of those to keep, those that are dropped leave a break behind. NULL: reported. */
const Table *prepare_order(const Recipe *recipe, Arena *arena, const Table *table, const bool *keep, const bool *dropped, RowsUse use,
                           RecipeCounts *counts, const Series **series, Diags *diags);

#endif
