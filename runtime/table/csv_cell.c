/* One cell of a CSV text, and what counts as missing. */
#include "runtime/table/csv_inside.h"

static bool is_blank(char c, char delimiter)
{
    return (c == ' ' || c == '\t') && c != delimiter;
}

/* Before the line feed a carriage return belongs to the line end; at the end of the text too. */
static bool at_line_end(const char *p, const char *end)
{
    return p == end || *p == '\n' || (*p == '\r' && (p + 1 == end || p[1] == '\n'));
}

static const char *quoted(const char *p, const char *end, char delimiter, Cell *cell)
{
    cell->quoted = true;
    cell->at = ++p;
    for (;;) {
        const char *quote = memchr(p, '"', (size_t)(end - p));
        if (!quote) {
            cell->fault = CELL_UNCLOSED;
            cell->n = (size_t)(end - cell->at);
            cell->end = end;
            return end;
        }
        p = quote + 1;
        if (p < end && *p == '"') {
            cell->doubled = true;
            p++;
            continue;
        }
        cell->n = (size_t)(quote - cell->at);
        cell->end = p;
        break;
    }
    const char *inside = cell->at;
    while ((inside = memchr(inside, '\n', (size_t)(cell->at + cell->n - inside)))) {
        cell->newlines++;
        inside++;
    }
    while (p < end && is_blank(*p, delimiter)) p++;
    if (!at_line_end(p, end) && *p != delimiter) cell->fault = CELL_AFTER_QUOTE;
    while (p < end && *p != delimiter && *p != '\n') p++;
    return p;
}

const char *cell_scan(const char *p, const char *end, char delimiter, Cell *cell)
{
    *cell = (Cell){0};
    while (p < end && is_blank(*p, delimiter)) p++;
    cell->begin = p;
    if (p < end && *p == '"') return quoted(p, end, delimiter, cell);
    cell->at = p;
    while (p < end && *p != delimiter && *p != '\n') p++;
    const char *behind = p;
    if (behind > cell->at && behind[-1] == '\r' && (p == end || *p == '\n')) behind--;
    while (behind > cell->at && is_blank(behind[-1], delimiter)) behind--;
    cell->n = (size_t)(behind - cell->at);
    cell->end = behind;
    return p;
}

const char *cell_content(const Cell *cell, Buf *scratch, size_t *n)
{
    if (!cell->doubled) {
        *n = cell->n;
        return cell->at;
    }
    scratch->n = 0;
    for (size_t i = 0; i < cell->n; i++) {
        buf_char(scratch, cell->at[i]);
        if (cell->at[i] == '"') i++;
    }
    *n = scratch->n;
    return scratch->at;
}

bool cell_at(const TableFile *file, size_t row_begin, size_t column, Cell *cell)
{
    const char *p = file->text + row_begin, *end = file->text + file->n;
    CellLast *last = file->last;
    size_t c = 0;
    if (last->at && last->row_begin == row_begin && last->column <= column) {
        p = last->at;
        c = last->column;
    }
    for (;; c++) {
        const char *begin = p;
        p = cell_scan(p, end, file->delimiter, cell);
        if (c == column) {
            *last = (CellLast){row_begin, column, begin};
            return true;
        }
        if (p == end || *p != file->delimiter) return false;
        p++;
    }
}

bool line_blank(const char *p, const char *end, char delimiter, const char **next)
{
    while (p < end && (is_blank(*p, delimiter) || *p == '\r')) p++;
    if (p < end && *p != '\n') return false;
    *next = p < end ? p + 1 : end;
    return true;
}

Markers markers_new(Arena *arena, const CsvOptions *options)
{
    Markers markers = {0};
    if (!options) return markers;
    markers.at = ARENA_ARRAY(arena, Marker, options->n_missing);
    for (; markers.n < options->n_missing; markers.n++) {
        Marker *m = &markers.at[markers.n];
        m->text = options->missing[markers.n].text;
        m->n = strlen(m->text);
        m->is_number = csv_number(m->text, m->n, &m->number);
        markers.n_numbers += m->is_number;
    }
    return markers;
}

bool number_is_missing(double value, Markers *markers)
{
    bool missing = false;
    for (size_t i = 0; i < markers->n; i++)
        if (markers->at[i].is_number && markers->at[i].number == value) missing = markers->at[i].used = true;
    return missing;
}

const char *const csv_missing_words[] = {"NA", "NaN", "nan", "NAN", "null", "NULL", "Null", NULL};

static bool one_of(const char *text, size_t n, const char *const *words)
{
    for (; *words; words++)
        if (strlen(*words) == n && memcmp(text, *words, n) == 0) return true;
    return false;
}

bool cell_is_missing(const char *text, size_t n, Markers *markers)
{
    bool missing = n == 0 || (n <= 4 && one_of(text, n, csv_missing_words));
    for (size_t i = 0; i < markers->n; i++)
        if (markers->at[i].n == n && memcmp(markers->at[i].text, text, n) == 0) missing = markers->at[i].used = true;
    double value;
    return (markers->n_numbers > 0 && csv_number(text, n, &value) && number_is_missing(value, markers)) || missing;
}
