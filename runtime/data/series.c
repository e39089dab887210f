/* Naive forecasts, seasons, and times as text; see series.h. */
#include "runtime/data/series.h"

#include "runtime/data/clock.h"

#include <math.h>

/* The target's own value in a row of the table. */
static double value_at(const Dataset *data, size_t t, size_t i, size_t row)
{
    const RecipeTarget *target = &data->recipe->targets[t];
    size_t at = target->columns[i % target->n_columns], column = table_find(data->table, data->recipe->columns[at].name);
    if (column == NO_COLUMN || data->table->columns[column].type == COLUMN_TEXT) return TABLE_MISSING;
    double value = data->table->columns[column].numbers[row];
    const TransformState *fill = &data->fit->columns[at].fill;
    return isnan(value) && fill->n_numbers ? fill->numbers[0] : value;
}

bool series_has_baseline(const Dataset *data, size_t t)
{
    const RecipeTarget *target = &data->recipe->targets[t];
    return data->series && !target->classes && target->ahead_last > 0;
}

double series_last_value(const Dataset *data, size_t t, uint32_t sample, size_t i)
{
    return value_at(data, t, i, dataset_row(data, sample));
}

double series_same_season(const Dataset *data, size_t t, uint32_t sample, size_t i, size_t season)
{
    const RecipeTarget *target = &data->recipe->targets[t];
    size_t row = dataset_row(data, sample), ahead = target->ahead_first + i / target->n_columns;
    if (season == 0 || !data->series) return TABLE_MISSING;
    size_t seasons = (ahead + season - 1) / season;
    if (seasons == 0) seasons = 1;
    if (seasons * season > data->series->place[row] + ahead) return TABLE_MISSING;
    return value_at(data, t, i, row + ahead - seasons * season);
}

/* ---- Seasons --------------------------------------------------------------------------------------------------------------- */

enum { VALUES_MOST = 50000 };
static const double least_agreement = 0.3;

/* Differences between neighbours within training, series behind series with a missing value between; at most VALUES_MOST, the latest. */
static size_t training_steps(const Dataset *data, size_t t, size_t i, double *out)
{
    size_t n_rows = data->table->n_rows, n = 0, first = n_rows > VALUES_MOST ? n_rows - VALUES_MOST : 0;
    for (size_t row = first; row < n_rows; row++) {
        bool pair = row > first && data->series->place[row] > 0 && data->row_parts[row] == PART_TRAIN && data->row_parts[row - 1] == PART_TRAIN;
        if (pair) out[n++] = value_at(data, t, i, row) - value_at(data, t, i, row - 1);
        else if (n && !isnan(out[n - 1])) out[n++] = TABLE_MISSING;
    }
    return n;
}

static double agreement(const double *steps, size_t n, double mean, double variance, size_t lag)
{
    double sum = 0.0;
    size_t pairs = 0;
    for (size_t i = lag; i < n; i++) {
        double product = (steps[i] - mean) * (steps[i - lag] - mean);
        if (isnan(product)) continue;
        sum += product;
        pairs++;
    }
    /* As seldom seen as a lag of half the series is, it proves nothing. */
    return pairs >= lag && pairs >= 4 ? sum / (double)pairs / variance : 0.0;
}

size_t series_find_season(const Dataset *data, Arena *arena, size_t t, size_t i, size_t most)
{
    if (!data->series || most < 2) return 0;
    double *steps = ARENA_ARRAY(arena, double, data->table->n_rows + 1), sum = 0.0, squares = 0.0;
    size_t n = training_steps(data, t, i, steps), known = 0;
    for (size_t k = 0; k < n; k++) {
        if (isnan(steps[k])) continue;
        sum += steps[k];
        known++;
    }
    if (known < 8) return 0;
    double mean = sum / (double)known;
    for (size_t k = 0; k < n; k++)
        if (!isnan(steps[k])) squares += (steps[k] - mean) * (steps[k] - mean);
    double variance = squares / (double)known;
    if (!(variance > 0.0)) return 0;
    if (most > known / 2) most = known / 2;
    double *r = ARENA_ARRAY(arena, double, most + 3);
    for (size_t lag = 1; lag <= most + 1; lag++) r[lag] = agreement(steps, n, mean, variance, lag);
    size_t best = 0;
    for (size_t lag = 2; lag <= most; lag++) {
        bool peak = r[lag] > r[lag - 1] && r[lag] >= r[lag + 1];
        /* A multiple of a season agrees about as well: it must be clearly better to count. */
        if (peak && r[lag] >= least_agreement && (best == 0 || r[lag] > r[best] + 0.05)) best = lag;
    }
    return best;
}

/* ---- Text ------------------------------------------------------------------------------------------------------------------ */

const char *series_time(const Dataset *data, Arena *arena, size_t row)
{
    const RecipeOrder *order = &data->recipe->order;
    if (order->form != ORDER_BY) return arena_printf(arena, "line %zu", table_line(data->table, row));
    Clock clock = clock_new(arena, order, data->table);
    double time[ORDER_COLUMNS_MAX] = {0};
    clock_read(&clock, data->table, row, time);
    return clock_text(&clock, arena, data->table, time);
}
