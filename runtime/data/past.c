/* What a row owes to the rows around it: gaps filled along the series, columns that look back. See recipe.h. */
#include "runtime/data/prepare.h"

#include <math.h>

typedef struct {
    const RecipeDerive *derives;
    size_t n;
    bool back;
} Depths;

static size_t depth_of(void *context, const Expr *column)
{
    Depths *depths = context;
    for (size_t i = 0; i < depths->n; i++) {
        if (!str_eq(depths->derives[i].name, column->name)) continue;
        depths->back = depths->back || depths->derives[i].looks_back;
        return depths->derives[i].depth;
    }
    return 0;
}

size_t recipe_depth(const Expr *expr, const RecipeDerive *derives, size_t n, bool *back)
{
    Depths depths = {derives, n, expr_looks_back(expr, NULL, 0)};
    size_t depth = expr_depth(expr, depth_of, &depths);
    *back = depths.back;
    return depth;
}

bool recipe_uses_order(const Recipe *recipe)
{
    if (recipe->order.form == ORDER_NONE) return false;
    for (size_t g = 0; g < recipe->n_groups; g++)
        if (recipe->groups[g].window) return true;
    for (size_t t = 0; t < recipe->n_targets; t++)
        if (recipe->targets[t].ahead_last) return true;
    for (size_t d = 0; d < recipe->n_derives; d++)
        if (recipe->derives[d].looks_back) return true;
    for (size_t i = 0; i < recipe->n_columns; i++)
        if (recipe->columns[i].fill == FILL_PREVIOUS || recipe->columns[i].fill == FILL_LINEAR) return true;
    return false;
}

size_t recipe_lacks(const Recipe *recipe, size_t i, const Table *rows, const Series *series, uint32_t *first, size_t most)
{
    const RecipeColumn *column = &recipe->columns[i];
    size_t at = table_find(rows, column->name), n = 0;
    if (at == NO_COLUMN || rows->columns[at].n_missing == 0) return 0;
    for (size_t row = 0; row < rows->n_rows; row++) {
        if (!column_is_missing(&rows->columns[at], row)) continue;
        if (series && series->place[row] < column->depth) continue;
        if (first && n < most) first[n] = (uint32_t)row;
        n++;
    }
    return n;
}

/* ---- Gaps -------------------------------------------------------------------------------------------------------------- */

typedef struct {
    Arena *arena;
    const Recipe *recipe;
    const Table *table;
    Column *own; /* the columns of `table`, where they may be changed */
    const Series *series;
    const Part *parts;
    RowsUse use;
    Diags *diags;
} Past;

static bool same_series(const Past *p, size_t a, size_t b)
{
    return p->series->series[a] == p->series->series[b];
}

/* From the last value before a gap; on the line to the next one where that lies in the row's own part, so that no part is told what comes
 * after it. Beyond the last value of its part a gap keeps the value before it, as pandas does at the end. */
static void fill_numbers(const Past *p, const RecipeColumn *column, const double *from, double *numbers)
{
    size_t n = p->table->n_rows, known = SIZE_MAX, next = 0;
    for (size_t row = 0; row < n; row++) {
        if (known != SIZE_MAX && !same_series(p, known, row)) known = SIZE_MAX;
        numbers[row] = from[row];
        if (!isnan(from[row])) {
            known = row;
            continue;
        }
        if (known == SIZE_MAX) continue;
        numbers[row] = from[known];
        if (column->fill != FILL_LINEAR) continue;
        if (next < row) next = row;
        while (next < n && same_series(p, next, row) && isnan(from[next])) next++;
        if (next == n || !same_series(p, next, row) || p->parts[next] != p->parts[row]) continue;
        double share = (double)(row - known) / (double)(next - known);
        numbers[row] = from[known] + share * (from[next] - from[known]);
    }
}

