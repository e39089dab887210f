/* Rows into series and time order. What comes in is a table with marks: rows that stay, and of those the rows that `drop missing` takes
 * out. These are put in order with the others, so that it is known between which neighbours they leave a break. */
#include "runtime/data/clock.h"
#include "runtime/data/prepare.h"

#include <math.h>

/* ---- Series -------------------------------------------------------------------------------------------------------------- */

/* Pairs of (series so far, value of the next column) → number, in order of appearance. Open addressing. */
typedef struct {
    struct Slot {
        uint64_t series, value;
        uint32_t number; /* from 1; 0: free */
    } *slots;
    size_t size;
    uint32_t n;
} Numbering;

static uint64_t mix(uint64_t a, uint64_t b)
{
    uint64_t h = a * 0x9e3779b97f4a7c15u ^ (b + 0x7f4a7c15u) * 0xbf58476d1ce4e5b9u;
    h ^= h >> 29;
    h *= 0x94d049bb133111ebu;
    return h ^ h >> 32;
}

static void grow(Numbering *numbering)
{
    Numbering bigger = {.size = numbering->size ? 2 * numbering->size : 64, .n = numbering->n};
    bigger.slots = memory_alloc(memory_product(bigger.size, sizeof *bigger.slots));
    memset(bigger.slots, 0, bigger.size * sizeof *bigger.slots);
    for (size_t i = 0; i < numbering->size; i++) {
        if (numbering->slots[i].number == 0) continue;
        size_t at = mix(numbering->slots[i].series, numbering->slots[i].value) & (bigger.size - 1);
        while (bigger.slots[at].number) at = (at + 1) & (bigger.size - 1);
        bigger.slots[at] = numbering->slots[i];
    }
    free(numbering->slots);
    *numbering = bigger;
}

static uint32_t number_of(Numbering *numbering, uint64_t series, uint64_t value)
{
    if (2 * (numbering->n + (size_t)1) > numbering->size) grow(numbering);
    size_t at = mix(series, value) & (numbering->size - 1);
    while (numbering->slots[at].number) {
        if (numbering->slots[at].series == series && numbering->slots[at].value == value) return numbering->slots[at].number - 1;
        at = (at + 1) & (numbering->size - 1);
    }
    numbering->slots[at].series = series;
    numbering->slots[at].value = value;
    numbering->slots[at].number = ++numbering->n;
    return numbering->n - 1;
}

static uint64_t cell_value(const Column *column, size_t row)
{
    if (column->type == COLUMN_TEXT) return column->codes[row];
    double number = column->numbers[row] == 0.0 ? 0.0 : column->numbers[row]; /* not -0 */
    uint64_t bits;
    memcpy(&bits, &number, sizeof bits);
    return bits;
}

static const char *series_name(Arena *arena, const Recipe *recipe, const Table *table, size_t row)
{
    Buf name = buf_in(arena);
    buf_put(&name, "");
    for (size_t g = 0; g < recipe->order.n_group; g++) {
        const Column *column = &table->columns[table_find(table, recipe->order.group[g])];
        buf_printf(&name, "%s%s=", g ? ", " : "", column->name);
        if (column->type == COLUMN_TEXT) buf_put(&name, column_text(column, row));
        else if (column->type == COLUMN_DATE) buf_put(&name, date_text(arena, column->numbers[row], column->form));
        else buf_put(&name, str_double(arena, column->numbers[row]));
    }
    return name.at;
}

/* Without a column of time each file is a series of its own: nothing says that one goes on where the other ends. */
static void find_series(Ordering *o, const bool *keep)
{
    uint32_t *series = ARENA_ARRAY(o->arena, uint32_t, o->table->n_rows + 1);
    const RecipeOrder *order = &o->recipe->order;
    bool by_file = order->form == ORDER_GIVEN && o->table->n_files > 1;
    o->n_series = 1;
    for (size_t g = 0; g < order->n_group + by_file; g++) {
        const Column *column = g < order->n_group ? &o->table->columns[table_find(o->table, order->group[g])] : NULL;
        Numbering numbering = {0};
        for (size_t row = 0; row < o->table->n_rows; row++)
            if (keep[row]) series[row] = number_of(&numbering, series[row], column ? cell_value(column, row) : table_file(o->table, row));
        o->n_series = numbering.n ? numbering.n : 1;
        free(numbering.slots);
    }
    const char **names = ARENA_ARRAY(o->arena, const char *, o->n_series + 1);
    for (size_t row = 0; row < o->table->n_rows; row++)
        if (keep[row] && !names[series[row]]) names[series[row]] = series_name(o->arena, o->recipe, o->table, row);
    for (size_t s = 0; s < o->n_series; s++)
        if (!names[s]) names[s] = "";
    o->series = series;
    o->names = names;
}

