/* A second file's columns brought to those of a first, and why a column is one of texts. */
#include "runtime/table/csv_inside.h"
#include "runtime/table/table_inside.h"

#include <math.h>

static Column missing_like(Arena *arena, const Column *like, size_t n_rows)
{
    Column column = *like;
    column.file_column = NO_COLUMN;
    column.n_missing = n_rows;
    column.odd = (ColumnOdd){0};
    if (like->type == COLUMN_TEXT) {
        uint32_t *codes = ARENA_ARRAY(arena, uint32_t, n_rows + 1);
        for (size_t row = 0; row < n_rows; row++) codes[row] = TEXT_MISSING;
        column.codes = codes;
    } else {
        double *numbers = ARENA_ARRAY(arena, double, n_rows + 1);
        for (size_t row = 0; row < n_rows; row++) numbers[row] = TABLE_MISSING;
        column.numbers = numbers;
    }
    return column;
}

static void report_absent(Arena *arena, const Table *table, const Table *like, const char *name, Span place, Diags *diags)
{
    const char *const *names = table_names(table);
    Diag *e = diag(diags, E0521, place, A("path", table->path), A("name", name), A("other", like->path),
                   A("columns", str_join(arena, names, table->n_columns < 12 ? table->n_columns : 12, true)));
    diag_file_fault(e);
    diag_note(e, E0521_note);
    const char *nearest = diags_nearest(diags, name, names, table->n_columns);
    if (nearest) diag_fix(e, COMMON_did_you_mean, A("nearest", nearest));
}

static void report_type(const Table *table, size_t at, const Column *column, const Column *like, const char *other, Span place,
                        Diags *diags)
{
    const ColumnOdd *odd = &column->odd;
    size_t row = odd->n_odd > 0 ? odd->rows[0] : 0;
    while (odd->n_odd == 0 && row + 1 < table->n_rows && column_is_missing(column, row)) row++;
    Span cell = table_cell_span(table, row, at);
    Diag *e = diag(diags, E0520, cell.source != 0 ? cell : place, A("column", like->name), A("path", table->path),
                   A("type", column_type_name(like->type)), A("other", other), A("found", column_type_name(column->type)),
                   A("one", like->type == COLUMN_DATE ? "date" : "number"));
    diag_file_fault(e);
    diag_primary(e, E0520_here);
    if (place.source != 0 && cell.source != 0) diag_label(e, place, E0520_place);
    const char *text = column->type == COLUMN_TEXT ? column_text(column, row) : NULL;
    if (text) diag_fix(e, E0520_mend, A("text", text));
}

/* The files of `table` seen through the columns of `like`: a column keeps one file_column though its files order their cells differently,
 * so that the tables can be joined. Columns of `columns` have their own place yet and get that of `like`. */
static void share_places(Arena *arena, Table *table, const Table *like, Column *columns)
{
    size_t n_map = 0;
    for (size_t c = 0; c < like->n_columns; c++)
        if (like->columns[c].file_column != NO_COLUMN && like->columns[c].file_column >= n_map) n_map = like->columns[c].file_column + 1;
    size_t n = n_map + like->n_columns;
    size_t *own = ARENA_ARRAY(arena, size_t, n);
    for (size_t k = 0; k < n; k++) own[k] = NO_COLUMN;
    for (size_t c = 0; c < like->n_columns; c++) {
        size_t place = like->columns[c].file_column != NO_COLUMN ? like->columns[c].file_column : n_map + c;
        own[place] = columns[c].file_column;
        if (columns[c].file_column != NO_COLUMN) columns[c].file_column = place;
    }
    const TableFile **files = ARENA_ARRAY(arena, const TableFile *, table->n_files + 1);
    for (size_t i = 0; i < table->n_files; i++) {
        const TableFile *old = table->files[i];
        TableFile *file = ARENA_NEW(arena, TableFile);
        size_t *map = ARENA_ARRAY(arena, size_t, n);
        for (size_t k = 0; k < n; k++) map[k] = own[k] == NO_COLUMN || !old->map ? own[k] : own[k] < old->n_map ? old->map[own[k]] : NO_COLUMN;
        *file = *old;
        file->map = map;
        file->n_map = n;
        files[i] = file;
    }
    table->files = files;
}

