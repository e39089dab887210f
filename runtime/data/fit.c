/* What is learned from the training rows: fills first, then categories and scales of the filled cells. */
#include "runtime/data/prepare.h"

#include <math.h>

static TransformCells fill_numbers(Arena *arena, TransformCells cells, double value)
{
    double *numbers = ARENA_ARRAY(arena, double, cells.n + 1);
    for (size_t i = 0; i < cells.n; i++) numbers[i] = isnan(cells.numbers[i]) ? value : cells.numbers[i];
    cells.numbers = numbers;
    return cells;
}

static TransformCells fill_texts(Arena *arena, TransformCells cells, const char *text)
{
    uint32_t code = 0;
    while (code < cells.n_texts && !str_eq(cells.texts[code], text)) code++;
    if (code == cells.n_texts) {
        const char **texts = ARENA_ARRAY(arena, const char *, cells.n_texts + 1);
        if (cells.n_texts) memcpy(texts, cells.texts, cells.n_texts * sizeof *texts);
        texts[cells.n_texts++] = text;
        cells.texts = texts;
    }
    uint32_t *codes = ARENA_ARRAY(arena, uint32_t, cells.n + 1);
    for (size_t i = 0; i < cells.n; i++) codes[i] = cells.codes[i] == TEXT_MISSING ? code : cells.codes[i];
    cells.codes = codes;
    return cells;
}

TransformCells prepare_fill(Arena *arena, const RecipeColumn *recipe, const Table *table, size_t at, const TransformState *fill)
{
    const Column *column = &table->columns[at];
    TransformCells cells = {.n = table->n_rows};
    if (column->type == COLUMN_TEXT) {
        cells.codes = column->codes;
        cells.texts = column->texts;
        cells.n_texts = column->n_texts;
    } else {
        cells.numbers = column->numbers;
    }
    if (recipe->fill == FILL_NONE || column->n_missing == 0) return cells;
    if (column->type != COLUMN_TEXT && fill->n_numbers) return fill_numbers(arena, cells, fill->numbers[0]);
    if (column->type == COLUMN_TEXT && fill->n_texts) return fill_texts(arena, cells, fill->texts[0]);
    return cells;
}

int64_t *prepare_places(Arena *arena, const TransformCells *cells, const TransformState *state)
{
    int64_t *places = ARENA_ARRAY(arena, int64_t, cells->n_texts + 1);
    for (size_t code = 0; code < cells->n_texts; code++) places[code] = transform_find_text(state, cells->texts[code]);
    return places;
}

/* Kinds work on copies of a column; these go with the scratch arena, what was learned stays. */
static TransformState learn(Arena *arena, KindRef ref, TransformCells cells, const uint32_t *rows, size_t n_rows)
{
    const TransformKind *kind = transform_of(ref);
    if (!kind || !kind->fit) return (TransformState){0};
    cells.rows = rows;
    cells.n = n_rows;
    Arena *scratch = arena_new("fit");
    TransformState learned = kind->fit(ref.args, scratch, &cells);
    TransformState state = transform_numbers(arena, learned.numbers, learned.n_numbers);
    const char **texts = ARENA_ARRAY(arena, const char *, learned.n_texts + 1);
    for (size_t i = 0; i < learned.n_texts; i++) texts[i] = arena_copy(arena, learned.texts[i]);
    if (learned.texts) state.texts = texts;
    state.n_texts = learned.n_texts;
    state.constant = learned.constant;
    arena_free(scratch);
    return state;
}

static TransformState fill_state(Arena *arena, const RecipeColumn *column, TransformCells cells, const uint32_t *rows, size_t n_rows)
{
    TransformState state = {0};
    switch (column->fill) {
    case FILL_NONE: break;
    case FILL_LEARNED: return learn(arena, column->fill_kind, cells, rows, n_rows);
    case FILL_NUMBER: return transform_numbers(arena, &column->fill_number, 1);
    case FILL_TEXT: {
        const char **text = ARENA_ARRAY(arena, const char *, 1);
        text[0] = column->fill_text;
        state.texts = text;
        state.n_texts = 1;
    }
    }
    return state;
}

Fit fit_learn(const Recipe *recipe, Arena *arena, const Table *table, const Part *parts)
{
    uint32_t *rows = ARENA_ARRAY(arena, uint32_t, table->n_rows + 1);
    size_t n_rows = 0;
    for (size_t row = 0; row < table->n_rows; row++)
        if (parts[row] == PART_TRAIN) rows[n_rows++] = (uint32_t)row;
    ColumnFit *columns = ARENA_ARRAY(arena, ColumnFit, recipe->n_columns + 1);
    for (size_t i = 0; i < recipe->n_columns; i++) {
        const RecipeColumn *column = &recipe->columns[i];
        size_t at = table_find(table, column->name);
        if (at == NO_COLUMN) continue;
        static const TransformState nothing;
        RecipeColumn unfilled = *column;
        unfilled.fill = FILL_NONE;
        TransformCells raw = prepare_fill(arena, &unfilled, table, at, &nothing);
        columns[i].fill = fill_state(arena, column, raw, rows, n_rows);
        TransformCells filled = prepare_fill(arena, column, table, at, &columns[i].fill);
        columns[i].encode = learn(arena, column->encode, filled, rows, n_rows);
        columns[i].scale = learn(arena, column->scale, filled, rows, n_rows);
    }
    return (Fit){columns, recipe->n_columns};
}
