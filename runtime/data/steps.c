/* `order by … every 1 day`: the rows of one step become one where the recipe says how, steps that no row has become rows of missing cells
 * where each of them would be filled, and anything else is refused with the rows named. */
#include "runtime/data/clock.h"
#include "runtime/data/prepare.h"

#include <math.h>

static const char *every_words(Arena *arena, const RecipeOrder *order)
{
    return arena_printf(arena, "%lld %s%s", (long long)order->every, time_unit_name(order->unit), order->every == 1 ? "" : "s");
}

static const char *time_words(const Ordering *o, const Clock *clock, size_t row)
{
    double time[ORDER_COLUMNS_MAX] = {0};
    clock_read(clock, o->table, row, time);
    return clock_text(clock, o->arena, o->table, time);
}

static Span report_place(const Ordering *o, size_t row)
{
    Span place = o->recipe->order.every_span, cell = table_row_span(o->table, row);
    return o->use == ROWS_LEARN && place.source ? place : cell.source ? cell : place;
}

static int64_t *ordinals(const Ordering *o, const Clock *clock)
{
    int64_t *list = ARENA_ARRAY(o->arena, int64_t, o->n + 1);
    for (size_t i = 0; i < o->n; i++) {
        double time[ORDER_COLUMNS_MAX] = {0};
        clock_read(clock, o->table, o->rows[i], time);
        list[i] = clock_ordinal(clock, time, o->recipe->order.unit);
    }
    return list;
}

/* ---- Several rows, one step ------------------------------------------------------------------------------------------------ */

static bool refers(const Recipe *recipe, const char *name)
{
    if (recipe_column(recipe, name) != NO_COLUMN) return true;
    return (recipe->weight && str_eq(recipe->weight, name)) || (recipe->split.by && str_eq(recipe->split.by, name));
}

static bool report_texts(const Ordering *o, const Clock *clock, const Column *column, uint32_t a, uint32_t b)
{
    if (!o->diags) return false;
    static const char *const merges[] = {"", "mean", "sum", "first", "last"};
    size_t at = table_find(o->table, column->name);
    Span cell = table_cell_span(o->table, b, at), first = table_cell_span(o->table, a, at);
    Diag *e = diag(o->diags, E0479, o->use == ROWS_LEARN ? report_place(o, b) : cell, A("column", column->name), A("a", column_text(column, a)),
                   A("b", column_text(column, b)), A("time", time_words(o, clock, a)), A("merge", merges[o->recipe->order.merge]));
    if (first.source) diag_label(e, first, E0479_first);
    diag_fix(e, E0479_help);
    if (o->use != ROWS_LEARN) diag_file_fault(e);
    return false;
}

/* One value for rows[first … end): missing cells are left out. */
static double merge_numbers(const Ordering *o, const double *numbers, size_t first, size_t end, bool calculated)
{
    double sum = 0.0, one = TABLE_MISSING, last = TABLE_MISSING;
    size_t n = 0;
    for (size_t i = first; i < end; i++) {
        double value = numbers[o->rows[i]];
        if (isnan(value)) continue;
        if (n++ == 0) one = value;
        last = value;
        sum += value;
    }
    StepMerge merge = o->recipe->order.merge;
    if (n == 0 || merge == STEP_FIRST || (!calculated && merge != STEP_LAST)) return one;
    if (merge == STEP_LAST) return last;
    return merge == STEP_SUM ? sum : sum / (double)n;
}

static bool merge_texts(const Ordering *o, const Clock *clock, const Column *column, size_t first, size_t end, uint32_t *out)
{
    StepMerge merge = o->recipe->order.merge;
    uint32_t row = NO_ROW;
    *out = TEXT_MISSING;
    for (size_t i = first; i < end; i++) {
        uint32_t code = column->codes[o->rows[i]];
        if (code == TEXT_MISSING) continue;
        if (row == NO_ROW || merge == STEP_LAST) *out = code;
        else if (code != *out && merge != STEP_FIRST && refers(o->recipe, column->name))
            return report_texts(o, clock, column, row, o->rows[i]);
        if (row == NO_ROW) row = o->rows[i];
    }
    return true;
}

static bool is_time_or_group(const Recipe *recipe, const char *name)
{
    for (size_t i = 0; i < recipe->order.n_columns; i++)
        if (str_eq(recipe->order.columns[i].name, name)) return true;
    for (size_t i = 0; i < recipe->order.n_group; i++)
        if (str_eq(recipe->order.group[i], name)) return true;
    return false;
}

