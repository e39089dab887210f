/* From rows and columns back to places in files, and cells as they stood there. */
#include "runtime/table/csv_inside.h"
#include "runtime/table/table_inside.h"

#include <math.h>

/* The file of a row, and the row's number there; NULL: in no file. */
static const TableFile *file_of(const Table *table, size_t row, size_t *in_file)
{
    uint32_t number = table->origin ? table->origin[row] : (uint32_t)row;
    for (size_t i = 0; i < table->n_files; i++) {
        if (number < table->files[i]->n_rows) {
            *in_file = number;
            return table->files[i];
        }
        number -= (uint32_t)table->files[i]->n_rows;
    }
    return NULL;
}

size_t table_file(const Table *table, size_t row)
{
    size_t at, i = 0;
    const TableFile *file = file_of(table, row, &at);
    while (i < table->n_files && table->files[i] != file) i++;
    return i;
}

/* The cell in `column`, a Column's file_column; false where the file has none. */
static bool cell_in(const TableFile *file, size_t row_begin, size_t column, Cell *cell)
{
    if (column != NO_COLUMN && file->map) column = column < file->n_map ? file->map[column] : NO_COLUMN;
    return column != NO_COLUMN && cell_at(file, row_begin, column, cell);
}

size_t table_line(const Table *table, size_t row)
{
    size_t at;
    const TableFile *file = file_of(table, row, &at);
    if (!file) return 0;
    size_t mark = at / LINE_MARK;
    size_t line = file->line_marks[mark];
    const char *p = file->text + file_row_begin(file, mark * LINE_MARK), *row_begin = file->text + file_row_begin(file, at);
    while ((p = memchr(p, '\n', (size_t)(row_begin - p)))) {
        line++;
        p++;
    }
    return line;
}

Span table_row_span(const Table *table, size_t row)
{
    size_t at;
    const TableFile *file = file_of(table, row, &at);
    if (!file) return NO_SPAN;
    Cell cell;
    size_t begin = file_row_begin(file, at);
    if (!cell_at(file, begin, file->n_columns - 1, &cell)) return NO_SPAN;
    return (Span){file->source, begin, (size_t)(cell.end - file->text)};
}

Span table_cell_span(const Table *table, size_t row, size_t column)
{
    size_t at, c = table->columns[column].file_column;
    const TableFile *file = file_of(table, row, &at);
    Cell cell;
    if (!file || !cell_in(file, file_row_begin(file, at), c, &cell)) return table_row_span(table, row);
    size_t begin = (size_t)(cell.begin - file->text);
    return (Span){file->source, begin, (size_t)(cell.end - file->text)};
}

Span table_header_span(const Table *table, size_t column)
{
    size_t c = table->columns[column].file_column;
    if (table->n_files == 0 || table->files[0]->header_begin == SIZE_MAX) return NO_SPAN;
    const TableFile *file = table->files[0];
    Cell cell;
    if (!cell_in(file, file->header_begin, c, &cell)) return NO_SPAN;
    return (Span){file->source, (size_t)(cell.begin - file->text), (size_t)(cell.end - file->text)};
}

const char *table_cell_text(Arena *arena, const Table *table, size_t row, size_t column)
{
    const Column *c = &table->columns[column];
    size_t at;
    const TableFile *file = file_of(table, row, &at);
    Cell cell;
    if (file && cell_in(file, file_row_begin(file, at), c->file_column, &cell)) {
        Buf scratch = buf_in(arena);
        size_t n;
        const char *content = cell_content(&cell, &scratch, &n);
        return cell.doubled ? content : arena_text(arena, content, n);
    }
    if (column_is_missing(c, row)) return "";
    if (c->type == COLUMN_TEXT) return column_text(c, row);
    return c->type == COLUMN_DATE ? date_text(arena, c->numbers[row], c->form) : str_double(arena, c->numbers[row]);
}

void table_put_cell(Buf *out, const char *text, char delimiter)
{
    size_t n = strlen(text);
    bool quotes = n > 0 && (text[0] == ' ' || text[0] == '\t' || text[n - 1] == ' ' || text[n - 1] == '\t');
    for (const char *p = text; *p && !quotes; p++) quotes = *p == delimiter || *p == '"' || *p == '\n' || *p == '\r';
    if (!quotes) {
        buf_put_n(out, text, n);
        return;
    }
    buf_char(out, '"');
    for (const char *p = text; *p; p++) {
        if (*p == '"') buf_char(out, '"');
        buf_char(out, *p);
    }
    buf_char(out, '"');
}

void table_put_line(Buf *line, const char *const *cells, size_t n, FILE *file)
{
    line->n = 0;
    for (size_t i = 0; i < n; i++) {
        if (i) buf_char(line, ',');
        table_put_cell(line, cells[i], ',');
    }
    buf_char(line, '\n');
    fwrite(line->at, 1, line->n, file);
}

Column table_as_text(Arena *arena, const Table *table, size_t column)
{
    const Column *c = &table->columns[column];
    if (c->type == COLUMN_TEXT) return *c;
    const char **texts = ARENA_ARRAY(arena, const char *, table->n_rows + 1);
    for (size_t row = 0; row < table->n_rows; row++)
        if (!column_is_missing(c, row)) texts[row] = table_cell_text(arena, table, row, column);
    Column text = column_of_texts(arena, c->name, texts, table->n_rows);
    text.file_column = c->file_column;
    return text;
}
