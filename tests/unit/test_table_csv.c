/* Reading CSV: numbers beside Python's float(), cells beside Python's csv module, types, places, and 2,000 spoiled files. */
#include "runtime/base/json.h"
#include "runtime/table/csv.h"
#include "tests/unit/test.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

typedef struct {
    Arena *arena;
    Sources *sources;
    Diags *diags;
} Fixture;

static Fixture begin(void)
{
    Arena *arena = arena_new("test");
    Sources *sources = sources_new(arena);
    sources_add(sources, "script.nnl", "", 0); /* the first source is the script */
    return (Fixture){arena, sources, diags_new(arena, sources)};
}

static Table *read_text(Fixture *f, const char *text, const CsvOptions *options, TableFacts *facts)
{
    return csv_read_memory(f->arena, "t.csv", text, strlen(text), options, NO_SPAN, f->diags, facts);
}

/* The code of the first diagnostic, "" if there is none. */
static const char *first_code(const Fixture *f)
{
    return diags_count(f->diags) > 0 ? diag_code_name(diag_code(diags_at(f->diags, 0))) : "";
}

static const Json *oracle(Fixture *f)
{
    FILE *file = fopen("tests/oracles/table.json", "rb");
    OK(file != NULL);
    if (!file) return NULL;
    fseek(file, 0, SEEK_END);
    size_t n = (size_t)ftell(file);
    rewind(file);
    char *text = arena_alloc(f->arena, n + 1);
    OK(fread(text, 1, n, file) == n);
    fclose(file);
    return json_read(f->arena, sources_add(f->sources, "table.json", text, n), JSON_STRICT, f->diags);
}

TEST(numbers_as_python_reads_them)
{
    Fixture f = begin();
    const Json *all = oracle(&f), *numbers = json_get(all, "numbers");
    OK(numbers && numbers->n > 3000);
    for (size_t i = 0; numbers && i < numbers->n; i++) {
        const char *text = numbers->items[i].items[0].text;
        double expected = strtod(numbers->items[i].items[1].text, NULL), got = 0;
        bool read = csv_number(text, strlen(text), &got);
        if (!read || memcmp(&got, &expected, sizeof got) != 0) STR(text, numbers->items[i].items[1].text);
    }
    const Json *others = json_get(all, "not_numbers");
    for (size_t i = 0; others && i < others->n; i++) {
        double got;
        const char *text = others->items[i].text;
        if (csv_number(text, strlen(text), &got)) STR(text, "no number");
    }
    double value;
    OK(csv_number("1e999", 5, &value) && isinf(value));
    arena_free(f.arena);
}

/* The same numbers in a table, where they are read by the fast way. */
TEST(numbers_in_a_table)
{
    Fixture f = begin();
    const Json *numbers = json_get(oracle(&f), "numbers");
    for (int form = 0; form < 3; form++) {
        const char *end = form == 0 ? "\n" : form == 1 ? "\r\n" : " \n";
        Buf text = buf_in(f.arena);
        buf_printf(&text, "a,b,c%s", end);
        for (size_t i = 0; i < numbers->n; i++)
            buf_printf(&text, form == 2 ? "%s, \"%s\",%s%s" : "%s,%s,%s%s", numbers->items[i].items[0].text, numbers->items[i].items[0].text,
                       numbers->items[i].items[0].text, i + 1 < numbers->n ? end : "");
        Table *table = read_text(&f, text.at, NULL, NULL);
        OK(table != NULL);
        if (!table) continue;
        EQ(table->n_rows, numbers->n);
        for (size_t c = 0; c < 3; c++) {
            EQ(table->columns[c].type, COLUMN_NUMBER);
            for (size_t i = 0; i < table->n_rows && table->columns[c].numbers; i++) {
                double expected = strtod(numbers->items[i].items[1].text, NULL);
                if (memcmp(&table->columns[c].numbers[i], &expected, sizeof expected) != 0) STR(numbers->items[i].items[0].text, "as in the oracle");
            }
        }
    }
    arena_free(f.arena);
}