const char *order_series_words(const Ordering *o, size_t row)
{
    return o->recipe->order.n_group ? arena_printf(o->arena, " of `%s`", o->names[o->series[row]]) : "";
}

/* ---- Order --------------------------------------------------------------------------------------------------------------- */

static void sort_rows(Ordering *o, const bool *keep)
{
    const RecipeOrder *order = &o->recipe->order;
    size_t n_rows = o->table->n_rows, columns[ORDER_COLUMNS_MAX];
    Arena *scratch = arena_new("order");
    const uint32_t *sorted = NULL;
    if (order->form == ORDER_BY) {
        for (size_t i = 0; i < order->n_columns; i++) columns[i] = table_find(o->table, order->columns[i].name);
        sorted = table_sorted(scratch, o->table, columns, order->n_columns);
    }
    /* A stable count by series. */
    size_t *at = ARENA_ARRAY(scratch, size_t, o->n_series + 1);
    for (size_t row = 0; row < n_rows; row++)
        if (keep[row]) at[o->series[row] + 1]++;
    for (size_t s = 0; s < o->n_series; s++) at[s + 1] += at[s];
    o->n = at[o->n_series];
    o->rows = ARENA_ARRAY(o->arena, uint32_t, o->n + 1);
    for (size_t i = 0; i < n_rows; i++) {
        uint32_t row = sorted ? sorted[i] : (uint32_t)i;
        if (keep[row]) o->rows[at[o->series[row]]++] = row;
    }
    arena_free(scratch);
}

/* ---- What a row needs to be put in order ----------------------------------------------------------------------------------- */

static bool missing_time(const Ordering *o, const bool *keep)
{
    const RecipeOrder *order = &o->recipe->order;
    bool ok = true;
    for (size_t k = 0; k < order->n_columns + order->n_group; k++) {
        bool time = k < order->n_columns;
        const char *name = time ? order->columns[k].name : order->group[k - order->n_columns];
        Span span = time ? order->columns[k].span : order->group_spans ? order->group_spans[k - order->n_columns] : order->group_span;
        size_t at = table_find(o->table, name), n = 0;
        const Column *column = &o->table->columns[at];
        if (column->n_missing == 0) continue;
        uint32_t first = 0;
        enum { SHOWN = 3 };
        Buf lines = buf_in(o->arena);
        for (size_t row = 0; row < o->table->n_rows; row++) {
            if (!keep[row] || !column_is_missing(column, row)) continue;
            if (n == 0) first = (uint32_t)row;
            if (n < SHOWN) buf_printf(&lines, "%s%zu", n ? ", " : "", table_line(o->table, row));
            n++;
        }
        if (n == 0) continue;
        ok = false;
        if (!o->diags) continue;
        if (n > SHOWN) buf_put(&lines, ", ...");
        Span cell = table_cell_span(o->table, first, at), place = o->use == ROWS_LEARN && span.source ? span : cell;
        Diag *e = diag(o->diags, E0436, place, A("column", name), A("cells", arena_printf(o->arena, "%zu %s", n, n == 1 ? "cell" : "cells")),
                       A("file", o->table->path), A("line_word", n == 1 ? "line" : "lines"), A("lines", lines.at));
        diag_note(e, E0436_lines);
        if (place.source && o->use == ROWS_LEARN && o->recipe->csv.clause.source)
            diag_edit(diag_fix(e, E0436_drop), o->recipe->csv.clause, "    drop missing\n");
        else diag_file_fault(e);
    }
    return ok;
}

static bool same_time(const Ordering *o, uint32_t a, uint32_t b);

/* Whether the cells of a column differ in all rows of each time. */
static bool tells_apart(const Ordering *o, size_t at)
{
    enum { SERIES_MOST = 500 };
    const Column *column = &o->table->columns[at];
    for (size_t i = 1; i < o->n; i++) {
        for (size_t k = i; k-- > 0 && i - k < SERIES_MOST && same_time(o, o->rows[k], o->rows[i]);)
            if (o->series[o->rows[k]] == o->series[o->rows[i]] && cell_value(column, o->rows[k]) == cell_value(column, o->rows[i])) return false;
    }
    return true;
}

void order_offer_group(const Ordering *o, Diag *e)
{
    for (size_t at = 0; at < o->table->n_columns; at++) {
        const Column *column = &o->table->columns[at];
        if (column->type != COLUMN_TEXT || column->n_texts < 2 || column->n_texts > o->n / 2 || !str_is_name(column->name)) continue;
        if (!tells_apart(o, at)) continue;
        Fix *fix = diag_fix(e, E0437_group, A("column", column->name));
        if (o->recipe->csv.clause.source && o->recipe->order.n_group == 0)
            diag_edit(fix, o->recipe->csv.clause, arena_printf(o->arena, "    group by %s\n", column->name));
        return;
    }
    diag_fix(e, E0437_group, A("column", "store"));
}

