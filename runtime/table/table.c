/* Columns: finding, adding, renaming. */
#include "runtime/table/table.h"

#include "runtime/base/vec.h"
#include "runtime/table/table_inside.h"
#include "runtime/table/text_index.h"

#include <math.h>

const char *column_type_name(ColumnType type)
{
    static const char *const names[] = {"numbers", "texts", "dates"};
    return names[type];
}

size_t table_find(const Table *table, const char *name)
{
    size_t at = name_index_find(table->names, name);
    return at < table->n_columns ? at : NO_COLUMN;
}

const char *const *table_names(const Table *table)
{
    return name_index_names(table->names);
}

bool table_require(const Table *table, const char *name, Span place, Diags *diags, size_t *column)
{
    enum { SHOWN = 12 };
    *column = table_find(table, name);
    if (*column != NO_COLUMN) return true;
    Arena *scratch = arena_new("names");
    const char *const *names = table_names(table);
    size_t n = table->n_columns < SHOWN ? table->n_columns : SHOWN;
    Diag *e = diag(diags, E0514, place, A("path", table->path), A("name", name), A("columns", str_join(scratch, names, n, n == table->n_columns)),
                   AI("n", table->n_columns - n));
    const char *nearest = diags_nearest(diags, name, names, table->n_columns);
    if (n < table->n_columns) diag_note(e, E0514_more);
    else diag_note(e, E0514_note);
    if (nearest) {
        /* A quoted name stays quoted; one that is no plain name gets quotes. */
        size_t length;
        const char *source = place.source != 0 ? sources_text(diags_sources(diags), place.source, &length) : NULL;
        bool quoted = source && source[place.begin] == '"';
        Fix *fix = diag_fix(e, COMMON_did_you_mean, A("nearest", nearest));
        if (source && !strpbrk(nearest, "\"\\"))
            diag_edit(fix, place, quoted || !str_is_name(nearest) ? arena_printf(scratch, "\"%s\"", nearest) : nearest);
    }
    arena_free(scratch);
    return false;
}

const char *column_text(const Column *column, size_t row)
{
    return column->codes[row] == TEXT_MISSING ? NULL : column->texts[column->codes[row]];
}

uint32_t column_code(const Column *column, const char *text)
{
    return column->index ? text_index_find(column->index, text, strlen(text)) : TEXT_MISSING;
}

bool column_is_missing(const Column *column, size_t row)
{
    return column->type == COLUMN_TEXT ? column->codes[row] == TEXT_MISSING : isnan(column->numbers[row]);
}

Table *table_new(Arena *arena, const char *path, size_t n_rows)
{
    Table *table = table_of_columns(arena, path, NULL, 0);
    table->n_rows = n_rows;
    return table;
}

Table *table_of_columns(Arena *arena, const char *path, const Column *columns, size_t n)
{
    Table *table = ARENA_NEW(arena, Table);
    *table = (Table){.path = path, .columns = columns, .n_columns = n, .names = name_index_new(arena)};
    for (size_t c = 0; c < n; c++) name_index_add(table->names, columns[c].name);
    return table;
}

/* Of tables that grow column by column: each takes the array of the one before it and puts its column behind that one's last. */
struct ColumnRoom {
    Arena *arena;
    VEC(Column) columns;
};

static ColumnRoom *room_for(Arena *arena, const Table *table)
{
    ColumnRoom *room = table->room;
    if (room && room->arena == arena && room->columns.at == table->columns && room->columns.n == table->n_columns) return room;
    room = ARENA_NEW(arena, ColumnRoom);
    room->arena = arena;
    for (size_t c = 0; c < table->n_columns; c++) VEC_PUSH(arena, room->columns, table->columns[c]);
    return room;
}

Table *table_add_column(Arena *arena, const Table *table, const Column *column)
{
    Table *wider = ARENA_NEW(arena, Table);
    ColumnRoom *room = room_for(arena, table);
    VEC_PUSH(arena, room->columns, *column);
    *wider = *table;
    wider->room = room;
    wider->columns = room->columns.at;
    wider->n_columns = room->columns.n;
    wider->names = name_index_with(arena, table->names, table->n_columns, column->name);
    return wider;
}

Table *table_copy(Arena *arena, const Table *table, Column **columns)
{
    Table *copy = ARENA_NEW(arena, Table);
    *copy = *table;
    *columns = ARENA_ARRAY(arena, Column, table->n_columns + 1);
    if (table->n_columns > 0) memcpy(*columns, table->columns, table->n_columns * sizeof **columns);
    copy->columns = *columns;
    return copy;
}

Table *table_with_column(Arena *arena, const Table *table, size_t at, const Column *column)
{
    Column *columns;
    Table *changed = table_copy(arena, table, &columns);
    columns[at] = *column;
    if (!str_eq(column->name, table->columns[at].name)) changed->names = table_of_columns(arena, "", columns, table->n_columns)->names;
    return changed;
}

Table *table_rename(Arena *arena, const Table *table, size_t column, const char *name)
{
    Column renamed = table->columns[column];
    renamed.name = name;
    return table_with_column(arena, table, column, &renamed);
}

Table *table_add_numbers(Arena *arena, const Table *table, const char *name, ColumnType type, const double *numbers)
{
    Column column = {.name = name, .type = type, .numbers = numbers, .file_column = NO_COLUMN};
    if (type == COLUMN_DATE) column.form = DATE_TIME;
    for (size_t row = 0; row < table->n_rows; row++) column.n_missing += isnan(numbers[row]) != 0;
    return table_add_column(arena, table, &column);
}

Column column_of_texts(Arena *arena, const char *name, const char *const *texts, size_t n_rows)
{
    Column column = {.name = name, .type = COLUMN_TEXT, .file_column = NO_COLUMN};
    uint32_t *codes = ARENA_ARRAY(arena, uint32_t, n_rows + 1);
    column.index = text_index_new(arena, NULL, NULL);
    for (size_t row = 0; row < n_rows; row++) {
        codes[row] = texts[row] ? text_index_add(column.index, texts[row], strlen(texts[row])) : TEXT_MISSING;
        column.n_missing += !texts[row];
    }
    column.codes = codes;
    column.texts = text_index_texts(column.index, &column.n_texts);
    return column;
}

Table *table_add_texts(Arena *arena, const Table *table, const char *name, const char *const *texts)
{
    Column column = column_of_texts(arena, name, texts, table->n_rows);
    return table_add_column(arena, table, &column);
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

const char *const *column_labels(Arena *arena, const Table *table, size_t column, size_t *n)
{
    const Column *c = &table->columns[column];
    bool *occurs = ARENA_ARRAY(arena, bool, c->n_texts + 1);
    for (size_t row = 0; row < table->n_rows; row++)
        if (c->codes[row] != TEXT_MISSING) occurs[c->codes[row]] = true;
    const char **labels = ARENA_ARRAY(arena, const char *, c->n_texts + 1);
    *n = 0;
    for (size_t i = 0; i < c->n_texts; i++)
        if (occurs[i]) labels[(*n)++] = c->texts[i];
    qsort(labels, *n, sizeof *labels, by_text); /* UTF-8 sorts by code point */
    return labels;
}
