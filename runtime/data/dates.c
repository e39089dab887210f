/* Columns that are read as dates though their form is not ISO, or though a date stands in several columns. See recipe.h. */
#include "runtime/data/prepare.h"

#include <math.h>

#define DAY_SECONDS 86400.0

/* Dates are few and rows are many: each text is read once. */
typedef struct {
    const RecipeDate *date;
    const Table *table;
    double *numbers;
    size_t n_bad;
    uint32_t bad_row;
    bool has_time;
} Reading;

static bool read_text(Reading *r, const char *text, double *seconds)
{
    size_t n = strlen(text);
    bool ok = r->date->format ? date_parse_format(text, n, r->date->format, seconds) : date_parse(text, n, r->date->form, seconds);
    /* ISO days and times may stand together. */
    if (!ok && !r->date->format && r->date->form == DATE_TIME) ok = date_parse(text, n, DATE_DAY, seconds);
    if (ok) r->has_time = r->has_time || *seconds != floor(*seconds / DAY_SECONDS) * DAY_SECONDS;
    return ok;
}

static void note_bad(Reading *r, size_t row)
{
    if (r->n_bad++ == 0) r->bad_row = (uint32_t)row;
    r->numbers[row] = TABLE_MISSING;
}

static void read_column(Reading *r, Arena *arena, size_t at)
{
    const Column *column = &r->table->columns[at];
    if (column->type == COLUMN_NUMBER && !r->date->format && r->date->form == DATE_COMPACT) {
        for (size_t row = 0; row < r->table->n_rows; row++) {
            double value = column->numbers[row];
            char text[32];
            r->numbers[row] = TABLE_MISSING;
            if (isnan(value)) continue;
            snprintf(text, sizeof text, "%.0f", value);
            if (value != floor(value) || !read_text(r, text, &r->numbers[row])) note_bad(r, row);
        }
        return;
    }
    Column texts = table_as_text(arena, r->table, at);
    double *seconds = ARENA_ARRAY(arena, double, texts.n_texts + 1);
    bool *known = ARENA_ARRAY(arena, bool, texts.n_texts + 1);
    for (size_t i = 0; i < texts.n_texts; i++) known[i] = read_text(r, texts.texts[i], &seconds[i]);
    for (size_t row = 0; row < r->table->n_rows; row++) {
        uint32_t code = texts.codes[row];
        r->numbers[row] = TABLE_MISSING;
        if (code == TEXT_MISSING) continue;
        if (known[code]) r->numbers[row] = seconds[code];
        else note_bad(r, row);
    }
}

static const char *joined(Reading *r, const size_t *columns, size_t row, Buf *text)
{
    text->n = 0;
    buf_put(text, "");
    for (size_t i = 0; i < r->date->n_from; i++) {
        if (column_is_missing(&r->table->columns[columns[i]], row)) return NULL;
        if (i) buf_char(text, ' ');
        buf_put(text, table_cell_text(text->arena, r->table, row, columns[i]));
    }
    return text->at;
}

static void read_joined(Reading *r, const size_t *columns)
{
    Arena *scratch = arena_new("dates");
    Buf text = buf_in(scratch);
    for (size_t row = 0; row < r->table->n_rows; row++) {
        const char *whole = joined(r, columns, row, &text);
        r->numbers[row] = TABLE_MISSING;
        if (whole && !read_text(r, whole, &r->numbers[row])) note_bad(r, row);
    }
    arena_free(scratch);
}

static bool report_bad(Reading *r, Arena *arena, const size_t *columns, RowsUse use, Diags *diags)
{
    if (!diags) return false;
    Buf text = buf_in(arena);
    const char *whole = joined(r, columns, r->bad_row, &text);
    Span cell = table_cell_span(r->table, r->bad_row, columns[0]);
    Diag *e = diag(diags, E0434, cell.source ? cell : r->date->span, A("text", whole ? whole : ""), A("column", r->date->name),
                   A("form", r->date->format ? arena_printf(arena, " of the form `%s`", r->date->format) : ""), AI("n", r->n_bad));
    if (cell.source && r->date->span.source) diag_label(e, r->date->span, E0434_read);
    if (r->n_bad > 1) diag_note(e, E0434_more);
    diag_fix(e, E0434_help);
    if (use != ROWS_LEARN || !r->date->format) diag_file_fault(e);
    return false;
}

static const Table *read_date(const RecipeDate *date, Arena *arena, const Table *table, RowsUse use, Diags *diags)
{
    Reading r = {.date = date, .table = table, .numbers = ARENA_ARRAY(arena, double, table->n_rows + 1)};
    size_t *columns = ARENA_ARRAY(arena, size_t, date->n_from + 1);
    for (size_t i = 0; i < date->n_from; i++) columns[i] = table_find(table, date->from[i]);
    for (size_t i = 0; i < date->n_from; i++)
        if (columns[i] == NO_COLUMN) return table; /* a use that does without it */
    if (date->n_from == 1) read_column(&r, arena, columns[0]);
    else read_joined(&r, columns);
    if (r.n_bad) return report_bad(&r, arena, columns, use, diags) ? table : NULL;
    Column column = {.name = date->name, .type = COLUMN_DATE, .numbers = r.numbers, .form = r.has_time ? DATE_TIME : DATE_DAY, .file_column = NO_COLUMN};
    for (size_t row = 0; row < table->n_rows; row++) column.n_missing += isnan(r.numbers[row]) != 0;
    size_t own = table_find(table, date->name);
    if (own == NO_COLUMN) return table_add_column(arena, table, &column);
    column.file_column = table->columns[own].file_column;
    return table_with_column(arena, table, own, &column);
}

const Table *recipe_dates(const Recipe *recipe, Arena *arena, const Table *table, RowsUse use, Diags *diags)
{
    for (size_t d = 0; d < recipe->n_dates && table; d++) table = read_date(&recipe->dates[d], arena, table, use, diags);
    return table;
}