static bool same_time(const Ordering *o, uint32_t a, uint32_t b)
{
    for (size_t i = 0; i < o->recipe->order.n_columns; i++) {
        const double *numbers = o->table->columns[table_find(o->table, o->recipe->order.columns[i].name)].numbers;
        if (numbers[a] != numbers[b]) return false;
    }
    return true;
}

/* Two rows of one time have no order between them: what a window would hold is left to chance. */
static bool judge_twins(const Ordering *o)
{
    size_t n = 0;
    uint32_t first = 0, second = 0;
    for (size_t i = 1; i < o->n; i++) {
        if (o->series[o->rows[i]] != o->series[o->rows[i - 1]] || !same_time(o, o->rows[i], o->rows[i - 1])) continue;
        if (n++) continue;
        first = o->rows[i - 1];
        second = o->rows[i];
    }
    if (n == 0) return true;
    if (!o->diags) return false;
    Clock clock = clock_new(o->arena, &o->recipe->order, o->table);
    double time[ORDER_COLUMNS_MAX] = {0};
    clock_read(&clock, o->table, first, time);
    TimeUnit unit = order_finest(&o->recipe->order);
    Span at = table_row_span(o->table, second), place = o->use == ROWS_LEARN ? o->recipe->order.span : at;
    Diag *e = diag(o->diags, E0437, place.source ? place : at, A("series", order_series_words(o, second)),
                   A("time", clock_text(&clock, o->arena, o->table, time)), AI("n", n),
                   A("unit", unit == UNIT_NONE || unit == UNIT_SECOND ? "day" : time_unit_name(unit)));
    Span other = table_row_span(o->table, first);
    if (other.source) diag_label(e, other, E0437_first);
    if (at.source && place.source && place.source != at.source) diag_label_add(e, at, E0437_second, (const DiagArg[]){{0}});
    if (n > 1) diag_note(e, E0437_more);
    order_offer_group(o, e);
    if (unit != UNIT_NONE) diag_fix(e, E0437_merge);
    if (o->use != ROWS_LEARN) diag_file_fault(e);
    return false;
}

/* ---- The table ----------------------------------------------------------------------------------------------------------- */

static const Table *finish(Ordering *o, const Series **out)
{
    uint32_t *rows = ARENA_ARRAY(o->arena, uint32_t, o->n + 1), *series = ARENA_ARRAY(o->arena, uint32_t, o->n + 1);
    uint32_t *place = ARENA_ARRAY(o->arena, uint32_t, o->n + 1), *begin = ARENA_ARRAY(o->arena, uint32_t, o->n_series + 1);
    const char **names = ARENA_ARRAY(o->arena, const char *, o->n_series + 1);
    size_t n = 0, n_series = 0;
    bool follows = false, as_it_is = o->n == o->table->n_rows;
    for (size_t i = 0; i < o->n; i++) {
        uint32_t row = o->rows[i];
        if (i && o->series[row] != o->series[o->rows[i - 1]]) follows = false;
        if (o->dropped && o->dropped[row]) {
            follows = false;
            as_it_is = false;
            continue;
        }
        if (n == 0 || o->series[row] != o->series[rows[n - 1]]) {
            begin[n_series] = (uint32_t)n;
            names[n_series++] = o->names[o->series[row]];
        }
        as_it_is = as_it_is && row == n;
        series[n] = (uint32_t)(n_series - 1);
        place[n] = follows ? place[n - 1] + 1 : 0;
        rows[n++] = row;
        follows = true;
    }
    begin[n_series] = (uint32_t)n;
    Series *s = ARENA_NEW(o->arena, Series);
    *s = (Series){n_series, names, begin, series, place};
    *out = s;
    return as_it_is ? o->table : table_select(o->arena, o->table, rows, n);
}

const Table *prepare_order(const Recipe *recipe, Arena *arena, const Table *table, const bool *keep, const bool *dropped, RowsUse use,
                           RecipeCounts *counts, const Series **series, Diags *diags)
{
    Ordering o = {.arena = arena, .recipe = recipe, .table = table, .use = use, .counts = counts, .diags = diags, .dropped = dropped};
    if (!missing_time(&o, keep)) return NULL;
    find_series(&o, keep);
    sort_rows(&o, keep);
    if (recipe->order.every && recipe->order.form == ORDER_BY) {
        if (!order_steps(&o)) return NULL;
    } else if (recipe->order.form == ORDER_BY && recipe_uses_order(recipe) && !judge_twins(&o)) {
        return NULL;
    }
    return finish(&o, series);
}
