/* Cells that are missing where a number is needed and no clause says what to do. The checker judges the recipe's own table; this is
 * for the other files a recipe is applied to. */
#include "runtime/data/prepare.h"

enum { SHOWN = 3 };

static bool report(const RecipeColumn *column, const Table *table, size_t at, const uint32_t *rows, size_t n_missing, Diags *diags)
{
    if (!diags) return false;
    size_t n = n_missing < SHOWN ? n_missing : SHOWN;
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

bool prepare_missing(const Recipe *recipe, const Table *table, const Series *series, RowsUse use, Diags *diags)
{
    bool ok = true;
    for (size_t i = 0; i < recipe->n_columns; i++) {
        const RecipeColumn *column = &recipe->columns[i];
        if (use == ROWS_PREDICT && !column->is_feature) continue;
        if (column->fill != FILL_NONE && column->fill != FILL_PREVIOUS && column->fill != FILL_LINEAR) continue;
        uint32_t rows[SHOWN];
        size_t at = table_find(table, column->name), n = recipe_lacks(recipe, i, table, series, rows, SHOWN);
        if (at != NO_COLUMN && n) ok = report(column, table, at, rows, n, diags);
    }
    return ok;
}