TEST(cells_as_python_writes_them)
{
    Fixture f = begin();
    const Json *tables = json_get(oracle(&f), "tables");
    for (size_t i = 0; tables && i < tables->n; i++) {
        const Json *t = &tables->items[i], *header = json_get(t, "header"), *rows = json_get(t, "rows");
        CsvOptions options = {.delimiter = json_get(t, "delimiter")->text[0]};
        Table *table = read_text(&f, json_get(t, "text")->text, &options, NULL);
        OK(table != NULL);
        if (!table) continue;
        EQ(table->n_columns, header->n);
        EQ(table->n_rows, rows->n);
        for (size_t c = 0; c < table->n_columns; c++) STR(table->columns[c].name, header->items[c].text);
        for (size_t row = 0; row < table->n_rows && row < rows->n; row++)
            for (size_t c = 0; c < table->n_columns; c++) {
                const char *expected = rows->items[row].items[c].text;
                STR(table_cell_text(f.arena, table, row, c), expected);
                const Column *column = &table->columns[c];
                bool missing = expected[0] == '\0' || str_eq(expected, "NA");
                EQ(column_is_missing(column, row), missing);
                if (column->type == COLUMN_TEXT && !missing) STR(column_text(column, row), expected);
            }
    }
    arena_free(f.arena);
}

TEST(types_by_whole_column)
{
    Fixture f = begin();
    Buf text = buf_in(f.arena);
    buf_put(&text, "n,late,d,m,t,mixed,empty,month\n");
    for (int i = 0; i < 3000; i++)
        buf_printf(&text, "%d,%s,2024-01-%02d,%s,x%d,%s,,1949-%02d\n", i, i == 2500 ? "n/a" : "7", i % 28 + 1,
                   i == 1500 ? "2024-01-02 03:04" : "2024-01-02", i % 7, i % 2 ? "5" : "1950-01", i % 12 + 1);
    Table *t = read_text(&f, text.at, NULL, NULL);
    OK(t != NULL);
    EQ(t->columns[0].type, COLUMN_NUMBER);
    EQ(t->columns[1].type, COLUMN_TEXT);
    EQ(t->columns[1].odd.n_numbers, 2999);
    EQ(t->columns[1].odd.n_odd, 1);
    EQ(t->columns[1].odd.rows[0], 2500);
    STR(t->columns[1].odd.texts[0], "n/a");
    EQ(t->columns[1].n_texts, 2);
    STR(t->columns[1].texts[0], "7");
    EQ(t->columns[2].type, COLUMN_DATE);
    EQ(t->columns[2].form, DATE_DAY);
    EQ(t->columns[3].type, COLUMN_DATE);
    EQ(t->columns[3].form, DATE_TIME);
    EQ(t->columns[4].type, COLUMN_TEXT);
    EQ(t->columns[4].n_texts, 7);
    EQ(t->columns[4].odd.n_odd, 0);
    EQ(t->columns[5].type, COLUMN_TEXT);
    EQ(t->columns[6].type, COLUMN_NUMBER);
    EQ(t->columns[6].n_missing, 3000);
    EQ(t->columns[7].form, DATE_MONTH);
    EQ(table_line(t, 2500), 2502);
    Span cell = table_cell_span(t, 2500, 1);
    Position at = source_position(f.sources, cell.source, cell.begin);
    EQ(at.line, 2502);
    EQ(at.column, 6);
    EQ(cell.end - cell.begin, 3);
    arena_free(f.arena);
}

TEST(dates_found_late)
{
    Fixture f = begin();
    Buf text = buf_in(f.arena);
    buf_put(&text, "d,e\n");
    for (int i = 0; i < 1200; i++) buf_put(&text, ",NA\n");
    buf_put(&text, "2024-01-31,2024-13-01\n2024-02-01,2024-01-01\n2024-02-02,2024-01-02\n");
    Table *t = read_text(&f, text.at, NULL, NULL);
    EQ(t->columns[0].type, COLUMN_DATE);
    NEAR(t->columns[0].numbers[1200], 1706659200, 0);
    EQ(t->columns[0].n_missing, 1200);
    EQ(t->columns[1].type, COLUMN_TEXT);
    EQ(t->columns[1].odd.why, ODD_NO_DAY);
    EQ(t->columns[1].odd.n_dates, 2);
    arena_free(f.arena);
}

