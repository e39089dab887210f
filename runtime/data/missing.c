/* Cells that are missing where a number is needed and no clause says what to do. The checker judges the recipe's own table; this is
 * for the other files a recipe is applied to. */
#include "runtime/data/prepare.h"

enum { SHOWN = 3 };

static bool report(const RecipeColumn *column, const Table *table, size_t at, Diags *diags)
{
    if (!diags) return false;
    uint32_t rows[SHOWN];
    size_t n = 0, n_missing = table->columns[at].n_missing;
    for (size_t row = 0; row < table->n_rows && n < SHOWN; row++)
        if (column_is_missing(&table->columns[at], row)) rows[n++] = (uint32_t)row;
    Arena *arena = arena_new("message");
    Buf lines = buf_in(arena);
    for (size_t i = 0; i < n; i++) buf_printf(&lines, "%s%zu", i ? ", " : "", table_line(table, rows[i]));
    if (n_missing > n) buf_put(&lines, ", ...");
    Span cell = table_cell_span(table, rows[0], at), place = cell.source ? cell : column->span;
    Diag *e = diag(diags, E0431, place, A("column", column->name), A("file", table->path), AI("n", n_missing),
                   A("cells", n_missing == 1 ? "cell" : "cells"), A("line_word", n_missing == 1 ? "line" : "lines"), A("lines", lines.at));
    diag_note(e, E0431_lines);
    diag_fix(e, E0431_help);
    diag_file_fault(e);
    arena_free(arena);
    return false;
}

bool prepare_missing(const Recipe *recipe, const Table *table, RowsUse use, Diags *diags)
{
    bool ok = true;
    for (size_t i = 0; i < recipe->n_columns; i++) {
        const RecipeColumn *column = &recipe->columns[i];
        if (use == ROWS_PREDICT && !column->is_feature) continue;
        if (column->fill != FILL_NONE) continue;
        size_t at = table_find(table, column->name);
        if (at == NO_COLUMN || table->columns[at].n_missing == 0) continue;
        ok = report(column, table, at, diags);
    }
    return ok;
}
