/* Rows into columns, in one pass over the text.
 *
 * A large text is cut into chunks of whole lines, which several threads read, each into its own rows of the columns; what a chunk finds out
 * beside (texts, missing cells, ragged rows) is joined in the order of the chunks. Where they are cut depends on the text alone, so the
 * columns and every message are those of reading line after line.
 *
 * What a column holds is guessed from its first rows. Columns of numbers are then read straight from the text, with no look at where the cell
 * ends: the number's end is the cell's, or the cell is read anew by the general way. A column whose guess fails further down is marked and
 * read again as a whole (csv_reread), so that its type never depends on where its odd cells stand. */
#include "runtime/table/csv_cuts.h"
#include "runtime/table/csv_inside.h"

#include <math.h>

enum { GUESS_ROWS = 1000, RAGGED_SHOWN = 3 };

typedef enum { AS_NUMBER, AS_DATE, AS_TEXT, AS_LATER } As;

typedef struct {
    As as;
    double *numbers;
    uint32_t *codes;
    TextIndex *index;
    DateForm form;
    size_t n_missing;
    size_t n_infinite;
    Span infinite; /* the first such cell */
} Reading;

typedef struct {
    size_t row_begin, row_end, cells;
} Ragged;

typedef struct {
    Arena *arena;
    TableFile *file;
    const char *text, *end;
    char delimiter;
    size_t n_columns;
    Reading *columns;
    Markers *markers;
    bool value_markers; /* some are compared by value */
    Diags *diags;
    Buf scratch;
    size_t row, room; /* rows there is room for */
    uint32_t line;
    bool failed; /* reported */
    Ragged ragged[RAGGED_SHOWN];
    size_t n_ragged;
    Cuts cuts;
} Reader;

/* One of the chunks that are read at a time; its reader's arena holds the texts it met. */
typedef struct {
    Reader reader;
    Markers markers;
    size_t first_row;
} Chunk;

static bool missing_text(const char *text, size_t n, void *context)
{
    return cell_is_missing(text, n, context);
}

/* Which of two ISO forms covers both, or DATE_NONE: months do not mix with days. */
static DateForm wider(DateForm a, DateForm b)
{
    if (a == DATE_NONE || a == b) return b;
    return a == DATE_MONTH || b == DATE_MONTH ? DATE_NONE : DATE_TIME;
}

static void guess_types(Reader *r, const char *p)
{
    bool *number = ARENA_ARRAY(r->arena, bool, r->n_columns);
    bool *date = ARENA_ARRAY(r->arena, bool, r->n_columns);
    bool *any = ARENA_ARRAY(r->arena, bool, r->n_columns);
    for (size_t c = 0; c < r->n_columns; c++) number[c] = date[c] = true;
    for (int row = 0; row < GUESS_ROWS && p < r->end;) {
        if (line_blank(p, r->end, r->delimiter, &p)) continue;
        for (size_t c = 0;; c++) {
            Cell cell;
            p = cell_scan(p, r->end, r->delimiter, &cell);
            size_t n;
            const char *content = cell_content(&cell, &r->scratch, &n);
            if (c < r->n_columns && !cell_is_missing(content, n, r->markers)) {
                double value;
                DateForm form;
                any[c] = true;
                if (number[c]) number[c] = csv_number(content, n, &value);
                if (date[c]) date[c] = date_parse_iso(content, n, &form, &value);
            }
            if (p == r->end || *p != r->delimiter) break;
            p++;
        }
        if (p < r->end) p++;
        row++;
    }
    for (size_t c = 0; c < r->n_columns; c++)
        r->columns[c].as = number[c] ? AS_NUMBER : date[c] && any[c] ? AS_DATE : AS_TEXT;
}