static bool merge_column(const Ordering *o, const Clock *clock, size_t at, const size_t *begin, size_t n, Column *column)
{
    const Column *from = &o->table->columns[at];
    bool text = from->type == COLUMN_TEXT, calculated = from->type == COLUMN_NUMBER && !is_time_or_group(o->recipe, from->name);
    bool ok = true;
    *column = *from;
    column->n_missing = 0;
    uint32_t *codes = text ? ARENA_ARRAY(o->arena, uint32_t, n + 1) : NULL;
    double *numbers = text ? NULL : ARENA_ARRAY(o->arena, double, n + 1);
    for (size_t i = 0; i < n && ok; i++) {
        if (text) ok = merge_texts(o, clock, from, begin[i], begin[i + 1], &codes[i]);
        else if (is_time_or_group(o->recipe, from->name)) numbers[i] = from->numbers[o->rows[begin[i]]];
        else numbers[i] = merge_numbers(o, from->numbers, begin[i], begin[i + 1], calculated);
    }
    column->codes = codes;
    column->numbers = numbers;
    for (size_t i = 0; i < n && ok; i++) column->n_missing += column_is_missing(column, i);
    return ok;
}

/* A step is dated at its beginning. */
static void date_steps(const Ordering *o, const Clock *clock, Column *columns, const int64_t *steps, size_t n)
{
    for (size_t k = 0; k < o->recipe->order.n_columns; k++) {
        Column *column = &columns[clock->columns[k]];
        double *numbers = ARENA_ARRAY(o->arena, double, n + 1);
        for (size_t i = 0; i < n; i++) {
            double time[ORDER_COLUMNS_MAX] = {0};
            for (size_t j = 0; j < o->recipe->order.n_columns; j++) time[j] = columns[clock->columns[j]].numbers[i];
            clock_begin(clock, steps[i], o->recipe->order.unit, time);
            numbers[i] = time[k];
        }
        column->numbers = numbers;
    }
}

/* Rows that are dropped add nothing; a step of which all rows are dropped stays as a break. */
static bool merge_steps(Ordering *o, const Clock *clock, int64_t **ordinal)
{
    int64_t anchor = INT64_MAX, every = o->recipe->order.every;
    for (size_t i = 0; i < o->n; i++)
        if ((*ordinal)[i] < anchor) anchor = (*ordinal)[i];
    size_t *begin = ARENA_ARRAY(o->arena, size_t, o->n + 1), n = 0, at = 0;
    uint32_t *sorted = ARENA_ARRAY(o->arena, uint32_t, o->n + 1), *series = ARENA_ARRAY(o->arena, uint32_t, o->n + 1);
    int64_t *steps = ARENA_ARRAY(o->arena, int64_t, o->n + 1);
    bool *dropped = ARENA_ARRAY(o->arena, bool, o->n + 1);
    for (size_t i = 0; i < o->n;) {
        size_t end = i, kept = 0, first = at;
        int64_t step = ((*ordinal)[i] - anchor) / every;
        while (end < o->n && o->series[o->rows[end]] == o->series[o->rows[i]] && ((*ordinal)[end] - anchor) / every == step) {
            if (!o->dropped[o->rows[end]]) {
                sorted[at++] = o->rows[end];
                kept++;
            }
            end++;
        }
        dropped[n] = kept == 0;
        if (kept == 0) sorted[at++] = o->rows[i];
        series[n] = o->series[o->rows[i]];
        steps[n] = anchor + step * every;
        begin[n++] = first;
        o->counts->merged += kept ? kept - 1 : 0;
        i = end;
    }
    begin[n] = at;
    o->rows = sorted;
    uint32_t *origins = ARENA_ARRAY(o->arena, uint32_t, n + 1);
    for (size_t i = 0; i < n; i++) origins[i] = sorted[begin[i]];
    Table *merged = ARENA_NEW(o->arena, Table);
    *merged = *o->table;
    merged->n_rows = n;
    Column *columns = ARENA_ARRAY(o->arena, Column, o->table->n_columns + 1);
    for (size_t c = 0; c < o->table->n_columns; c++)
        if (!merge_column(o, clock, c, begin, n, &columns[c])) return false;
    date_steps(o, clock, columns, steps, n);
    for (size_t i = 0; i < n; i++) {
        uint32_t row = origins[i];
        origins[i] = o->table->origin ? o->table->origin[row] : row;
    }
    merged->columns = columns;
    merged->origin = origins;
    uint32_t *rows = ARENA_ARRAY(o->arena, uint32_t, n + 1);
    for (size_t i = 0; i < n; i++) rows[i] = (uint32_t)i;
    o->table = merged;
    o->rows = rows;
    o->n = n;
    o->series = series;
    o->dropped = dropped;
    *ordinal = steps;
    return true;
}

/* ---- Twins and gaps -------------------------------------------------------------------------------------------------------- */

