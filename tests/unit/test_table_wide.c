/* Tables with as many columns as a file may have: what is asked once a column may not look through all of them. */
#include "runtime/table/csv.h"
#include "tests/unit/test.h"

#include <stdlib.h>
#include <time.h>

enum { COLUMNS = 100000 };

/* Processor time, generous: looking through all columns each time takes many times as long. */
static bool within(clock_t begin, int seconds)
{
    return (clock() - begin) / CLOCKS_PER_SEC < seconds;
}

static const char *name_of(Arena *arena, size_t i)
{
    return arena_printf(arena, "column %zu", i);
}

static Table *wide(Arena *arena, Diags *diags)
{
    Buf text = buf_in(arena);
    for (size_t i = 0; i < COLUMNS; i++) buf_printf(&text, "%scolumn %zu", i ? "," : "", i);
    for (size_t i = 0; i < COLUMNS; i++) buf_printf(&text, "%s%zu", i ? "," : "\n", i);
    return csv_read_memory(arena, "wide.csv", text.at, text.n, NULL, NO_SPAN, diags, NULL);
}

TEST(names_are_found)
{
    Arena *arena = arena_new("test"), *other = arena_new("other");
    NameIndex *index = name_index_new(arena);
    EQ(name_index_find(index, "a") == NO_NAME, true);
    for (size_t i = 0; i < 1000; i++) name_index_add(index, name_of(arena, i % 900));
    for (size_t i = 0; i < 900; i++) EQ(name_index_find(index, name_of(arena, i)), i);
    OK(name_index_find(index, "column 900") == NO_NAME);
    /* Grown where it is whole and in its own arena, else made anew. */
    OK(name_index_with(arena, index, 1000, "x") == index);
    EQ(name_index_find(index, "x"), 1000);
    NameIndex *sibling = name_index_with(arena, index, 1000, "y"), *elsewhere = name_index_with(other, index, 1001, "z");
    OK(sibling != index && elsewhere != index);
    EQ(name_index_find(sibling, "y"), 1000);
    OK(name_index_find(sibling, "x") == NO_NAME);
    EQ(name_index_find(elsewhere, "x"), 1000);
    EQ(name_index_find(elsewhere, "z"), 1001);
    STR(name_index_names(elsewhere)[1001], "z");
    arena_free(other);
    arena_free(arena);
}

TEST(columns_are_found)
{
    Arena *arena = arena_new("test");
    Sources *sources = sources_new(arena);
    Diags *diags = diags_new(arena, sources);
    Table *table = wide(arena, diags);
    OK(table && table->n_columns == COLUMNS);
    if (!table) return;
    clock_t begin = clock();
    size_t wrong = 0;
    for (size_t c = 0; c < COLUMNS; c++) wrong += table_find(table, table->columns[c].name) != c;
    OK(table_find(table, "column") == NO_COLUMN);
    STR(table_names(table)[COLUMNS - 1], "column 99999");
    /* A row's cells in order, then some out of order. */
    for (size_t c = 0; c < COLUMNS; c++) {
        size_t length;
        Span cell = table_cell_span(table, 0, c);
        wrong += strtoul(sources_text(sources, cell.source, &length) + cell.begin, NULL, 10) != c;
        wrong += strtoul(table_cell_text(arena, table, 0, c), NULL, 10) != c;
    }
    static const size_t places[] = {5, 99999, 0, 70000, 70000, 69999};
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        EQ(strtoul(table_cell_text(arena, table, 0, places[i]), NULL, 10), places[i]);
        size_t length;
        Span header = table_header_span(table, places[i]);
        const char *text = sources_text(sources, header.source, &length);
        STR(arena_text(arena, text + header.begin, header.end - header.begin), name_of(arena, places[i]));
    }
    EQ(wrong, 0);
    OK(within(begin, 10));
    arena_free(arena);
}

TEST(tables_grow_column_by_column)
{
    enum { ADDED = 20000 };
    static const double cells[2] = {1.0, 2.0};
    Arena *arena = arena_new("test"), *other = arena_new("other");
    clock_t begin = clock();
    const Table *first = table_add_numbers(arena, table_new(arena, "t.csv", 2), "column 0", COLUMN_NUMBER, cells), *table = first;
    size_t moved = 0;
    for (size_t i = 1; i < ADDED; i++) {
        const Column *before = table->columns;
        table = table_add_numbers(arena, table, name_of(arena, i), COLUMN_NUMBER, cells);
        moved += table->columns != before;
    }
    OK(moved < 20); /* twice as much room each time */
    for (size_t i = 0; i < ADDED; i++) EQ(table_find(table, name_of(arena, i)), i);
    OK(within(begin, 10));
    /* Narrower tables stay as they are, and each may grow in its own way. */
    EQ(first->n_columns, 1);
    OK(table_find(first, "column 1") == NO_COLUMN);
    const Table *sibling = table_add_numbers(arena, first, "x", COLUMN_NUMBER, cells);
    const Table *elsewhere = table_add_numbers(other, table, "y", COLUMN_NUMBER, cells);
    EQ(table_find(sibling, "x"), 1);
    OK(table_find(sibling, "column 1") == NO_COLUMN);
    STR(table->columns[1].name, "column 1");
    EQ(table_find(elsewhere, "y"), ADDED);
    OK(table_find(table, "y") == NO_COLUMN);
    const Table *renamed = table_rename(arena, sibling, 1, "z");
    EQ(table_find(renamed, "z"), 1);
    OK(table_find(renamed, "x") == NO_COLUMN);
    EQ(table_find(table_add_numbers(arena, renamed, "x", COLUMN_NUMBER, cells), "x"), 2);
    arena_free(other);
    arena_free(arena);
}