Table *table_match(Arena *arena, const Table *table, const Table *like, const bool *needed, Span place, Diags *diags)
{
    Table *matched = ARENA_NEW(arena, Table);
    *matched = *table;
    Column *columns = ARENA_ARRAY(arena, Column, like->n_columns + 1);
    bool ok = true;
    for (size_t c = 0; c < like->n_columns; c++) {
        const Column *want = &like->columns[c];
        size_t at = table_find(table, want->name);
        if (at == NO_COLUMN || table->columns[at].n_missing == table->n_rows) {
            if (at == NO_COLUMN && (!needed || needed[c])) {
                report_absent(arena, table, like, want->name, place, diags);
                ok = false;
                continue;
            }
            columns[c] = missing_like(arena, want, table->n_rows);
            if (at != NO_COLUMN) columns[c].file_column = table->columns[at].file_column;
            continue;
        }
        columns[c] = table->columns[at];
        if (columns[c].type == want->type || (like->n_rows && want->n_missing == like->n_rows)) continue;
        if (want->type == COLUMN_TEXT) {
            columns[c] = table_as_text(arena, table, at);
        } else if (!needed || needed[c]) {
            report_type(table, at, &table->columns[at], want, like->path, place, diags);
            ok = false;
        } else {
            columns[c] = missing_like(arena, want, table->n_rows);
        }
    }
    if (!ok) return NULL;
    share_places(arena, matched, like, columns);
    matched->columns = columns;
    matched->names = like->names;
    matched->n_columns = like->n_columns;
    return matched;
}

/* The signs to strip: those that are neither digit, point, sign nor blank in the odd texts. */
static const char *signs_of(Arena *arena, const ColumnOdd *odd)
{
    Buf signs = buf_in(arena);
    for (size_t i = 0; i < odd->n_odd && i < ODD_ROWS; i++) {
        size_t n = strlen(odd->texts[i]);
        for (size_t k = 0; k < n;) {
            size_t begin = k;
            uint32_t c = str_code_point(odd->texts[i], n, &k);
            if (c < 0x80 && strchr("0123456789.+- ", (int)c)) continue;
            const char *one = arena_text(arena, odd->texts[i] + begin, k - begin);
            if (!signs.at || !strstr(signs.at, one)) buf_put(&signs, one);
        }
    }
    return signs.at ? signs.at : "";
}

static void dress(Diag *e, const Table *table, size_t column, Span clause, bool label)
{
    const Column *c = &table->columns[column];
    const ColumnOdd *odd = &c->odd;
    Arena *scratch = arena_new("odd cells");
    size_t numbers = odd->n_dates > odd->n_numbers ? odd->n_dates : odd->n_numbers;
    DiagArg args[] = {A("column", c->name), AI("odd", odd->n_odd), AI("all", c->n_missing < table->n_rows ? table->n_rows - c->n_missing : 0),
                      A("type", odd->n_dates > odd->n_numbers ? "dates" : "numbers"), A("text", odd->texts[0]),
                      A("one", odd->n_dates > odd->n_numbers ? "date" : "number"), A("signs", signs_of(scratch, odd)), {0}};
    Span cell = odd->rows[0] < table->n_rows ? table_cell_span(table, odd->rows[0], column) : NO_SPAN;
    if (label && cell.source != 0) diag_label_add(e, cell, W0502_cell, args);
    else if (label) diag_note_add(e, W0502_plain, args);
    switch (odd->why) {
    case ODD_PERCENT:
    case ODD_THOUSANDS:
    case ODD_CURRENCY: diag_fix_add(e, W0502_strip, args); break;
    case ODD_COMMA: diag_fix_add(e, W0502_comma, args); break;
    case ODD_NO_DAY: diag_fix_add(e, W0502_day, args); break;
    case ODD_NONE:
    case ODD_OTHER:
    case ODD_INFINITE:
        if (numbers == 0) break;
        Fix *fix = diag_fix_add(e, W0502_missing, args);
        if (clause.source != 0 && !strpbrk(odd->texts[0], "\"\\\n"))
            diag_edit(fix, clause, arena_printf(scratch, "    missing \"%s\"\n", odd->texts[0]));
        break;
    }
    arena_free(scratch);
}

bool table_explain_text(Diag *e, const Table *table, size_t column, Span clause)
{
    const Column *c = &table->columns[column];
    if (c->type != COLUMN_TEXT || c->odd.n_odd == 0) return false;
    dress(e, table, column, clause, true);
    return true;
}

void table_warn_text(const Table *table, size_t column, Span place, Span clause, Diags *diags)
{
    const Column *c = &table->columns[column];
    const ColumnOdd *odd = &c->odd;
    size_t good = (odd->n_dates > odd->n_numbers ? odd->n_dates : odd->n_numbers) + odd->n_spoiled;
    if (c->type != COLUMN_TEXT || odd->n_odd == 0 || odd->n_odd - odd->n_spoiled >= good) return;
    Diag *e = diag(diags, W0502, place, A("column", c->name), AI("odd", odd->n_odd), AI("all", table->n_rows - c->n_missing),
                   A("type", odd->n_dates > odd->n_numbers ? "dates" : "numbers"));
    dress(e, table, column, clause, true);
}