TEST(odd_numbers_are_named)
{
    static const struct {
        const char *cell;
        OddCell why;
    } cases[] = {{"12%", ODD_PERCENT}, {"\"1,234\"", ODD_THOUSANDS}, {"$5", ODD_CURRENCY}, {"3000원", ODD_CURRENCY}, {"-$1.5", ODD_CURRENCY},
                 {"\"3,14\"", ODD_COMMA}, {"inf", ODD_INFINITE}, {"n/a", ODD_OTHER}, {"\"12,345.5\"", ODD_THOUSANDS}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        Fixture f = begin();
        Table *t = read_text(&f, arena_printf(f.arena, "a\n1\n%s\n3\n", cases[i].cell), &(CsvOptions){.delimiter = ','}, NULL);
        EQ(t->columns[0].type, COLUMN_TEXT);
        EQ(t->columns[0].odd.why, cases[i].why);
        EQ(t->columns[0].odd.n_numbers, 2);
        arena_free(f.arena);
    }
}

/* Prices and shares hold no plain number at all, and yet are numbers to people. */
TEST(spoiled_numbers_are_warned_of)
{
    static const struct {
        const char *text;
        size_t warnings;
    } cases[] = {{"a\n$5\n$7\n", 1}, {"a\n12%\n3%\n", 1}, {"a\n1\n2\nx\n", 1}, {"a\n1\nx\ny\n", 0}, {"a\nx\ny\n$3\n", 0}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        Fixture f = begin();
        Table *t = read_text(&f, cases[i].text, NULL, NULL);
        table_warn_text(t, 0, (Span){1, 0, 0}, NO_SPAN, f.diags);
        EQ(diags_warnings(f.diags), cases[i].warnings);
        arena_free(f.arena);
    }
}

/* Many names above many short lines: room is made by the size of the file, not by the product. */
TEST(short_lines_below_many_names)
{
    Fixture f = begin();
    Buf text = buf_in(f.arena);
    for (int i = 0; i < 50000; i++) buf_printf(&text, "n%d,", i);
    buf_put(&text, "last\n");
    for (int i = 0; i < 200000; i++) buf_put(&text, "1\n");
    OK(!read_text(&f, text.at, NULL, NULL));
    STR(first_code(&f), "E0507");
    arena_free(f.arena);
}

TEST(missing_markers)
{
    Fixture f = begin();
    CsvMissing markers[] = {{.text = "?"}, {.text = "-9999"}, {.text = "unused"}};
    CsvOptions options = {.missing = markers, .n_missing = 3};
    TableFacts facts;
    Table *t = read_text(&f, "a,b,c,d\n1,?,x,Na\n-9999.0,2,-9999,na\n-9.999e3,3,?,NULL\nnull,NaN,,NA\n", &options, &facts);
    EQ(t->columns[0].type, COLUMN_NUMBER);
    EQ(t->columns[0].n_missing, 3);
    EQ(t->columns[1].type, COLUMN_NUMBER);
    EQ(t->columns[1].n_missing, 2);
    EQ(t->columns[2].n_missing, 3);
    EQ(t->columns[2].n_texts, 1);
    EQ(t->columns[3].n_texts, 2);
    EQ(facts.n_missing, 10);
    EQ(diags_warnings(f.diags), 1);
    STR(first_code(&f), "W0506");
    arena_free(f.arena);
}

