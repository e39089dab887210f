/* Cells that are missing where a number is needed and no clause says what to do. */
#include "runtime/data/prepare.h"

enum { SHOWN = 3 };

static bool report(const Recipe *recipe, const RecipeColumn *column, const Table *table, size_t at, Diags *diags)
{
    if (!diags) return false;
    uint32_t rows[SHOWN];
    size_t n = 0;
    for (size_t row = 0; row < table->n_rows && n < SHOWN; row++)
        if (column_is_missing(&table->columns[at], row)) rows[n++] = (uint32_t)row;
    bool one = table->columns[at].n_missing == 1;
    Span cell = table_cell_span(table, rows[0], at), place = column->span.source ? column->span : cell;
    Arena *arena = arena_new("message");
    Buf lines = buf_in(arena);
    for (size_t i = 0; i < n; i++) buf_printf(&lines, "%s%zu", i ? ", " : "", table_line(table, rows[i]));
    if (table->columns[at].n_missing > n) buf_put(&lines, ", ...");
    const char *what = arena_printf(arena, "%zu %s", table->columns[at].n_missing, one ? "cell is" : "cells are");
    Diag *e = diag(diags, E0430, place, A("column", column->name), A("cells", what), A("file", table->path), A("lines", lines.at),
                   AI("rows", table->n_rows), A("line_word", n == 1 ? "line" : "lines"));
    if (cell.source && cell.source != place.source) diag_label(e, cell, E0430_first);
    diag_note(e, E0430_lines);
    bool text = table->columns[at].type == COLUMN_TEXT;
    const char *method = text ? "most_common" : "median";
    const char *name = str_is_name(column->name) ? column->name : arena_printf(arena, "\"%s\"", column->name);
    Fix *fill = diag_fix(e, E0430_fill, A("method", method));
    if (recipe->csv.clause.source) {
        diag_edit(fill, recipe->csv.clause, arena_printf(arena, "    fill %s: %s\n", name, method));
        if (!recipe->drop_missing) diag_edit(diag_fix(e, E0430_drop), recipe->csv.clause, "    drop missing\n");
    }
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
        ok = report(recipe, column, table, at, diags);
    }
    return ok;
}
