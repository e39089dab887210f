/* Rows to folds; see cross_validate.h. */
#include "runtime/train/cross_validate.h"

#include <stdlib.h>
#include <string.h>

#include "runtime/base/rng.h"

static bool takes_part(const Dataset *data, size_t row)
{
    return data->row_parts[row] != PART_TEST;
}

static bool is_ordered(const Dataset *data)
{
    return data->recipe->order.form != ORDER_NONE;
}

/* Folds are stratified as a split is: for one target of classes, or of numbers that are only ever 0 and 1, where the script does not say
 * otherwise. */
static bool is_stratified(const Dataset *data)
{
    const Split *split = &data->recipe->split;
    bool said_otherwise = split->order_given && split->order != SPLIT_STRATIFIED;
    return !is_ordered(data) && data->n_targets == 1 && data->targets[0].n_classes > 0 && !said_otherwise && data->targets[0].width == 1;
}

static size_t class_of(const Dataset *data, size_t row)
{
    const DataTarget *target = &data->targets[0];
    return target->classes ? target->classes[row] : target->numbers[row] > 0.5f;
}

/* Places of the rows that take part in the order in which they are dealt out: by lot, or as they stand with `in order`; with strata class by
 * class. Dealing them out in turn makes folds whose sizes differ by one row at most, and so do their rows of each class. */
static size_t deal_order(const Dataset *data, size_t repeat, int64_t *order)
{
    const Split *split = &data->recipe->split;
    size_t n = 0, n_rows = data->table->n_rows;
    for (size_t row = 0; row < n_rows; row++)
        if (takes_part(data, row)) order[n++] = (int64_t)row;
    if (split->order_given && split->order == SPLIT_IN_ORDER) return n;
    RngKey key = {.seed = split->seed, .stream = rng_stream("folds"), .training = (uint32_t)repeat};
    rng_shuffle(&key, order, (int64_t)n);
    if (!is_stratified(data)) return n;
    int64_t *sorted = memory_alloc(memory_product(n + 1, sizeof *sorted));
    size_t at = 0;
    for (size_t c = 0; c < data->targets[0].n_classes; c++)
        for (size_t i = 0; i < n; i++)
            if (class_of(data, (size_t)order[i]) == c) sorted[at++] = order[i];
    memcpy(order, sorted, n * sizeof *order);
    free(sorted);
    return n;
}

/* k folds. `in order`: fold by fold as the rows stand, the first n % folds of them one row longer; else dealt out in turn. */
static void plain_parts(const Dataset *data, size_t folds, size_t fold, size_t repeat, Part *parts)
{
    const Split *split = &data->recipe->split;
    bool blocks = split->order_given && split->order == SPLIT_IN_ORDER;
    int64_t *order = memory_alloc(memory_product(data->table->n_rows + 1, sizeof *order));
    size_t n = deal_order(data, repeat, order), whole = n / folds, longer = n % folds;
    for (size_t i = 0; i < n; i++) {
        size_t own = !blocks ? i % folds : i < longer * (whole + 1) ? i / (whole + 1) : longer + (i - longer * (whole + 1)) / whole;
        parts[order[i]] = own == fold ? PART_VALIDATION : PART_TRAIN;
    }
    free(order);
}

/* Expanding windows over rows first … last - 1 of one series: stretches of n / (folds + 1) rows at its end are scored, what lies before
 * trains; what is left over belongs to the first training stretch. */
static void window_parts(const Dataset *data, size_t first, size_t last, size_t folds, size_t fold, Part *parts)
{
    size_t n = 0;
    for (size_t row = first; row < last; row++) n += takes_part(data, row);
    size_t length = n / (folds + 1), begin = n - (folds - fold) * length, at = 0;
    for (size_t row = first; row < last; row++) {
        if (!takes_part(data, row)) continue;
        parts[row] = at < begin ? PART_TRAIN : at < begin + length ? PART_VALIDATION : PART_NONE;
        at++;
    }
}

void cross_parts(const Dataset *data, size_t folds, size_t fold, size_t repeat, Part *parts)
{
    size_t n_rows = data->table->n_rows;
    for (size_t row = 0; row < n_rows; row++) parts[row] = PART_NONE;
    if (!is_ordered(data)) {
        plain_parts(data, folds, fold, repeat, parts);
    } else if (data->series) {
        for (size_t s = 0; s < data->series->n; s++) window_parts(data, data->series->begin[s], data->series->begin[s + 1], folds, fold, parts);
    } else {
        window_parts(data, 0, n_rows, folds, fold, parts);
    }
}

size_t cross_rows(const Dataset *data)
{
    size_t n_series = data->series ? data->series->n : 1, least = 0;
    for (size_t s = 0; s < n_series; s++) {
        size_t first = data->series ? data->series->begin[s] : 0, last = data->series ? data->series->begin[s + 1] : data->table->n_rows, n = 0;
        for (size_t row = first; row < last; row++) n += takes_part(data, row);
        if (s == 0 || n < least) least = n;
    }
    return least;
}

const size_t *cross_strata(const Dataset *data, Arena *arena, size_t *n)
{
    if (!is_stratified(data)) return NULL;
    *n = data->targets[0].n_classes;
    size_t *rows = ARENA_ARRAY(arena, size_t, *n);
    for (size_t row = 0; row < data->table->n_rows; row++)
        if (takes_part(data, row)) rows[class_of(data, row)]++;
    return rows;
}
