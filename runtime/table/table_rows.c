/* Choosing and ordering rows, and tables below each other. */
#include "runtime/table/csv_inside.h"

#include <math.h>

static uint32_t origin_of(const Table *table, size_t row)
{
    return table->origin ? table->origin[row] : (uint32_t)row;
}

Table *table_select(Arena *arena, const Table *table, const uint32_t *rows, size_t n)
{
    Table *chosen = ARENA_NEW(arena, Table);
    *chosen = *table;
    chosen->n_rows = n;
    Column *columns = ARENA_ARRAY(arena, Column, table->n_columns + 1);
    for (size_t c = 0; c < table->n_columns; c++) {
        const Column *from = &table->columns[c];
        columns[c] = *from;
        columns[c].n_missing = 0;
        columns[c].odd = (ColumnOdd){0};
        if (from->type == COLUMN_TEXT) {
            uint32_t *codes = ARENA_ARRAY(arena, uint32_t, n + 1);
            for (size_t i = 0; i < n; i++) {
                codes[i] = from->codes[rows[i]];
                columns[c].n_missing += codes[i] == TEXT_MISSING;
            }
            columns[c].codes = codes;
        } else {
            double *numbers = ARENA_ARRAY(arena, double, n + 1);
            for (size_t i = 0; i < n; i++) {
                numbers[i] = from->numbers[rows[i]];
                columns[c].n_missing += isnan(numbers[i]) != 0;
            }
            columns[c].numbers = numbers;
        }
    }
    uint32_t *origin = ARENA_ARRAY(arena, uint32_t, n + 1);
    for (size_t i = 0; i < n; i++) origin[i] = origin_of(table, rows[i]);
    chosen->columns = columns;
    chosen->origin = origin;
    return chosen;
}

Table *table_first(Arena *arena, const Table *table, size_t n)
{
    if (n > table->n_rows) n = table->n_rows;
    Table *first = ARENA_NEW(arena, Table);
    *first = *table;
    first->n_rows = n;
    Column *columns = ARENA_ARRAY(arena, Column, table->n_columns + 1);
    for (size_t c = 0; c < table->n_columns; c++) {
        columns[c] = table->columns[c];
        columns[c].odd = (ColumnOdd){0};
        columns[c].n_missing = 0;
        if (table->columns[c].n_missing == 0) continue;
        for (size_t row = 0; row < n; row++) columns[c].n_missing += column_is_missing(&columns[c], row);
    }
    first->columns = columns;
    return first;
}

/* Ranks of a column's rows: numbers as they are, texts by their place among the sorted texts; missing cells last. */
static const double *sort_keys(Arena *arena, const Table *table, size_t column)
{
    const Column *c = &table->columns[column];
    double *keys = ARENA_ARRAY(arena, double, table->n_rows + 1);
    if (c->type != COLUMN_TEXT) {
        for (size_t row = 0; row < table->n_rows; row++) keys[row] = isnan(c->numbers[row]) ? (double)INFINITY : c->numbers[row];
        return keys;
    }
    size_t n;
    const char *const *labels = column_labels(arena, table, column, &n);
    double *rank = ARENA_ARRAY(arena, double, c->n_texts + 1);
    for (size_t i = 0; i < n; i++) rank[column_code(c, labels[i])] = (double)i;
    for (size_t row = 0; row < table->n_rows; row++) keys[row] = c->codes[row] == TEXT_MISSING ? (double)INFINITY : rank[c->codes[row]];
    return keys;
}

static bool before(const double *const *keys, size_t n, uint32_t a, uint32_t b)
{
    for (size_t k = 0; k < n; k++)
        if (keys[k][a] != keys[k][b]) return keys[k][a] < keys[k][b];
    return false;
}

