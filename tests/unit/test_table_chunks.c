/* Large texts are read in chunks by several threads: columns, places and messages are those of reading line after line.
 *
 * Line after line is how a text is read that holds a quoted cell, so each text is read as it is, with 1, 2 and 8 threads, and once more with the
 * first cell of its first row in quotes. */
#include "runtime/base/bug.h"
#include "runtime/base/par.h"
#include "runtime/table/csv.h"
#include "tests/unit/test.h"

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

enum { ROWS = 60000, COLUMNS = 9 };

typedef struct {
    Arena *arena;
    Sources *sources;
    Diags *diags;
    Table *table;
    TableFacts facts;
    const char *said;
} Reading;

static Reading reading(const Buf *text, const CsvOptions *options, int threads)
{
    Reading r = {.arena = arena_new("test")};
    r.sources = sources_new(r.arena);
    sources_add(r.sources, "script.nnl", "", 0);
    r.diags = diags_new(r.arena, r.sources);
    par_set_default(threads);
    r.table = csv_read_memory(r.arena, "t.csv", text->at, text->n, options, NO_SPAN, r.diags, &r.facts);
    par_set_default(0);
    Buf said = buf_in(r.arena);
    diags_print(r.diags, (DiagStyle){.form = DIAG_LONG}, &said);
    r.said = said.at ? said.at : "";
    return r;
}

static void same_column(const Column *a, const Column *b, size_t n_rows)
{
    STR(a->name, b->name);
    EQ(a->type, b->type);
    EQ(a->form, b->form);
    EQ(a->n_missing, b->n_missing);
    EQ(a->n_texts, b->n_texts);
    EQ(a->odd.n_odd, b->odd.n_odd);
    EQ(a->odd.rows[0], b->odd.rows[0]);
    EQ(a->odd.n_numbers, b->odd.n_numbers);
    if (a->type != b->type || a->n_texts != b->n_texts) return;
    if (a->numbers) OK(memcmp(a->numbers, b->numbers, n_rows * sizeof *a->numbers) == 0);
    if (a->codes) OK(memcmp(a->codes, b->codes, n_rows * sizeof *a->codes) == 0);
    for (size_t i = 0; i < a->n_texts; i++) {
        STR(a->texts[i], b->texts[i]);
        EQ(column_code(a, a->texts[i]), i);
    }
}

/* `quoted`: the same text with a quoted cell. */
static void same_as_line_by_line(const Buf *text, const Buf *quoted, const CsvOptions *options, bool good)
{
    Reading lines = reading(quoted, options, 1);
    EQ(lines.table != NULL, good);
    static const int threads[] = {1, 2, 8};
    for (size_t i = 0; i < 3; i++) {
        Reading chunks = reading(text, options, threads[i]);
        STR(chunks.said, lines.said);
        EQ(chunks.table != NULL, lines.table != NULL);
        if (chunks.table && lines.table) {
            const Table *a = chunks.table, *b = lines.table;
            EQ(a->n_rows, b->n_rows);
            EQ(a->n_columns, b->n_columns);
            EQ(chunks.facts.n_missing, lines.facts.n_missing);
            for (size_t c = 0; c < a->n_columns && a->n_rows == b->n_rows; c++) same_column(&a->columns[c], &b->columns[c], a->n_rows);
            for (size_t row = 0; row < a->n_rows; row += 997) {
                Span x = table_row_span(a, row), y = table_row_span(b, row);
                EQ(table_line(a, row), table_line(b, row));
                EQ(x.begin + (row > 0 ? 2 : 0), y.begin);
                EQ(x.end + 2, y.end);
            }
            EQ(table_line(a, a->n_rows - 1), table_line(b, b->n_rows - 1));
        }
        arena_free(chunks.arena);
    }
    arena_free(lines.arena);
}

typedef struct {
    size_t ragged, infinite, no_number, other_date; /* rows with such a cell, from this one on; 0: none */
    const char *line_end, *tail;
    char delimiter;
} Spoil;