/* Each marker that fits some cell occurs: one that is given twice, in two spellings, or that would be missing anyway. */
TEST(markers_that_mean_the_same)
{
    Fixture f = begin();
    CsvMissing markers[] = {{.text = "?"}, {.text = "?"}, {.text = "-9999"}, {.text = "-9999.0"}, {.text = "NA"}, {.text = ""}};
    CsvOptions options = {.missing = markers, .n_missing = 6};
    Table *t = read_text(&f, "a,b\n1,?\n-9999,x\n2,NA\n3,\n", &options, NULL);
    EQ(t->columns[0].n_missing, 1);
    EQ(t->columns[1].n_missing, 3);
    EQ(diags_warnings(f.diags), 0);
    arena_free(f.arena);
}

TEST(line_ends_and_marks)
{
    static const char *const texts[] = {"a,b\n1,2\n3,4\n", "a,b\r\n1,2\r\n3,4\r\n", "a,b\r1,2\r3,4\r", ("\xEF\xBB\xBF" "a,b\n1,2\n3,4"),
                                        "\n\n a , b \n\n 1 ,2\n\n3,\t4 \n\n", "\"a\",\"b\"\r\n\"1\",2\r\n3,\"4\"", "a,b\n1,2\n3,4\r"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        Fixture f = begin();
        Table *t = read_text(&f, texts[i], NULL, NULL);
        OK(t != NULL);
        if (!t) continue;
        EQ(t->n_rows, 2);
        EQ(t->n_columns, 2);
        STR(t->columns[0].name, "a");
        STR(t->columns[1].name, "b");
        NEAR(t->columns[0].numbers[1], 3, 0);
        NEAR(t->columns[1].numbers[1], 4, 0);
        EQ(diags_count(f.diags), 0);
        arena_free(f.arena);
    }
}

TEST(lines_count_quoted_line_ends)
{
    Fixture f = begin();
    Buf text = buf_in(f.arena);
    buf_put(&text, "\n\"a\nb\",c\n");
    for (int i = 0; i < 3000; i++) buf_printf(&text, "%s\"x\ny\",%d\n", i % 3 ? "" : "\n", i);
    Table *t = read_text(&f, text.at, NULL, NULL);
    STR(t->columns[0].name, "a\nb");
    EQ(t->n_rows, 3000);
    for (size_t row = 0; row < 3000; row += 37) {
        Span span = table_row_span(t, row);
        EQ(table_line(t, row), source_position(f.sources, span.source, span.begin).line);
    }
    STR(table_cell_text(f.arena, t, 2999, 0), "x\ny");
    arena_free(f.arena);
}

TEST(delimiters_are_found)
{
    static const struct {
        const char *text;
        char delimiter;
        size_t columns;
    } cases[] = {{"a,b,c\n1,2,3\n", ',', 3}, {"a;b\n1,5;2,5\n", ';', 2}, {"a\tb\n1\t2\n", '\t', 2}, {"a|b|c\n1|2|3\n", '|', 3},
                 {"name;note\n\"x;y\";\"a,b\"\n", ';', 2}, {"one\n1\n2\n", ',', 1}, {"a,b\n\"1;2\",3\n4;5;6,7\n", ',', 2}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        Fixture f = begin();
        TableFacts facts;
        Table *t = read_text(&f, cases[i].text, NULL, &facts);
        OK(t != NULL);
        if (!t) continue;
        EQ(facts.delimiter, cases[i].delimiter);
        EQ(facts.delimiter_found, cases[i].delimiter != ',');
        EQ(t->n_columns, cases[i].columns);
        arena_free(f.arena);
    }
    Fixture f = begin();
    OK(!read_text(&f, "a,b;c\n1,2;3\n", NULL, NULL));
    STR(first_code(&f), "E0515");
    arena_free(f.arena);
}

