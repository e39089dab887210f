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

/* A season shows in how well a series agrees with itself some rows later, once its straight trend is gone: the agreement falls and rises
 * again, and is best after one whole season. */

enum { VALUES_MOST = 50000 };
static const double least_agreement = 0.3, least_rise = 0.1, clearly_better = 0.05;

/* Takes the straight line out of n values. */
static void detrend(double *values, size_t n)
{
    double sum = 0.0, moment = 0.0, squares = 0.0, middle = ((double)n - 1.0) / 2.0;
    for (size_t i = 0; i < n; i++) sum += values[i];
    for (size_t i = 0; i < n; i++) {
        double at = (double)i - middle;
        moment += at * values[i];
        squares += at * at;
    }
    double slope = squares > 0.0 ? moment / squares : 0.0;
    for (size_t i = 0; i < n; i++) values[i] -= sum / (double)n + slope * ((double)i - middle);
}

/* The runs of training rows, each without its trend, a missing value between two; the latest VALUES_MOST rows of the table. */
static size_t training_values(const Dataset *data, size_t t, size_t i, double *out)
{
    size_t n_rows = data->table->n_rows, n = 0, begin = 0;
    for (size_t row = n_rows > VALUES_MOST ? n_rows - VALUES_MOST : 0; row < n_rows; row++) {
        double value = value_at(data, t, i, row);
        bool counts = data->row_parts[row] == PART_TRAIN && !isnan(value), follows = n > begin && data->series->place[row] > 0;
        if (n > begin && !(counts && follows)) {
            detrend(out + begin, n - begin);
            out[n++] = TABLE_MISSING;
            begin = n;
        }
        if (counts) out[n++] = value;
    }
    if (n > begin) detrend(out + begin, n - begin);
    return n;
}

static double agreement(const double *values, size_t n, double variance, size_t lag)
{
    double sum = 0.0;
    size_t pairs = 0;
    for (size_t i = lag; i < n; i++) {
        double product = values[i] * values[i - lag];
        if (isnan(product)) continue;
        sum += product;
        pairs++;
    }
    /* As seldom seen as a lag of half the series is, it proves nothing. */
    return pairs >= lag && pairs >= 4 ? sum / (double)pairs / variance : 0.0;
}

/* The best of all lags a quarter shorter to a quarter longer. */
static bool is_peak(const double *r, size_t lag, size_t last)
{
    size_t reach = lag / 4 > 0 ? lag / 4 : 1;
    for (size_t k = lag - reach; k <= lag + reach && k <= last; k++)
        if (r[k] > r[lag]) return false;
    return true;
}

size_t series_find_season(const Dataset *data, Arena *arena, size_t t, size_t i, size_t most)
{
    if (!data->series || most < 2) return 0;
    double *values = ARENA_ARRAY(arena, double, 2 * data->table->n_rows + 1), squares = 0.0;
    size_t n = training_values(data, t, i, values), known = 0;
    for (size_t k = 0; k < n; k++) {
        if (isnan(values[k])) continue;
        squares += values[k] * values[k];
        known++;
    }
    if (known < 8 || !(squares > 0.0)) return 0;
    if (most > known / 2) most = known / 2;
    size_t last = most + most / 4 + 1, best = 0;
    double *r = ARENA_ARRAY(arena, double, last + 1), lowest = 1.0;
    for (size_t lag = 1; lag <= last; lag++) r[lag] = agreement(values, n, squares / (double)known, lag);
    for (size_t lag = 2; lag <= most; lag++) {
        if (r[lag - 1] < lowest) lowest = r[lag - 1];
        bool rises = r[lag] >= least_agreement && r[lag] - lowest >= least_rise && is_peak(r, lag, last);
        /* A multiple of a season agrees about as well: it must be clearly better to count. */
        if (rises && (best == 0 || r[lag] > r[best] + clearly_better)) best = lag;
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