uint32_t *table_sorted(Arena *arena, const Table *table, const size_t *columns, size_t n)
{
    size_t n_rows = table->n_rows;
    const double **keys = ARENA_ARRAY(arena, const double *, n + 1);
    for (size_t k = 0; k < n; k++) keys[k] = sort_keys(arena, table, columns[k]);
    uint32_t *rows = ARENA_ARRAY(arena, uint32_t, n_rows + 1), *other = ARENA_ARRAY(arena, uint32_t, n_rows + 1);
    for (size_t i = 0; i < n_rows; i++) rows[i] = (uint32_t)i;
    /* A merge sort from below: equal rows keep their order. */
    for (size_t width = 1; width < n_rows; width *= 2) {
        for (size_t low = 0; low < n_rows; low += 2 * width) {
            size_t middle = low + width < n_rows ? low + width : n_rows;
            size_t high = low + 2 * width < n_rows ? low + 2 * width : n_rows;
            size_t i = low, k = middle;
            for (size_t out = low; out < high; out++)
                other[out] = k == high || (i < middle && !before(keys, n, rows[k], rows[i])) ? rows[i++] : rows[k++];
        }
        uint32_t *swap = rows;
        rows = other;
        other = swap;
    }
    return rows;
}

Table *table_concat(Arena *arena, const Table *a, const Table *b)
{
    Table *both = ARENA_NEW(arena, Table);
    *both = *a;
    size_t n = a->n_rows + b->n_rows;
    both->n_rows = n;
    Column *columns = ARENA_ARRAY(arena, Column, a->n_columns + 1);
    for (size_t c = 0; c < a->n_columns; c++) {
        const Column *x = &a->columns[c], *y = &b->columns[c];
        columns[c] = *x;
        columns[c].n_missing = x->n_missing + y->n_missing;
        columns[c].odd = (ColumnOdd){0};
        if (x->type != COLUMN_TEXT) {
            double *numbers = ARENA_ARRAY(arena, double, n + 1);
            memcpy(numbers, x->numbers, a->n_rows * sizeof *numbers);
            memcpy(numbers + a->n_rows, y->numbers, b->n_rows * sizeof *numbers);
            columns[c].numbers = numbers;
            continue;
        }
        /* A new index: the old one belongs to a, which does not change. */
        TextIndex *index = text_index_new(arena, NULL, NULL);
        uint32_t *codes = ARENA_ARRAY(arena, uint32_t, n + 1);
        uint32_t *map = ARENA_ARRAY(arena, uint32_t, y->n_texts + 1);
        for (size_t i = 0; i < x->n_texts; i++) (void)text_index_add(index, x->texts[i], strlen(x->texts[i]));
        for (size_t i = 0; i < y->n_texts; i++) map[i] = text_index_add(index, y->texts[i], strlen(y->texts[i]));
        memcpy(codes, x->codes, a->n_rows * sizeof *codes);
        for (size_t row = 0; row < b->n_rows; row++)
            codes[a->n_rows + row] = y->codes[row] == TEXT_MISSING ? TEXT_MISSING : map[y->codes[row]];
        columns[c].index = index;
        columns[c].codes = codes;
        columns[c].texts = text_index_texts(index, &columns[c].n_texts);
    }
    both->columns = columns;
    const TableFile **files = ARENA_ARRAY(arena, const TableFile *, a->n_files + b->n_files + 1);
    size_t base = 0;
    for (size_t i = 0; i < a->n_files; i++) {
        files[i] = a->files[i];
        base += a->files[i]->n_rows;
    }
    for (size_t i = 0; i < b->n_files; i++) files[a->n_files + i] = b->files[i];
    uint32_t *origin = ARENA_ARRAY(arena, uint32_t, n + 1);
    for (size_t row = 0; row < a->n_rows; row++) origin[row] = a->n_files == 0 ? NO_ROW : origin_of(a, row);
    for (size_t row = 0; row < b->n_rows; row++)
        origin[a->n_rows + row] = b->n_files == 0 || origin_of(b, row) == NO_ROW ? NO_ROW : (uint32_t)base + origin_of(b, row);
    both->files = files;
    both->n_files = a->n_files + b->n_files;
    both->origin = origin;
    return both;
}
