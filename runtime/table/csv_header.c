/* The names of columns: from the first line, from the script, or made up; then `rename`. */
#include "runtime/table/csv_inside.h"

enum { COLUMNS_MAX = 100000 };

typedef struct {
    Arena *arena;
    const CsvText *text;
    const char *path;
    char delimiter;
    const CsvOptions *options;
    Span place;
    Diags *diags;
    Span *spans; /* of the cells of the first line */
} Reader;

static const CsvOptions no_options = {0};

static Span span_of(const Reader *r, const char *begin, const char *end)
{
    return (Span){r->text->source, (size_t)(begin - r->text->text), (size_t)(end - r->text->text)};
}

static bool report_cell(Reader *r, const Cell *cell)
{
    csv_report_fault(r->path, r->text->source, r->text->text, cell, r->diags);
    return false;
}

/* The first line's cells as names. */
static bool first_line(Reader *r, const char *p, CsvHeader *header, const char **behind)
{
    const char *end = r->text->text + r->text->n;
    VEC(const char *) names = {0};
    VEC(Span) spans = {0};
    Buf scratch = buf_in(r->arena);
    header->rows_line++;
    for (;;) {
        Cell cell;
        p = cell_scan(p, end, r->delimiter, &cell);
        if (cell.fault != CELL_FINE) return report_cell(r, &cell);
        header->rows_line += cell.newlines;
        size_t n;
        const char *content = cell_content(&cell, &scratch, &n);
        VEC_PUSH(r->arena, names, str_nfc(r->arena, arena_text(r->arena, content, n), n));
        VEC_PUSH(r->arena, spans, span_of(r, cell.begin, cell.end));
        if (p == end || *p != r->delimiter) break;
        p++;
        if (names.n == COLUMNS_MAX) {
            Diag *e = diag(r->diags, E0517, r->place, A("path", r->path), A("what", "it has more than 100,000 columns"));
            diag_file_fault(e);
            return false;
        }
    }
    header->names = names.at;
    header->n = names.n;
    r->spans = spans.at;
    *behind = p < end ? p + 1 : end;
    return true;
}

static size_t numbers_in(const CsvHeader *header)
{
    double value;
    size_t n = 0;
    for (size_t i = 0; i < header->n; i++) n += csv_number(header->names[i], strlen(header->names[i]), &value);
    return n;
}

static void name_nameless(Reader *r, CsvHeader *header)
{
    for (size_t i = 0; i < header->n; i++) {
        if (header->names[i][0] != '\0') continue;
        header->names[i] = arena_printf(r->arena, "c%zu", i + 1);
        Diag *e = diag(r->diags, W0503, r->spans[i], AI("number", i + 1), A("path", r->path), A("name", header->names[i]));
        diag_primary(e, W0503_here);
    }
}

static bool check_doubles(Reader *r, const CsvHeader *header)
{
    TextIndex *seen = text_index_new(r->arena, NULL, NULL);
    size_t *first = ARENA_ARRAY(r->arena, size_t, header->n);
    bool ok = true;
    for (size_t i = 0; i < header->n; i++) {
        size_t before, after;
        (void)text_index_texts(seen, &before);
        uint32_t code = text_index_add(seen, header->names[i], strlen(header->names[i]));
        (void)text_index_texts(seen, &after);
        if (after > before) {
            first[code] = i;
            continue;
        }
        ok = false;
        Diag *e = diag(r->diags, E0509, r->spans[i], A("path", r->path), A("name", header->names[i]));
        diag_file_fault(e);
        diag_primary(e, E0509_here);
        diag_label(e, r->spans[first[code]], E0509_first);
        diag_fix(e, E0509_rename);
    }
    return ok;
}

static bool check_width(Reader *r, const CsvHeader *header)
{
    const CsvOptions *o = r->options;
    if (o->n_header == header->n) return true;
    Diag *e = diag(r->diags, E0519, o->header_span, AI("given", o->n_header), A("path", r->path), AI("found", header->n));
    diag_primary(e, E0519_here);
    diag_label(e, span_join(r->spans[0], r->spans[header->n - 1]), E0519_row);
    return false;
}

static bool check_given(Reader *r)
{
    const CsvOptions *o = r->options;
    bool ok = true;
    NameIndex *seen = name_index_new(r->arena);
    for (size_t i = 0; i < o->n_header; i++) {
        size_t first = name_index_find(seen, o->header[i]);
        name_index_add(seen, o->header[i]);
        if (first == NO_NAME) continue;
        Diag *e = diag(r->diags, E0522, o->header_spans ? o->header_spans[i] : o->header_span, A("name", o->header[i]), A("path", r->path));
        diag_primary(e, E0522_here);
        if (o->header_spans) diag_label(e, o->header_spans[first], E0522_header);
        diag_fix(e, E0522_rename);
        ok = false;
    }
    return ok;
}

