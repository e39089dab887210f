/* A CSV file in order: text, delimiter, names, rows; then what was found by looking. */
#include "runtime/table/csv_inside.h"

void csv_report_fault(const char *path, uint32_t source, const char *text, const Cell *cell, Diags *diags)
{
    size_t begin = (size_t)(cell->begin - text);
    if (cell->fault == CELL_UNCLOSED) {
        Diag *e = diag(diags, E0508, ((Span){source, begin, begin + 1}), A("path", path));
        diag_file_fault(e);
        diag_primary(e, E0508_here);
        diag_fix(e, E0508_close);
        return;
    }
    size_t end = (size_t)(cell->end - text);
    Diag *e = diag(diags, E0523, ((Span){source, end - 1, end}), A("path", path));
    diag_file_fault(e);
    diag_primary(e, E0523_here);
    diag_fix(e, E0523_double);
}

/* The first row reads like names where it alone keeps at least one column from being numbers, and none of its cells is a number. */
static bool row_looks_like_names(const Column *columns, size_t n, size_t n_rows)
{
    bool any = false;
    if (n_rows < 2) return false;
    for (size_t c = 0; c < n; c++) {
        const ColumnOdd *odd = &columns[c].odd;
        if (columns[c].type != COLUMN_TEXT) return false;
        any = any || (odd->n_numbers > 0 && odd->n_odd == 1 && odd->rows[0] == 0);
    }
    return any;
}

/* Such columns hold numbers to people: why they are texts is said here and nowhere else. */
static void warn_header(const TableFile *file, Column *columns, const CsvOptions *options, Diags *diags)
{
    if (!options || !(options->header_none || options->n_header > 0)) return;
    if (!row_looks_like_names(columns, file->n_columns, file->n_rows)) return;
    Cell first, last;
    size_t begin = file_row_begin(file, 0);
    if (!cell_at(file, begin, 0, &first) || !cell_at(file, begin, file->n_columns - 1, &last)) return;
    for (size_t c = 0; c < file->n_columns; c++)
        if (columns[c].odd.n_odd == 1 && columns[c].odd.rows[0] == 0) columns[c].odd = (ColumnOdd){0};
    Diag *e = diag(diags, W0505, ((Span){file->source, begin, (size_t)(last.end - file->text)}), A("path", file->path));
    diag_primary(e, W0505_here);
    if (options->header_span.source == 0) return;
    diag_label(e, options->header_span, W0505_given);
    diag_edit(diag_fix(e, W0505_remove), options->header_span, "");
}

/* What was meant may be a text of some column: `N/A` for `n/a`. */
static const char *nearest_cell(const char *marker, const Column *columns, size_t n)
{
    enum { TEXTS = 1000 };
    for (size_t c = 0; c < n; c++) {
        if (columns[c].type != COLUMN_TEXT || columns[c].odd.n_odd == 0) continue;
        const char *nearest = str_nearest(marker, columns[c].texts, columns[c].n_texts < TEXTS ? columns[c].n_texts : TEXTS);
        if (nearest && !strpbrk(nearest, "\"\\\n")) return nearest;
    }
    return NULL;
}

static void warn_markers(Arena *arena, const TableFile *file, const Column *columns, const CsvOptions *options, Diags *diags)
{
    for (size_t i = 0; i < file->markers->n; i++) {
        const Marker *marker = &file->markers->at[i];
        if (marker->used) continue;
        Span span = options->missing[i].span;
        Diag *e = diag(diags, W0506, span, A("path", file->path), A("marker", marker->text));
        diag_primary(e, W0506_here);
        const char *nearest = marker->is_number ? NULL : nearest_cell(marker->text, columns, file->n_columns);
        if (nearest && span.source != 0)
            diag_edit(diag_fix(e, COMMON_did_you_mean, A("nearest", nearest)), span, arena_printf(arena, "\"%s\"", nearest));
    }
}

static Table *parse(Arena *arena, Par *par, const char *path, const char *bytes, size_t n, const CsvOptions *options, Span place,
                    Diags *diags, TableFacts *facts)
{
    TableFacts unused;
    if (!facts) facts = &unused;
    *facts = (TableFacts){0};
    if (options && options->written) path = options->written;
    CsvText text;
    if (!csv_text(arena, par, path, bytes, n, options, place, diags, &text)) return NULL;
    if (text.line_feeds > TABLE_ROWS_MAX) {
        Diag *e = diag(diags, E0517, place, A("path", path), A("what", "it has more than 1,000,000,000 rows"));
        diag_file_fault(e);
        return NULL;
    }
    char delimiter = csv_sniff(&text, path, options, place, diags);
    if (!delimiter) return NULL;
    CsvHeader header;
    if (!csv_header(arena, &text, path, delimiter, options, place, diags, &header)) return NULL;
    TableFile *file = ARENA_NEW(arena, TableFile);
    *file = (TableFile){.path = arena_copy(arena, path), .source = text.source, .text = text.text, .n = text.n,
                        .delimiter = delimiter, .header_begin = header.header_begin, .n_columns = header.n,
                        .last = ARENA_NEW(arena, CellLast)};
    Markers *markers = ARENA_NEW(arena, Markers);
    *markers = markers_new(arena, options);
    file->markers = markers;
    Column *columns = ARENA_ARRAY(arena, Column, header.n);
    if (!csv_columns(arena, par, file, &text, &header, options, markers, diags, columns)) return NULL;
    warn_header(file, columns, options, diags);
    if (!(options && options->further)) warn_markers(arena, file, columns, options, diags);
    Table *table = table_of_columns(arena, file->path, columns, header.n);
    const TableFile **files = ARENA_NEW(arena, const TableFile *);
    files[0] = file;
    table->n_rows = file->n_rows;
    table->files = files;
    table->n_files = 1;
    facts->delimiter = delimiter;
    facts->delimiter_found = !(options && options->delimiter) && delimiter != ',' && !str_ends(path, ".tsv");
    facts->encoding = text.encoding;
    facts->encoding_found = text.encoding_found;
    facts->n_rows = file->n_rows;
    facts->n_columns = header.n;
    for (size_t c = 0; c < header.n; c++) facts->n_missing += columns[c].n_missing;
    return table;
}

Table *csv_parse(Arena *arena, const char *path, const char *bytes, size_t n, const CsvOptions *options, Span place, Diags *diags,
                 TableFacts *facts)
{
    enum { WORTH_THREADS = 1 << 20 };
    Par *par = n >= WORTH_THREADS ? par_open(0) : NULL;
    Table *table = parse(arena, par, path, bytes, n, options, place, diags, facts);
    par_close(par);
    return table;
}