static void fill_texts(const Past *p, const uint32_t *from, uint32_t *codes)
{
    size_t known = SIZE_MAX;
    for (size_t row = 0; row < p->table->n_rows; row++) {
        if (known != SIZE_MAX && !same_series(p, known, row)) known = SIZE_MAX;
        codes[row] = from[row];
        if (from[row] != TEXT_MISSING) known = row;
        else if (known != SIZE_MAX) codes[row] = from[known];
    }
}

static bool report_beginning(const Past *p, const RecipeColumn *column, size_t at, size_t row)
{
    if (!p->diags) return false;
    const char *name = p->series->names[p->series->series[row]];
    Span cell = table_cell_span(p->table, row, at), place = column->fill_span.source ? column->fill_span : column->span;
    Diag *e = diag(p->diags, E0498, place.source ? place : cell, A("column", column->name),
                   A("method", column->fill == FILL_LINEAR ? "linear" : "previous"),
                   A("series", name[0] ? arena_printf(p->arena, " of `%s`", name) : ""));
    if (cell.source && place.source) diag_label(e, cell, E0498_cell);
    diag_fix(e, E0498_help);
    if (p->use != ROWS_LEARN) diag_file_fault(e);
    return false;
}

static bool fill_column(Past *p, size_t i)
{
    const RecipeColumn *column = &p->recipe->columns[i];
    size_t at = table_find(p->table, column->name);
    if (at == NO_COLUMN || p->table->columns[at].n_missing == 0) return true;
    if (p->use == ROWS_PREDICT && !column->is_feature) return true;
    Column filled = p->table->columns[at];
    bool text = filled.type == COLUMN_TEXT;
    double *numbers = text ? NULL : ARENA_ARRAY(p->arena, double, p->table->n_rows + 1);
    uint32_t *codes = text ? ARENA_ARRAY(p->arena, uint32_t, p->table->n_rows + 1) : NULL;
    switch (column->fill) {
    case FILL_NONE:
    case FILL_LEARNED: return true;
    case FILL_NUMBER:
        for (size_t row = 0; row < p->table->n_rows; row++)
            numbers[row] = isnan(filled.numbers[row]) && p->series->place[row] >= column->depth ? column->fill_number : filled.numbers[row];
        break;
    case FILL_TEXT: return true; /* nothing that looks back reads texts; filled where samples are laid out */
    case FILL_PREVIOUS:
    case FILL_LINEAR:
        if (text) fill_texts(p, filled.codes, codes);
        else fill_numbers(p, column, filled.numbers, numbers);
        break;
    }
    filled.numbers = numbers;
    filled.codes = codes;
    filled.n_missing = 0;
    for (size_t row = 0; row < p->table->n_rows; row++) filled.n_missing += column_is_missing(&filled, row);
    if (p->table->columns != p->own) p->table = table_copy(p->arena, p->table, &p->own);
    p->own[at] = filled;
    uint32_t first;
    if (column->fill != FILL_NUMBER && recipe_lacks(p->recipe, i, p->table, p->series, &first, 1))
        return report_beginning(p, column, at, first);
    return true;
}

/* ---- In order ------------------------------------------------------------------------------------------------------------ */

const Table *recipe_past(const Recipe *recipe, Arena *arena, const Table *rows, const Series *series, const Part *parts, RowsUse use,
                         Diags *diags)
{
    if (!series) return rows;
    Past p = {arena, recipe, rows, NULL, series, parts, use, diags};
    bool ok = true;
    for (size_t i = 0; i < recipe->n_columns; i++) ok = fill_column(&p, i) && ok;
    for (size_t d = 0; d < recipe->n_derives; d++) {
        const RecipeDerive *derive = &recipe->derives[d];
        if (!derive->looks_back || !recipe_wants(recipe, derive, use)) continue;
        if (!expr_check(arena, derive->expr, p.table, false, diags)) return NULL;
        Column column = expr_eval_back(arena, derive->expr, p.table, series->place, derive->name, diags);
        p.table = table_add_column(arena, p.table, &column);
        size_t used = recipe_column(recipe, derive->name);
        if (used != NO_COLUMN) ok = fill_column(&p, used) && ok;
    }
    return ok ? p.table : NULL;
}