static bool report_twins(const Ordering *o, const Clock *clock, size_t i, size_t n)
{
    if (!o->diags) return false;
    uint32_t a = o->rows[i - 1], b = o->rows[i];
    Diag *e = diag(o->diags, E0437, report_place(o, b), A("series", order_series_words(o, b)), A("time", time_words(o, clock, b)), AI("n", n),
                   A("unit", time_unit_name(o->recipe->order.unit)));
    Span first = table_row_span(o->table, a), second = table_row_span(o->table, b);
    if (first.source) diag_label(e, first, E0437_first);
    if (second.source && o->use == ROWS_LEARN) diag_label_add(e, second, E0437_second, (const DiagArg[]){{0}});
    if (n > 1) diag_note(e, E0437_more);
    if (o->recipe->order.n_group == 0) order_offer_group(o, e);
    diag_fix(e, E0437_merge);
    if (o->use != ROWS_LEARN) diag_file_fault(e);
    return false;
}

static bool report_off(const Ordering *o, const Clock *clock, size_t i)
{
    if (!o->diags) return false;
    uint32_t a = o->rows[i - 1], b = o->rows[i];
    Span row = table_row_span(o->table, b);
    Diag *e = diag(o->diags, E0439, row.source ? row : report_place(o, b), A("time", time_words(o, clock, b)), A("series", order_series_words(o, b)),
                   A("every", every_words(o->arena, &o->recipe->order)), A("before", time_words(o, clock, a)),
                   A("step", arena_printf(o->arena, "%lld %s", (long long)o->recipe->order.every, time_unit_name(o->recipe->order.unit))));
    if (row.source && o->recipe->order.every_span.source) diag_label(e, o->recipe->order.every_span, E0439_every);
    diag_fix(e, E0439_help);
    diag_file_fault(e);
    return false;
}

static bool report_gap(const Ordering *o, const Clock *clock, size_t i, int64_t lacking, size_t total, size_t gaps, const char *unfilled, bool large)
{
    if (!o->diags) return false;
    uint32_t a = o->rows[i - 1], b = o->rows[i];
    double time[ORDER_COLUMNS_MAX] = {0}, later[ORDER_COLUMNS_MAX] = {0};
    clock_read(clock, o->table, a, time);
    const char *steps = arena_printf(o->arena, "%lld steps are missing", (long long)lacking);
    if (lacking == 1 && clock_later(clock, time, 1, later))
        steps = arena_printf(o->arena, "%s is missing", clock_text(clock, o->arena, o->table, later));
    Span row = table_row_span(o->table, a);
    Diag *e = diag(o->diags, E0438, report_place(o, a), A("steps", steps), A("series", order_series_words(o, a)), A("before", time_words(o, clock, a)),
                   A("after", time_words(o, clock, b)), AI("n", total), AI("gaps", gaps), A("column", unfilled ? unfilled : ""),
                   AI("rows", o->table->n_rows));
    if (row.source && o->use == ROWS_LEARN) diag_label(e, row, E0438_before);
    if (gaps > 1) diag_note(e, E0438_more);
    if (large) diag_fix(e, E0438_large);
    else {
        diag_note(e, unfilled ? E0438_unfilled : E0438_none);
        Fix *fix = diag_fix(e, E0438_fill);
        if (unfilled && o->use == ROWS_LEARN && o->recipe->csv.clause.source && str_is_name(unfilled))
            diag_edit(fix, o->recipe->csv.clause, arena_printf(o->arena, "    fill %s: %s\n", unfilled,
                      o->table->columns[table_find(o->table, unfilled)].type == COLUMN_TEXT ? "previous" : "linear"));
    }
    if (o->use != ROWS_LEARN) diag_file_fault(e);
    return false;
}

/* A table of the rows to insert: time and group alone, the rest missing, then what is derived from these. */
static const Table *inserted_table(const Ordering *o, const Clock *clock, const uint32_t *before, const int64_t *steps, size_t n)
{
    const Table *table = table_new(o->arena, o->table->path, n);
    for (size_t c = 0; c < o->table->n_columns; c++) {
        const Column *from = &o->table->columns[c];
        bool derived = false, given = is_time_or_group(o->recipe, from->name);
        for (size_t d = 0; d < o->recipe->n_derives; d++) derived = derived || str_eq(o->recipe->derives[d].name, from->name);
        if (derived && !given) continue;
        if (from->type == COLUMN_TEXT) {
            const char **texts = ARENA_ARRAY(o->arena, const char *, n + 1);
            for (size_t i = 0; given && i < n; i++) texts[i] = column_text(from, before[i]);
            table = table_add_texts(o->arena, table, from->name, texts);
            continue;
        }
        double *numbers = ARENA_ARRAY(o->arena, double, n + 1);
        for (size_t i = 0; i < n; i++) numbers[i] = given ? from->numbers[before[i]] : TABLE_MISSING;
        for (size_t k = 0; k < o->recipe->order.n_columns; k++) {
            if (clock->columns[k] != c) continue;
            for (size_t i = 0; i < n; i++) {
                double time[ORDER_COLUMNS_MAX] = {0}, later[ORDER_COLUMNS_MAX] = {0};
                clock_read(clock, o->table, before[i], time);
                (void)clock_later(clock, time, steps[i], later);
                numbers[i] = later[k];
            }
        }
        Column column = {.name = from->name, .type = from->type, .numbers = numbers, .form = from->form, .file_column = from->file_column};
        for (size_t i = 0; i < n; i++) column.n_missing += isnan(numbers[i]) != 0;
        table = table_add_column(o->arena, table, &column);
    }
    table = recipe_derive_quietly(o->recipe, o->arena, table, o->use, o->diags);
    return table ? table_match(o->arena, table, o->table, NULL, NO_SPAN, o->diags) : NULL;
}