static const char *read_text(Reader *r, Reading *column, const char *p)
{
    Cell cell;
    const char *q = cell_scan(p, r->end, r->delimiter, &cell);
    if (__builtin_expect(cell.fault != CELL_FINE, 0)) {
        csv_report_fault(r->file->path, r->file->source, r->text, &cell, r->diags);
        r->failed = true;
        return r->end;
    }
    r->line += cell.newlines;
    if (column->as == AS_LATER) return q;
    size_t n;
    const char *content = cell_content(&cell, &r->scratch, &n);
    if (column->as == AS_TEXT) {
        uint32_t code = text_index_add(column->index, content, n);
        column->codes[r->row] = code;
        column->n_missing += code == TEXT_MISSING;
        return q;
    }
    double value = TABLE_MISSING;
    if (cell_is_missing(content, n, r->markers)) {
        column->n_missing++;
    } else if (column->as == AS_NUMBER) {
        if (!csv_number(content, n, &value)) {
            column->as = AS_LATER;
        } else if (isinf(value)) {
            if (column->n_infinite++ == 0)
                column->infinite = (Span){r->file->source, (size_t)(cell.begin - r->text), (size_t)(cell.end - r->text)};
            value = TABLE_MISSING;
        }
    } else {
        DateForm form;
        DateForm both = date_parse_iso(content, n, &form, &value) ? wider(column->form, form) : DATE_NONE;
        if (both == DATE_NONE) column->as = AS_LATER;
        column->form = both;
    }
    column->numbers[r->row] = value;
    return q;
}

/* A number that fills the cell from p to the cut; false: the cell is to be read by the general way. */
static inline bool read_number(Reader *r, Reading *column, const char *p, const char *cut)
{
    double value = 0;
    const char *q = number_scan(p, true, &value);
    if (__builtin_expect(q != cut, 0) && !(q && q + 1 == cut && *q == '\r' && *cut == '\n')) return false;
    if (__builtin_expect(r->value_markers, 0) && number_is_missing(value, r->markers)) {
        value = TABLE_MISSING;
        column->n_missing++;
    }
    column->numbers[r->row] = value;
    return true;
}

static void note_ragged(Reader *r, size_t begin, const char *end, size_t cells)
{
    if (r->n_ragged < RAGGED_SHOWN) {
        while (end > r->text + begin && (end[-1] == '\r' || end[-1] == '\n')) end--;
        r->ragged[r->n_ragged] = (Ragged){begin, (size_t)(end - r->text), cells};
    }
    r->n_ragged++;
}

/* One row from p; returns what stands behind its line end. */
static const char *read_row(Reader *r, const char *p)
{
    size_t begin = (size_t)(p - r->text);
    size_t cells = 0;
    const char delimiter = r->delimiter;
    for (;;) {
        Reading *column = &r->columns[cells];
        const char *cut = cuts_seek(&r->cuts, p);
        if (column->as != AS_NUMBER || !read_number(r, column, p, cut)) {
            cut = read_text(r, column, p);
            if (r->failed) return r->end;
        }
        p = cut;
        cells++;
        if (p == r->end || *p != delimiter) break;
        p++;
        if (cells == r->n_columns) {
            /* Cells too many: only counted. */
            for (;;) {
                Cell cell;
                p = cell_scan(p, r->end, delimiter, &cell);
                r->line += cell.newlines;
                cells++;
                if (cell.fault != CELL_FINE || p == r->end || *p != delimiter) break;
                p++;
            }
            break;
        }
    }
    if (cells != r->n_columns) note_ragged(r, begin, p, cells);
    r->line++;
    return p < r->end ? p + 1 : r->end;
}

static void report_ragged(Reader *r, const CsvHeader *header)
{
    const Ragged *first = &r->ragged[0];
    uint32_t source = r->file->source;
    Diag *e = diag(r->diags, E0507, ((Span){source, first->row_begin, first->row_end}), A("path", r->file->path),
                   AI("found", first->cells), AI("expected", r->n_columns), AI("n", r->n_ragged));
    diag_file_fault(e);
    diag_primary(e, E0507_here);
    for (size_t i = 1; i < r->n_ragged && i < RAGGED_SHOWN; i++)
        diag_label(e, ((Span){source, r->ragged[i].row_begin, r->ragged[i].row_end}), E0507_more, AI("found", r->ragged[i].cells));
    size_t names = header->header_begin != SIZE_MAX ? header->header_begin : header->rows;
    const char *line_end = memchr(r->text + names, '\n', (size_t)(r->end - r->text) - names);
    Span line = {source, names, line_end ? (size_t)(line_end - r->text) : (size_t)(r->end - r->text)};
    if (line.end > line.begin && r->text[line.end - 1] == '\r') line.end--;
    if (line.begin != first->row_begin)
        diag_label_add(e, line, header->header_begin != SIZE_MAX ? E0507_header : E0507_first, (const DiagArg[]){{0}});
    if (r->n_ragged > 1) diag_note(e, E0507_count);
    bool trailing = r->n_ragged == r->row && first->cells == r->n_columns + 1 && r->text[first->row_end - 1] == r->delimiter;
    bool remarks = r->n_columns == 1 && r->text[names] == '#';
    diag_fix_add(e, remarks ? E0507_remarks : trailing ? E0507_trailing : E0507_comma, (const DiagArg[]){{0}});
}