static uint64_t draw(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state >> 16;
}

/* Numbers, whole numbers, few texts, many texts, days, months, numbers with markers, a text of letters that are composed in two ways. */
static void write_table(Buf *out, const Spoil *spoil, bool quoted)
{
    uint64_t state = 88172645463325252u;
    const char d = spoil->delimiter;
    buf_printf(out, "a%cb%cfew%cmany%cday%cmonth%cmarked%cletters%clast%s", d, d, d, d, d, d, d, d, spoil->line_end);
    for (size_t row = 0; row < ROWS; row++) {
        bool spoiled = row % 20011 == 777;
        const char *quote = quoted && row == 0 ? "\"" : "";
        buf_printf(out, "%s%.*f%s%c", quote, (int)(draw(&state) % 12), ((double)draw(&state) - 1e14) / 7.0e10, quote, d);
        if (spoiled && spoil->infinite && row >= spoil->infinite) buf_printf(out, "1e999%c", d);
        else if (spoiled && spoil->no_number && row >= spoil->no_number) buf_printf(out, "n/a%c", d);
        else buf_printf(out, "%d%c", (int)(draw(&state) % 1000) - 500, d);
        buf_printf(out, "%c%c", (int)('a' + draw(&state) % 5), d);
        buf_printf(out, "name %zu%c", (size_t)(draw(&state) % 30000), d);
        size_t day = (size_t)draw(&state) % 28 + 1;
        if (spoiled && spoil->other_date && row >= spoil->other_date) buf_printf(out, "2020-13-%02zu%c", day, d);
        else if (row % 3 == 0) buf_printf(out, "2020-02-%02zu%c", day, d);
        else buf_printf(out, "2020-02-%02zu 10:00%c", day, d);
        buf_printf(out, "19%02zu-%02zu%c", row / 12 % 100, row % 12 + 1, d);
        if (row % 5 == 1) buf_printf(out, "%s%c", row % 2 ? "-9999" : "?", d);
        else buf_printf(out, "%zu%c", (size_t)draw(&state) % 100000, d);
        buf_printf(out, "%s%c", row % 2 ? "\xED\x95\x9C" : row % 7 ? "\xE1\x84\x92\xE1\x85\xA1\xE1\x86\xAB" : "NA", d);
        if (row % 11) buf_printf(out, "%zu.5", row);
        if (spoiled && spoil->ragged && row >= spoil->ragged) buf_printf(out, "%c1", d);
        buf_put(out, row + 1 < ROWS ? spoil->line_end : spoil->tail);
    }
}

static void case_of(const Spoil *spoil, const CsvOptions *options, bool good)
{
    Arena *arena = arena_new("test");
    Buf text = buf_in(arena), quoted = buf_in(arena);
    write_table(&text, spoil, false);
    write_table(&quoted, spoil, true);
    OK(text.n > (size_t)3 << 20);
    same_as_line_by_line(&text, &quoted, options, good);
    arena_free(arena);
}

TEST(good_tables)
{
    static const CsvMissing markers[] = {{.text = "?"}, {.text = "-9999"}, {.text = "never"}};
    const CsvOptions options = {.missing = markers, .n_missing = 3};
    case_of(&(Spoil){.line_end = "\n", .tail = "\n", .delimiter = ','}, &options, true);
    case_of(&(Spoil){.line_end = "\r\n", .tail = "\r\n", .delimiter = ';'}, &options, true);
    case_of(&(Spoil){.line_end = "\n", .tail = "", .delimiter = '\t'}, &options, true);
    case_of(&(Spoil){.line_end = "\n", .tail = "\n\n  \n\n", .delimiter = ','}, NULL, true);
    /* Rows of empty cells at the end of a text look blank, but are rows. */
    case_of(&(Spoil){.line_end = "\n", .tail = "\n\t\t\t\t\t\t\t\t\n\t\t\t\t\t\t\t\t\n", .delimiter = '\t'}, &options, true);
}

