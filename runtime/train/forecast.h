/* Forecasts past the end of the data: recursive where the target lies one row ahead, block by block where it lies A..B ahead.
 *
 * Row j behind the end (1 the first) is said by the sample whose last input row lies `ahead` rows before it: for j below A that is a known
 * row and ahead is A; then block by block, L = B - A + 1 rows from one base row. With `ahead 1` each row is said by the sample that ends in
 * the row before it, which is itself a forecast from the second row on. */
#ifndef NNL_TRAIN_FORECAST_H
#define NNL_TRAIN_FORECAST_H

#include <stdio.h>

#include "runtime/data/series.h"
#include "runtime/train/evaluate.h"

/* How far before row j (from 1) its sample's last input row lies, for a target `first..last` rows ahead. */
size_t forecast_ahead(size_t first, size_t last, size_t j);
/* How many of the rows behind the end must be ready as inputs for a forecast of n rows. */
size_t forecast_inputs(const Recipe *recipe, size_t n);

typedef struct {
    Arena *arena;
    Model *model;
    const TrainConfig *config;
    SeriesFuture *future; /* with the rows to be said appended */
    Par *par;
    Span span;            /* the statement */
    Diags *diags;
} ForecastRun;

typedef struct {
    const char *const *header; /* step, the order and group columns, predicted_COL … */
    size_t n_columns;
    size_t n_series, n_steps;
    const char *const *own;  /* of each series and step: cells of the order and group columns */
    size_t n_own;
    double *values;          /* of each series and step: n_values numbers in the targets' units */
    size_t n_values;
} Forecast;

/* false: reported (E0711 where a forecast is no number any more). */
bool forecast_run(const ForecastRun *run, Forecast *forecast);
/* The cells of a row (series by series, step by step), n_columns of them. */
const char **forecast_row(const Forecast *forecast, size_t row, Arena *arena);
void forecast_csv(const Forecast *forecast, FILE *file);

#endif