static void report_infinite(Reader *r, const char *name, const Reading *column, const CsvOptions *options)
{
    const char *text = arena_text(r->arena, r->text + column->infinite.begin, column->infinite.end - column->infinite.begin);
    Diag *e = diag(r->diags, E0518, column->infinite, A("text", text), A("column", name), AI("n", column->n_infinite));
    diag_file_fault(e);
    diag_primary(e, E0518_here);
    if (column->n_infinite > 1) diag_note(e, E0518_count);
    Fix *fix = diag_fix(e, E0518_missing);
    if (options && options->clause.source != 0 && !strpbrk(text, "\"\\"))
        diag_edit(fix, options->clause, arena_printf(r->arena, "    missing \"%s\"\n", text));
}

/* All columns of numbers in one block, each beginning an odd number of cache lines after the last: a row writes one number into
 * each, and were they all to begin at like addresses, these writes would fight for the same few places of the cache. */
static void number_room(Reader *r, size_t rows)
{
    enum { LINE = 8 };
    size_t n = 0, stride = ((rows + LINE - 1) / LINE | 1) * LINE;
    for (size_t c = 0; c < r->n_columns; c++) n += r->columns[c].as != AS_TEXT;
    double *block = arena_dense(r->arena, memory_product(n, stride), sizeof *block);
    for (size_t c = 0; c < r->n_columns; c++) {
        if (r->columns[c].as == AS_TEXT) continue;
        r->columns[c].numbers = block;
        block += stride;
    }
}

/* Room for as many rows as there are line feeds; blank lines and quoted ones waste a little. A whole row takes a byte for each of its cells, so
 * that a long line of names above many short lines claims no more than the file's size allows; see read_rows. */
static void make_room(Reader *r, size_t line_feeds)
{
    TableFile *file = r->file;
    size_t most = file->n / r->n_columns, rows = (line_feeds < most ? line_feeds : most) + 1;
    r->room = rows;
    if (file->n < UINT32_MAX) file->begin32 = ARENA_ARRAY(r->arena, uint32_t, rows);
    else file->begin64 = ARENA_ARRAY(r->arena, uint64_t, rows);
    file->line_marks = ARENA_ARRAY(r->arena, uint32_t, rows / LINE_MARK + 1);
    number_room(r, rows);
    for (size_t c = 0; c < r->n_columns; c++) {
        Reading *column = &r->columns[c];
        if (column->as != AS_TEXT) continue;
        column->codes = ARENA_ARRAY(r->arena, uint32_t, rows);
        column->index = text_index_new(r->arena, missing_text, r->markers);
    }
}

static size_t count_feeds(const char *text, size_t n)
{
    size_t feeds = 0;
    for (const char *p = text; (p = memchr(p, '\n', n - (size_t)(p - text))); p++) feeds++;
    return feeds;
}

static void read_rows(Reader *r, const char *p)
{
    uint32_t *begin32 = (uint32_t *)(uintptr_t)r->file->begin32;
    uint64_t *begin64 = (uint64_t *)(uintptr_t)r->file->begin64;
    uint32_t *marks = (uint32_t *)(uintptr_t)r->file->line_marks;
    while (p < r->end && !r->failed) {
        if ((*p == '\n' || *p == '\r' || *p == ' ' || *p == '\t') && line_blank(p, r->end, r->delimiter, &p)) {
            r->line++;
            continue;
        }
        if (r->row == r->room) break; /* some row was too short */
        size_t begin = (size_t)(p - r->text);
        if (begin32) begin32[r->row] = (uint32_t)begin;
        else begin64[r->row] = begin;
        if (r->row % LINE_MARK == 0) marks[r->row / LINE_MARK] = r->line;
        p = read_row(r, p);
        r->row++;
    }
}

/* ---- Chunks ---------------------------------------------------------------------------------------------------------- */

static void read_chunk(void *context, int k)
{
    Reader *r = &((Chunk *)context)[k].reader;
    read_rows(r, r->cuts.base);
}