TEST(odd_cells_far_down)
{
    case_of(&(Spoil){.line_end = "\n", .tail = "\n", .delimiter = ',', .no_number = 1}, NULL, true);
    case_of(&(Spoil){.line_end = "\n", .tail = "\n", .delimiter = ',', .no_number = 30000, .other_date = 1}, NULL, true);
    case_of(&(Spoil){.line_end = "\n", .tail = "\n", .delimiter = ',', .infinite = 1}, NULL, false);
    case_of(&(Spoil){.line_end = "\n", .tail = "\n", .delimiter = ',', .infinite = 30000, .no_number = 1}, NULL, true);
    case_of(&(Spoil){.line_end = "\n", .tail = "\n", .delimiter = ',', .ragged = 1, .infinite = 1}, NULL, false);
    case_of(&(Spoil){.line_end = "\n", .tail = "\n", .delimiter = ',', .ragged = 40000}, NULL, false);
}

/* Blank lines between rows, and lines that go over whole blocks of the text. */
TEST(lines_of_all_lengths)
{
    Arena *arena = arena_new("test");
    for (int form = 0; form < 4; form++) {
        Buf text[2];
        for (int quoted = 0; quoted < 2; quoted++) {
            Buf *out = &text[quoted];
            *out = buf_in(arena);
            const char *quote = quoted ? "\"" : "";
            buf_put(out, form == 3 ? "\"x\",\"y\"\n" : "x,y\n");
            for (size_t row = 0; row < 150000; row++) {
                buf_printf(out, "%s%zu%s,", row ? "" : quote, row, row ? "" : quote);
                size_t letters = form == 0 && row % 50000 == 25000 ? (size_t)3 << 20 : 1 + row % 7;
                for (size_t i = 0; i < letters; i++) buf_char(out, (char)('a' + (row + i) % 26));
                buf_put(out, form == 1 && row % 40000 == 9 ? "\n\n" : form == 2 && row % 40000 == 9 ? "\n  \t\n" : "\n");
            }
        }
        same_as_line_by_line(&text[0], &text[1], NULL, true);
    }
    arena_free(arena);
}

#ifndef NNL_SANITIZED
/* Chunks of many columns are large, and each finds the texts of its columns anew: not many of them may be there at a time. */
TEST(memory_for_many_columns)
{
    enum { WIDE = 1000, LONG = 9000, ROOM = 160 << 20 };
    Arena *arena = arena_new("test");
    Buf text = buf_in(arena), line = buf_in(arena);
    for (size_t c = 0; c < WIDE; c++) buf_printf(&text, "%sc%zu", c ? "," : "", c);
    for (size_t c = 0; c < WIDE; c++) buf_printf(&line, "%st%03zu", c ? "," : "\n", c);
    for (size_t row = 0; row < LONG; row++) {
        for (size_t c = 0; c < WIDE; c++) line.at[5 * c + 4] = (char)('a' + row * 7 % 26), line.at[5 * c + 3] = (char)('0' + row % 10);
        buf_put_n(&text, line.at, line.n);
    }
    buf_put(&text, "\n");
    size_t held = text.n + (size_t)LONG * WIDE * sizeof(uint32_t); /* the text and the codes of its cells */
    pid_t child = fork();
    if (child == 0) {
        struct rusage before, after;
        getrusage(RUSAGE_SELF, &before);
        bool good = reading(&text, NULL, 2).table != NULL;
        getrusage(RUSAGE_SELF, &after);
        size_t grown = (size_t)(after.ru_maxrss - before.ru_maxrss) * 1024;
        _exit(!good ? 1 : grown < held ? 2 : grown > held + ROOM ? 3 : 0);
    }
    int status = 0;
    waitpid(child, &status, 0);
    OK(WIFEXITED(status));
    EQ(WEXITSTATUS(status), 0);
    arena_free(arena);
}
#endif
