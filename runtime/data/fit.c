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
    case FILL_NONE:
    case FILL_PREVIOUS: /* done along the series before anything is learned */
    case FILL_LINEAR: break;
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

/* Series that have training rows: their names, and of each series of the table its place among them (SIZE_MAX: none). */
static size_t *trained_series(Arena *arena, const Series *series, const Part *parts, Fit *fit)
{
    size_t *places = ARENA_ARRAY(arena, size_t, series->n + 1);
    const char **names = ARENA_ARRAY(arena, const char *, series->n + 1);
    for (size_t s = 0; s < series->n; s++) {
        size_t row = series->begin[s];
        while (row < series->begin[s + 1] && parts[row] != PART_TRAIN) row++;
        places[s] = row < series->begin[s + 1] ? fit->n_series : SIZE_MAX;
        if (places[s] != SIZE_MAX) names[fit->n_series++] = series->names[s];
    }
    fit->series = names;
    return places;
}

static const TransformState *learn_each(Arena *arena, const RecipeColumn *column, TransformCells cells, const Series *series, const Part *parts,
                                        const size_t *places, size_t n_places)
{
    TransformState *states = ARENA_ARRAY(arena, TransformState, n_places + 1);
    uint32_t *rows = ARENA_ARRAY(arena, uint32_t, cells.n + 1);
    for (size_t s = 0; s < series->n; s++) {
        size_t n = 0;
        for (uint32_t row = series->begin[s]; row < series->begin[s + 1]; row++)
            if (parts[row] == PART_TRAIN) rows[n++] = row;
        if (places[s] != SIZE_MAX) states[places[s]] = learn(arena, column->scale, cells, rows, n);
    }
    return states;
}

bool fit_series(const Recipe *recipe, const Fit *fit, Arena *arena, const Table *table, const Series *series, RowsUse use, size_t **places,
                Diags *diags)
{
    *places = NULL;
    if (!series || fit->n_series == 0) return true;
    *places = ARENA_ARRAY(arena, size_t, series->n + 1);
    for (size_t s = 0; s < series->n; s++) {
        size_t k = 0;
        while (k < fit->n_series && !str_eq(fit->series[k], series->names[s])) k++;
        (*places)[s] = k;
        if (k < fit->n_series) continue;
        if (!diags) return false;
        Span place = recipe->order.group_span;
        for (size_t i = 0; i < recipe->n_columns; i++)
            if (recipe->columns[i].per_group && recipe->columns[i].scale_span.source) place = recipe->columns[i].scale_span;
        Span row = table_row_span(table, series->begin[s]);
        bool elsewhere = use != ROWS_LEARN && row.source;
        Diag *e = diag(diags, E0494, elsewhere || !place.source ? row : place, A("series", series->names[s]));
        if (elsewhere && place.source) diag_label(e, place, E0494_scale);
        else if (row.source && place.source) diag_label(e, row, E0494_row);
        diag_fix(e, E0494_help);
        if (use != ROWS_LEARN) diag_file_fault(e);
        return false;
    }
    return true;
}

const TransformState *fit_scale(const Fit *fit, size_t column, size_t place)
{
    const ColumnFit *c = &fit->columns[column];
    return c->scales ? &c->scales[place] : &c->scale;
}

Fit fit_learn(const Recipe *recipe, Arena *arena, const Table *table, const Series *series, const Part *parts)
{
    uint32_t *rows = ARENA_ARRAY(arena, uint32_t, table->n_rows + 1);
    size_t n_rows = 0;
    for (size_t row = 0; row < table->n_rows; row++)
        if (parts[row] == PART_TRAIN) rows[n_rows++] = (uint32_t)row;
    ColumnFit *columns = ARENA_ARRAY(arena, ColumnFit, recipe->n_columns + 1);
    Fit fit = {.columns = columns, .n_columns = recipe->n_columns};
    size_t *places = NULL;
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
        const TransformKind *scale = transform_of(column->scale);
        if (!column->per_group || !series || !scale || !scale->fit) continue;
        if (!places) places = trained_series(arena, series, parts, &fit);
        columns[i].scales = learn_each(arena, column, filled, series, parts, places, fit.n_series);
    }
    return fit;
}