/* A reader of the lines from `begin` to `end` of the text, the first of them row number `row`. */
static void chunk_open(Chunk *chunk, const Reader *r, size_t begin, size_t end, size_t row)
{
    Reader *own = &chunk->reader;
    Reading *columns = own->columns;
    chunk->first_row = row;
    for (size_t i = 0; i < r->markers->n; i++) chunk->markers.at[i].used = false;
    *own = (Reader){.arena = arena_new("chunk"), .file = r->file, .text = r->text, .end = r->text + end, .delimiter = r->delimiter,
                    .n_columns = r->n_columns, .columns = columns, .markers = &chunk->markers, .value_markers = r->value_markers,
                    .diags = r->diags, .row = row, .room = r->room, .line = r->line + (uint32_t)row};
    own->scratch = buf_in(own->arena);
    own->cuts.end = own->end;
    own->cuts.delimiter = r->delimiter;
    own->cuts.scanned = own->cuts.base = r->text + begin;
    for (size_t c = 0; c < r->n_columns; c++) {
        columns[c] = (Reading){.as = r->columns[c].as, .numbers = r->columns[c].numbers, .codes = r->columns[c].codes};
        if (columns[c].as == AS_TEXT) columns[c].index = text_index_new(own->arena, missing_text, &chunk->markers);
    }
}

/* The chunk's numbers of texts become the column's. */
static void join_texts(Reading *column, const Reading *own, Arena *scratch, size_t begin, size_t end)
{
    size_t n;
    const char *const *texts = text_index_texts(own->index, &n);
    uint32_t *code = ARENA_ARRAY(scratch, uint32_t, n);
    for (size_t i = 0; i < n; i++) code[i] = text_index_add(column->index, texts[i], strlen(texts[i]));
    for (size_t row = begin; row < end; row++)
        if (column->codes[row] != TEXT_MISSING) column->codes[row] = code[column->codes[row]];
}

static void join_column(Reading *column, const Reading *own, Arena *scratch, size_t begin, size_t end)
{
    column->n_missing += own->n_missing;
    if (column->n_infinite == 0) column->infinite = own->infinite;
    column->n_infinite += own->n_infinite;
    if (own->as == AS_LATER) {
        column->as = AS_LATER;
    } else if (column->as == AS_TEXT) {
        join_texts(column, own, scratch, begin, end);
    } else if (column->as == AS_DATE && own->form != DATE_NONE) {
        column->form = wider(column->form, own->form);
        if (column->form == DATE_NONE) column->as = AS_LATER;
    }
}

static void chunk_close(Chunk *chunk, Reader *r)
{
    Reader *own = &chunk->reader;
    ENSURE(!own->failed);
    /* Where a row is ragged there will be no table, and codes of cells that are not there were never written. */
    for (size_t c = 0; c < r->n_columns && own->n_ragged == 0; c++)
        join_column(&r->columns[c], &own->columns[c], own->arena, chunk->first_row, own->row);
    for (size_t i = 0; i < r->markers->n; i++) r->markers->at[i].used |= chunk->markers.at[i].used;
    for (size_t i = 0; i < own->n_ragged && i < RAGGED_SHOWN; i++)
        if (r->n_ragged + i < RAGGED_SHOWN) r->ragged[r->n_ragged + i] = own->ragged[i];
    r->n_ragged += own->n_ragged;
    if (own->row > r->row) r->row = own->row;
    arena_free(own->arena);
}

/* Whether each line from `rows` on is a row, but for blank ones at the end, and there is room for all. */
static bool lines_are_rows(const Reader *r, const CsvText *text, size_t rows)
{
    size_t first = rows / CSV_BLOCK;
    if (rows >= text->filled || text->line_feeds >= r->room) return false;
    for (size_t k = 0; k < text->n_blocks; k++)
        if (text->blocks[k].indented || (k > first && text->blocks[k].quotes)) return false;
    size_t end = (first + 1) * CSV_BLOCK < text->n ? (first + 1) * CSV_BLOCK : text->n;
    return !text->blocks[first].quotes || !memchr(r->text + rows, '"', end - rows);
}