static bool rename_columns(Reader *r, CsvHeader *header)
{
    const CsvOptions *o = r->options;
    bool ok = true;
    if (o->n_renames == 0) return true;
    Column *columns = ARENA_ARRAY(r->arena, Column, header->n);
    for (size_t i = 0; i < header->n; i++) columns[i].name = header->names[i];
    const Table *names = table_of_columns(r->arena, r->path, columns, header->n);
    size_t *to = ARENA_ARRAY(r->arena, size_t, o->n_renames);
    for (size_t i = 0; i < o->n_renames; i++)
        if (!table_require(names, o->renames[i].from, o->renames[i].from_span, r->diags, &to[i])) {
            to[i] = NO_COLUMN;
            ok = false;
        }
    for (size_t i = 0; i < o->n_renames; i++)
        if (to[i] != NO_COLUMN) header->names[to[i]] = o->renames[i].to;
    for (size_t i = 0; i < o->n_renames; i++) {
        if (to[i] == NO_COLUMN) continue;
        for (size_t c = 0; c < header->n; c++) {
            if (c == to[i] || !str_eq(header->names[c], o->renames[i].to)) continue;
            Diag *e = diag(r->diags, E0522, o->renames[i].to_span, A("name", o->renames[i].to), A("path", r->path));
            diag_primary(e, E0522_here);
            diag_label(e, r->spans[c], E0522_header);
            diag_fix(e, E0522_rename);
            ok = false;
            break;
        }
    }
    return ok;
}

static void warn_numbers(Reader *r, const CsvHeader *header)
{
    Diag *e = diag(r->diags, W0504, span_join(r->spans[0], r->spans[header->n - 1]), A("path", r->path));
    diag_primary(e, W0504_here);
    Fix *fix = diag_fix(e, W0504_none);
    if (r->options->clause.source != 0) diag_edit(fix, r->options->clause, "    header none\n");
}

bool csv_header(Arena *arena, const CsvText *text, const char *path, char delimiter, const CsvOptions *options, Span place,
                Diags *diags, CsvHeader *header)
{
    Reader reader = {arena, text, path, delimiter, options ? options : &no_options, place, diags, NULL}, *r = &reader;
    const char *p = text->text, *end = p + text->n, *behind = NULL;
    *header = (CsvHeader){.header_begin = SIZE_MAX, .rows_line = 1};
    while (p < end && line_blank(p, end, delimiter, &p)) header->rows_line++;
    if (p == end) {
        Diag *e = diag(diags, E0504, place, A("path", path));
        diag_file_fault(e);
        diag_note(e, E0504_note);
        return false;
    }
    size_t begin = (size_t)(p - text->text);
    uint32_t line = header->rows_line;
    if (!first_line(r, p, header, &behind)) return false;
    bool ok = true;
    if (r->options->header_none || r->options->n_header > 0 || (r->options->header_found && numbers_in(header) > 0)) {
        header->rows = begin;
        header->rows_line = line;
        if (r->options->n_header > 0) {
            if (!check_given(r) || !check_width(r, header)) return false;
            for (size_t i = 0; i < header->n; i++) header->names[i] = r->options->header[i];
        } else {
            for (size_t i = 0; i < header->n; i++) header->names[i] = arena_printf(arena, "c%zu", i + 1);
        }
    } else {
        header->header_begin = begin;
        header->rows = (size_t)(behind - text->text);
        bool numbers = header->n > 0 && numbers_in(header) == header->n;
        const char *next = behind;
        while (next < end && line_blank(next, end, delimiter, &next)) continue;
        if (next == end) {
            Diag *e = diag(diags, E0505, span_join(r->spans[0], r->spans[header->n - 1]), A("path", path));
            diag_file_fault(e);
            diag_primary(e, E0505_here);
            if (numbers) {
                Fix *fix = diag_fix(e, E0505_none);
                if (r->options->clause.source != 0) diag_edit(fix, r->options->clause, "    header none\n");
            }
            return false;
        }
        name_nameless(r, header);
        ok = check_doubles(r, header);
        if (ok && numbers) warn_numbers(r, header);
    }
    return rename_columns(r, header) && ok;
}