TEST(headers)
{
    Fixture f = begin();
    Table *t = read_text(&f, "1,2\n3,4\n", &(CsvOptions){.header_none = true}, NULL);
    EQ(t->n_rows, 2);
    STR(t->columns[1].name, "c2");
    EQ(table_line(t, 0), 1);
    OK(table_header_span(t, 0).source == 0);
    const char *names[] = {"MPG", "Cylinders"};
    t = read_text(&f, "1,2\n3,4\n", &(CsvOptions){.header = names, .n_header = 2}, NULL);
    STR(t->columns[0].name, "MPG");
    EQ(diags_count(f.diags), 0);
    t = read_text(&f, "mpg,cyl\n1,2\n3,4\n", &(CsvOptions){.header = names, .n_header = 2}, NULL);
    STR(first_code(&f), "W0505");
    OK(!read_text(&f, "1,2,3\n", &(CsvOptions){.header = names, .n_header = 2}, NULL));
    EQ(diags_errors(f.diags), 1);
    CsvRename rename = {.from = "wv (m/s)", .to = "wv"};
    t = read_text(&f, "\"wv (m/s)\",x\n1,2\n", &(CsvOptions){.renames = &rename, .n_renames = 1}, NULL);
    STR(t->columns[0].name, "wv");
    EQ(table_find(t, "wv (m/s)"), NO_COLUMN);
    arena_free(f.arena);
    f = begin();
    t = read_text(&f, ",x\n1,2\n", NULL, NULL);
    STR(t->columns[0].name, "c1");
    STR(first_code(&f), "W0503");
    arena_free(f.arena);
}

/* The same Korean name in composed and in decomposed form. */
TEST(names_and_cells_in_normal_form)
{
    Fixture f = begin();
    Table *t = read_text(&f, "\xE1\x84\x92\xE1\x85\xA1\xE1\x86\xAB,Sepal.Length\n\xE1\x84\x92\xE1\x85\xA1\xE1\x86\xAB,1\n한,2\n", NULL, NULL);
    EQ(table_find(t, "한"), 0);
    EQ(table_find(t, "Sepal.Length"), 1);
    EQ(t->columns[0].n_texts, 1);
    EQ(column_code(&t->columns[0], "한"), 0);
    arena_free(f.arena);
}

TEST(encodings)
{
    Fixture f = begin();
    TableFacts facts;
    Table *t = csv_read(f.arena, "tests/cases/lang/good/cp949.csv", NULL, NO_SPAN, f.diags, &facts);
    OK(t != NULL);
    EQ(facts.encoding_found, true);
    STR(facts.encoding, "cp949");
    t = csv_read(f.arena, "tests/cases/lang/good/cp949.csv", &(CsvOptions){.encoding = "EUC_KR"}, NO_SPAN, f.diags, &facts);
    OK(t != NULL);
    EQ(facts.encoding_found, false);
    EQ(diags_count(f.diags), 0);
    const char utf16[] = "\xFF\xFE" "a\0\n\0\x5C\xD5\n\0";
    t = csv_read_memory(f.arena, "t.csv", utf16, sizeof utf16 - 1, NULL, NO_SPAN, f.diags, &facts);
    OK(t != NULL);
    STR(table_cell_text(f.arena, t, 0, 0), "한");
    STR(facts.encoding, "utf-16");
    OK(!read_text(&f, "a\ncaf\xE9\n", NULL, NULL));
    STR(first_code(&f), "E0510");
    t = read_text(&f, "a\ncaf\xE9\n", &(CsvOptions){.encoding = "latin1"}, NULL);
    STR(column_text(&t->columns[0], 0), "café");
    arena_free(f.arena);
}