/* A column in use that no `fill` names and that the time does not give. */
static const char *find_unfilled(const Ordering *o, const Table *inserted)
{
    for (size_t i = 0; i < o->recipe->n_columns; i++) {
        const RecipeColumn *column = &o->recipe->columns[i];
        size_t at = table_find(inserted, column->name);
        if (at == NO_COLUMN || column->fill != FILL_NONE || inserted->columns[at].n_missing == 0) continue;
        if (o->use == ROWS_PREDICT && !column->is_feature) continue;
        return column->name;
    }
    return NULL;
}

static bool fill_gaps(Ordering *o, const Clock *clock, const int64_t *ordinal, size_t first_gap, size_t lacking, size_t gaps)
{
    int64_t every = o->recipe->order.every;
    int64_t here = (ordinal[first_gap] - ordinal[first_gap - 1]) / every - 1;
    if (lacking > 50 * (o->table->n_rows + 100)) return report_gap(o, clock, first_gap, here, lacking, gaps, NULL, true);
    uint32_t *before = ARENA_ARRAY(o->arena, uint32_t, lacking + 1);
    int64_t *steps = ARENA_ARRAY(o->arena, int64_t, lacking + 1);
    size_t n = 0;
    for (size_t i = 1; i < o->n; i++) {
        if (o->series[o->rows[i]] != o->series[o->rows[i - 1]]) continue;
        for (int64_t k = 1; k < (ordinal[i] - ordinal[i - 1]) / every; k++) {
            before[n] = o->rows[i - 1];
            steps[n++] = k;
        }
    }
    const Table *inserted = inserted_table(o, clock, before, steps, n);
    if (!inserted) return false;
    const char *unfilled = find_unfilled(o, inserted);
    if (unfilled) return report_gap(o, clock, first_gap, here, lacking, gaps, unfilled, false);
    size_t n_old = o->table->n_rows;
    const Table *both = table_concat(o->arena, o->table, inserted);
    uint32_t *rows = ARENA_ARRAY(o->arena, uint32_t, o->n + n + 1), *series = ARENA_ARRAY(o->arena, uint32_t, n_old + n + 1);
    bool *dropped = ARENA_ARRAY(o->arena, bool, n_old + n + 1);
    memcpy(series, o->series, n_old * sizeof *series);
    memcpy(dropped, o->dropped, n_old * sizeof *dropped);
    size_t at = 0, next = 0;
    for (size_t i = 0; i < o->n; i++) {
        rows[at++] = o->rows[i];
        for (; next < n && before[next] == o->rows[i]; next++) {
            series[n_old + next] = o->series[o->rows[i]];
            rows[at++] = (uint32_t)(n_old + next);
        }
    }
    o->table = both;
    o->rows = rows;
    o->n = at;
    o->series = series;
    o->dropped = dropped;
    o->counts->inserted = n;
    return true;
}

bool order_steps(Ordering *o)
{
    Clock clock = clock_new(o->arena, &o->recipe->order, o->table);
    int64_t *ordinal = ordinals(o, &clock), every = o->recipe->order.every;
    if (o->recipe->order.merge != STEP_ONE && !merge_steps(o, &clock, &ordinal)) return false;
    size_t twins = 0, first_twin = 0, lacking = 0, gaps = 0, first_gap = 0;
    for (size_t i = 1; i < o->n; i++) {
        if (o->series[o->rows[i]] != o->series[o->rows[i - 1]]) continue;
        int64_t step = ordinal[i] - ordinal[i - 1];
        if (step == 0) {
            if (twins++ == 0) first_twin = i;
        } else if (step % every) {
            return report_off(o, &clock, i);
        } else if (step > every) {
            if (gaps++ == 0) first_gap = i;
            lacking += (size_t)(step / every - 1);
        }
    }
    if (twins) return report_twins(o, &clock, first_twin, twins);
    return gaps == 0 || fill_gaps(o, &clock, ordinal, first_gap, lacking, gaps);
}
