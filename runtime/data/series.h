/* Series beyond what windows need: what a naive forecast says, and rows behind the end of the data. */
#ifndef NNL_DATA_SERIES_H
#define NNL_DATA_SERIES_H

#include "runtime/data/recipe.h"

/* ---- Naive forecasts, in the target's own units -------------------------------------------------------------------------- */

/* Number i of `width` of a target is value i % n_columns at step i / n_columns; see dataset_target_raw. */

/* The target's value in the sample's last input row: what "as last time" says for every step. */
double series_last_value(const Dataset *data, size_t target, uint32_t sample, size_t i);
/* The value a whole number of seasons (of `season` rows) before the target row: the latest that the sample's last input row already
 * knows. NaN: the run does not reach that far back. */
double series_same_season(const Dataset *data, size_t target, uint32_t sample, size_t i, size_t season);
/* Whether a target has a past at all: it lies ahead in an ordered table and is no class. */
bool series_has_baseline(const Dataset *data, size_t target);
/* The season that the training rows show in column i of a target: the lag of 2 … most rows at which the values without their trend
 * agree best with themselves, over all series together. 0: none. */
size_t series_find_season(const Dataset *data, Arena *arena, size_t target, size_t i, size_t most);

/* ---- Time as text -------------------------------------------------------------------------------------------------------- */

/* When a row of the table was: "2024-01-02", "2010 week 3", "17"; its line number with `order as given`. */
const char *series_time(const Dataset *data, Arena *arena, size_t row);

/* ---- Rows behind the end ------------------------------------------------------------------------------------------------- */

/* Features nobody knows in the first `rows` rows behind the end, *n of them: neither targets ahead, nor `known`, nor calculated from
 * the time, the group or a past that reaches so far. */
const char *const *series_unknown(const Dataset *data, Arena *arena, size_t rows, size_t *n);

/* The end of every series with rows appended. */
typedef struct {
    Dataset *data;      /* as it stood at the end, and the appended rows; belongs to no part */
    size_t n_series, n_rows; /* appended rows of each series */
    const uint32_t *end; /* of each series: the row in data->table behind its last known one */
} SeriesFuture;

/* Appends n_rows rows to each series, their time continued. `known` (NULL: no file) is the table that tells the `known` columns, as it was
 * read by recipe_read with ROWS_FUTURE: a row or cell that it lacks is reported at `place` with the date and the column. Features that
 * nobody knows must have been ruled out by series_unknown. NULL: reported. */
SeriesFuture *series_future(const Dataset *data, Arena *arena, size_t n_rows, const Table *known, Span place, Diags *diags);
/* The sample whose inputs end `back` rows before appended row `step` (0 the first): back 1 for the first means the last known row. */
uint32_t series_future_sample(const SeriesFuture *future, size_t series, size_t step, size_t back);
/* Says the target's value, in its own units, in appended row `step`. */
void series_future_set(SeriesFuture *future, size_t series, size_t step, size_t target, size_t column, double value);
/* Makes the row ready to be an input: calculates what looks back and scales. Rows must be made ready one after another. */
void series_future_ready(SeriesFuture *future, size_t series, size_t step);
/* The columns of the time and the group, as far as they can be continued, in the order of the table: names, and a row's cells. */
const char *const *series_future_columns(const SeriesFuture *future, Arena *arena, size_t *n);
const char *const *series_future_cells(const SeriesFuture *future, Arena *arena, size_t series, size_t step);

#endif