TEST(faults_have_codes)
{
    static const struct {
        const char *text, *code;
    } cases[] = {{"", "E0504"}, {" \n\n", "E0504"}, {"a,b\n", "E0505"}, {"a,b\n1,2\n3\n", "E0507"}, {"a,b\n1,2,3\n", "E0507"},
                 {"a,b\n\"1,2\n", "E0508"}, {"a,b,a\n1,2,3\n", "E0509"}, {"a\n1e999\n", "E0518"}, {"a,b\n\"x\"y,2\n", "E0523"},
                 {"a\n\"say \"hi\"\"\n", "E0523"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        Fixture f = begin();
        OK(!read_text(&f, cases[i].text, NULL, NULL));
        STR(first_code(&f), cases[i].code);
        EQ(diags_errors(f.diags), 1);
        EQ(diags_exit_code(f.diags), 3);
        arena_free(f.arena);
    }
    Fixture f = begin();
    OK(!csv_read_memory(f.arena, "t.csv", "a\n\0\n", 4, NULL, NO_SPAN, f.diags, NULL));
    STR(first_code(&f), "E0506");
    OK(!csv_read(f.arena, "tests/unit", NULL, NO_SPAN, f.diags, NULL));
    OK(!csv_read(f.arena, "examples/data/irsi.csv", NULL, NO_SPAN, f.diags, NULL));
    OK(!csv_read(f.arena, "no/such/folder.csv", NULL, NO_SPAN, f.diags, NULL));
    EQ(diags_errors(f.diags), 4);
    EQ(diag_code(diags_at(f.diags, 1)), E0502);
    EQ(diag_code(diags_at(f.diags, 2)), E0501);
    EQ(diag_fix_count(diags_at(f.diags, 2)), 1);
    arena_free(f.arena);
}

static atomic_bool stop_writing;

/* Another program that goes on writing: the file's time changes all the while. */
static void *keep_writing(void *path)
{
    for (long tick = 1; !stop_writing; tick++) {
        struct timespec times[2] = {{.tv_sec = tick}, {.tv_sec = tick}};
        utimensat(AT_FDCWD, path, times, 0);
    }
    return NULL;
}

TEST(file_that_changes)
{
    Fixture f = begin();
    char path[] = "/tmp/nnl-test-XXXXXX";
    int fd = mkstemp(path);
    OK(fd >= 0);
    FILE *file = fdopen(fd, "w");
    fputs("a,b\n", file);
    for (int i = 0; i < 400000; i++) fprintf(file, "%d,%d\n", i, i * 7);
    fclose(file);
    Table *t = csv_read(f.arena, path, NULL, NO_SPAN, f.diags, NULL);
    OK(t && t->n_rows == 400000 && t->columns[1].numbers[399999] == 399999.0 * 7);
    pthread_t writer;
    OK(pthread_create(&writer, NULL, keep_writing, path) == 0);
    struct stat before, now;
    stat(path, &before);
    do stat(path, &now);
    while (now.st_mtim.tv_sec == before.st_mtim.tv_sec);
    t = csv_read(f.arena, path, NULL, NO_SPAN, f.diags, NULL);
    stop_writing = true;
    pthread_join(writer, NULL);
    OK(t == NULL);
    STR(first_code(&f), "E0516");
    unlink(path);
    arena_free(f.arena);
}

/* What a child writes to standard error and how it ends, where a file was cut after it was read and its last row is looked at again. */
static int cut_and_look(const char *path, char *said, size_t room)
{
    int ends[2];
    OK(pipe(ends) == 0);
    pid_t child = fork();
    if (child == 0) {
        dup2(ends[1], STDERR_FILENO);
        Fixture f = begin();
        Table *t = csv_read(f.arena, path, NULL, NO_SPAN, f.diags, NULL);
        _exit(t && truncate(path, 1 << 20) == 0 && table_cell_text(f.arena, t, t->n_rows - 1, 1)[0] ? 100 : 101);
    }
    close(ends[1]);
    size_t n = 0;
    for (ssize_t got; n + 1 < room && (got = read(ends[0], said + n, room - 1 - n)) > 0;) n += (size_t)got;
    said[n] = '\0';
    close(ends[0]);
    int status = 0;
    waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* A file that is mapped, because it is large, and loses its end. */
TEST(file_that_becomes_shorter)
{
    enum { LETTERS = 1 << 20, ROWS = 65 };
    Arena *arena = arena_new("test");
    char path[] = "/tmp/nnl-test-XXXXXX", said[300];
    FILE *file = fdopen(mkstemp(path), "w");
    char *letters = arena_alloc(arena, LETTERS + 1);
    memset(letters, 'x', LETTERS);
    fputs("a,b\n", file);
    for (int row = 0; row < ROWS; row++) fprintf(file, "%s,%d\n", letters, row);
    fclose(file);
    EQ(cut_and_look(path, said, sizeof said), 3);
    STR(said, arena_printf(arena, "nnl: `%s` became shorter while it was used: another program writes it; run again when it is done\n", path));
    unlink(path);
    arena_free(arena);
}

/* A cell of text among numbers that is too large for a number is no mistake. */
TEST(large_numbers_among_texts)
{
    Fixture f = begin();
    Table *t = read_text(&f, "a\n1e999\nx\n", NULL, NULL);
    OK(t != NULL);
    EQ(t->columns[0].type, COLUMN_TEXT);
    arena_free(f.arena);
}

TEST(long_lines)
{
    Fixture f = begin();
    Buf text = buf_in(f.arena);
    for (int i = 0; i < 5000; i++) buf_printf(&text, "%sv%d", i ? "," : "", i);
    for (int row = 0; row < 3; row++)
        for (int i = 0; i < 5000; i++) buf_printf(&text, "%s%d", i ? "," : "\n", row * i);
    buf_put(&text, "\n\"");
    for (int i = 0; i < 100000; i++) buf_put(&text, "a,\n");
    buf_put(&text, "\"");
    for (int i = 1; i < 5000; i++) buf_put(&text, ",7");
    Table *t = read_text(&f, text.at, NULL, NULL);
    OK(t != NULL);
    EQ(t->n_rows, 4);
    NEAR(t->columns[4999].numbers[2], 9998, 0);
    NEAR(t->columns[4999].numbers[3], 7, 0);
    EQ(strlen(column_text(&t->columns[0], 3)), 300000);
    arena_free(f.arena);
}

/* Whatever is done to a file, it is read or reported, and every cell read has a place. */
TEST(spoiled_files)
{
    static const char seed_text[] = "id,\"na\"\"me\",when,수,x\r\n1,\"a,\nb\",2024-01-02,-1.5e3,NA\r\n\n2,c d,2024-02-30,12345678901234567890.5,7\n"
                                    "3,\"\",2024-01-02 03:04:05,,1e300\n4,가,1949-01,0.1,\t8 \n";
    static const char noise[] = {',', '"', '\n', '\r', ' ', '0', '9', '.', '-', 'e', '\0', '\xEA', '\xB0', 'x', ';', '\t', '|', '\xFF'};
    uint64_t state = 1;
    size_t read = 0;
    for (int round = 0; round < 2000; round++) {
        Fixture f = begin();
        char text[2 * sizeof seed_text];
        size_t n = sizeof seed_text - 1;
        memcpy(text, seed_text, n);
        int changes = 1 + round % 5;
        for (int k = 0; k < changes; k++) {
            state = state * 6364136223846793005u + 1442695040888963407u;
            size_t at = (state >> 33) % (n + 1);
            char c = noise[(state >> 20) % sizeof noise];
            switch ((state >> 28) % 4) {
            case 0:
                if (at < n) text[at] = c;
                break;
            case 1:
                memmove(text + at + 1, text + at, n - at);
                text[at] = c;
                n++;
                break;
            case 2:
                if (at < n) memmove(text + at, text + at + 1, --n - at);
                break;
            default: n = at; break;
            }
        }
        Table *t = csv_read_memory(f.arena, "t.csv", text, n, NULL, NO_SPAN, f.diags, NULL);
        if (t) {
            read++;
            OK(diags_errors(f.diags) == 0);
            for (size_t row = 0; row < t->n_rows; row++)
                for (size_t c = 0; c < t->n_columns; c++) {
                    OK(table_cell_span(t, row, c).source != 0);
                    OK(table_cell_text(f.arena, t, row, c) != NULL);
                }
        } else {
            OK(diags_errors(f.diags) > 0);
            Buf out = buf_in(f.arena);
            diags_print(f.diags, (DiagStyle){DIAG_LONG, false}, &out);
            OK(out.n > 0);
        }
        arena_free(f.arena);
    }
    OK(read > 200 && read < 1800);
}