/* Reads chunk after chunk, up to CHUNKS at a time: fewer where they are large, because each finds the texts of its columns anew. */
static void read_chunks(Reader *r, Par *par, const CsvText *text, size_t rows, size_t blocks)
{
    enum { CHUNKS = 16, FEWEST = 2, BLOCKS_AT_A_TIME = 32 };
    int most = blocks * CHUNKS <= BLOCKS_AT_A_TIME ? CHUNKS : blocks * FEWEST < BLOCKS_AT_A_TIME ? BLOCKS_AT_A_TIME / (int)blocks : FEWEST;
    Arena *scratch = arena_new("chunks");
    Chunk *chunks = ARENA_ARRAY(scratch, Chunk, CHUNKS);
    for (size_t i = 0; i < (size_t)most && i * blocks < text->n_blocks; i++) {
        chunks[i].reader.columns = ARENA_ARRAY(scratch, Reading, r->n_columns + 1);
        chunks[i].markers = *r->markers;
        chunks[i].markers.at = ARENA_ARRAY(scratch, Marker, r->markers->n + 1);
        for (size_t m = 0; m < r->markers->n; m++) chunks[i].markers.at[m] = r->markers->at[m];
    }
    /* Line feeds before the first row, and before the place `at`. */
    size_t before = 0, feeds = 0, begin = rows, row = 0;
    int n = 0;
    for (size_t k = 0; k < rows / CSV_BLOCK; k++) before += text->blocks[k].line_feeds;
    before += count_feeds(r->text + rows / CSV_BLOCK * CSV_BLOCK, rows % CSV_BLOCK);
    for (size_t k = 0; begin < text->filled; k += blocks) {
        size_t at = (k + blocks) * CSV_BLOCK, end = text->n;
        for (size_t b = k; b < k + blocks && b < text->n_blocks; b++) feeds += text->blocks[b].line_feeds;
        if (at <= begin) continue;
        /* The line that goes over the border belongs to this chunk. */
        const char *feed = at < text->filled ? memchr(r->text + at - 1, '\n', text->filled - (at - 1)) : NULL;
        if (feed) end = (size_t)(feed - r->text) + 1;
        chunk_open(&chunks[n++], r, begin, end, row);
        row = feeds + (end > at) - before;
        begin = end;
        if (n < most && begin < text->filled) continue;
        par_run(par, n, read_chunk, chunks);
        for (int i = 0; i < n; i++) chunk_close(&chunks[i], r);
        n = 0;
    }
    arena_free(scratch);
}

bool csv_columns(Arena *arena, Par *par, TableFile *file, const CsvText *text, const CsvHeader *header, const CsvOptions *options,
                 Markers *markers, Diags *diags, Column *columns)
{
    Reader *r = ARENA_NEW(arena, Reader);
    *r = (Reader){.arena = arena, .file = file, .text = text->text, .end = text->text + text->n, .delimiter = file->delimiter,
                     .n_columns = header->n, .markers = markers, .value_markers = markers->n_numbers > 0, .diags = diags, .scratch = buf_in(arena), .line = header->rows_line};
    r->columns = ARENA_ARRAY(arena, Reading, header->n + 1);
    const char *p = text->text + header->rows;
    r->cuts.end = r->end;
    r->cuts.delimiter = r->delimiter;
    r->cuts.scanned = r->cuts.base = p;
    guess_types(r, p);
    make_room(r, text->line_feeds);
    /* Small beside the text, so that what each chunk knows of the columns is. */
    size_t blocks = 1 + header->n * sizeof(Reading) / (CSV_BLOCK / 32);
    if (blocks < text->n_blocks && lines_are_rows(r, text, header->rows)) read_chunks(r, par, text, header->rows, blocks);
    else read_rows(r, p);
    file->n_rows = r->row;
    if (r->failed) return false;
    if (r->n_ragged > 0) {
        report_ragged(r, header);
        return false;
    }
    bool *later = ARENA_ARRAY(arena, bool, header->n), any_later = false, ok = true;
    for (size_t c = 0; c < header->n; c++) {
        Reading *reading = &r->columns[c];
        columns[c] = (Column){.name = header->names[c], .file_column = c, .n_missing = reading->n_missing};
        switch (reading->as) {
        case AS_NUMBER:
            columns[c].numbers = reading->numbers;
            if (reading->n_infinite > 0) {
                report_infinite(r, header->names[c], reading, options);
                ok = false;
            }
            break;
        case AS_DATE:
            columns[c].type = COLUMN_DATE;
            columns[c].numbers = reading->numbers;
            columns[c].form = reading->form;
            break;
        case AS_TEXT:
            columns[c].type = COLUMN_TEXT;
            columns[c].codes = reading->codes;
            columns[c].index = reading->index;
            columns[c].texts = text_index_texts(reading->index, &columns[c].n_texts);
            column_count_odd(&columns[c], r->row);
            break;
        case AS_LATER: any_later = later[c] = true; break;
        }
    }
    if (any_later) csv_reread(arena, file, columns, later, markers);
    return ok;
}
