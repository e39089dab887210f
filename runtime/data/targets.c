/* Targets and weights as numbers: scaled figures, class indexes, 1 for the positive class. */
#include "runtime/data/prepare.h"

#include <math.h>

static size_t label_of(const RecipeTarget *target, const Column *column, size_t row)
{
    size_t low = 0, high = target->n_labels;
    if (target->label_numbers) {
        for (size_t i = 0; i < target->n_labels; i++)
            if (column->numbers[row] == target->label_numbers[i]) return i;
        return target->n_labels;
    }
    const char *text = column_text(column, row);
    if (!text) return target->n_labels;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (strcmp(target->labels[middle], text) < 0) low = middle + 1;
        else high = middle;
    }
    return low < target->n_labels && str_eq(target->labels[low], text) ? low : target->n_labels;
}

static bool report_label(const Dataset *data, Arena *arena, const RecipeTarget *target, size_t row, size_t at, Diags *diags)
{
    if (!diags) return false;
    Span cell = table_cell_span(data->table, row, at);
    if (!cell.source) cell = target->span;
    Diag *e = diag(diags, E0464, cell, A("column", data->table->columns[at].name),
                   A("found", table_cell_text(arena, data->table, row, at)));
    if (target->classes) diag_note(e, E0464_labels, A("labels", str_join(arena, target->labels, target->n_labels, true)));
    else diag_note(e, E0464_zero_one);
    diag_file_fault(e);
    return false;
}

static bool class_target(Dataset *data, Arena *arena, size_t t, size_t at, const TransformCells *cells, Diags *diags)
{
    const RecipeTarget *recipe = &data->recipe->targets[t];
    DataTarget *target = &data->targets[t];
    size_t n = data->table->n_rows;
    Column column = data->table->columns[at];
    column.numbers = cells->numbers;
    column.codes = cells->codes;
    column.texts = cells->texts;
    column.n_texts = cells->n_texts;
    target->width = 1;
    target->n_classes = recipe->n_labels;
    target->classes = ARENA_ARRAY(arena, uint32_t, n + 1);
    if (recipe->n_labels == 2) target->numbers = ARENA_ARRAY(arena, float, n + 1);
    for (size_t row = 0; row < n; row++) {
        if (column_is_missing(&column, row)) continue; /* as below */
        size_t label = label_of(recipe, &column, row);
        if (label == recipe->n_labels) return report_label(data, arena, recipe, row, at, diags);
        target->classes[row] = (uint32_t)label;
        if (target->numbers) target->numbers[row] = label == recipe->positive ? 1.0f : 0.0f;
    }
    return true;
}

static bool number_target(Dataset *data, Arena *arena, size_t t, size_t i, size_t at, const TransformCells *cells, Diags *diags)
{
    const RecipeTarget *recipe = &data->recipe->targets[t];
    const RecipeColumn *column = &data->recipe->columns[recipe->columns[i]];
    DataTarget *target = &data->targets[t];
    const TransformKind *kind = transform_of(column->scale);
    size_t n = data->table->n_rows;
    for (size_t row = 0; row < n; row++) {
        double value = cells->numbers[row];
        if (isnan(value)) continue; /* the row has too little past: no sample's target */
        const TransformState *state = prepare_scale(data, recipe->columns[i], row);
        if (recipe->zero_one && value != 0.0 && value != 1.0) return report_label(data, arena, recipe, row, at, diags);
        float number = (float)(kind ? kind->scale(column->scale.args, state, value) : value);
        target->numbers[row * target->n_columns + i] = number;
        if (recipe->zero_one && target->width == 1) target->classes[row] = value == 1.0;
        if (!isfinite(number)) return prepare_bad_number(data, arena, recipe->columns[i], at, row, value, diags);
    }
    return true;
}

static bool prepare_target(Dataset *data, Arena *arena, size_t t, Diags *diags)
{
    const RecipeTarget *recipe = &data->recipe->targets[t];
    DataTarget *target = &data->targets[t];
    target->name = recipe->name;
    target->n_columns = recipe->n_columns;
    target->ahead = recipe->ahead_first;
    target->steps = recipe->ahead_last - recipe->ahead_first + 1;
    target->width = target->n_columns * target->steps;
    size_t *table_columns = ARENA_ARRAY(arena, size_t, recipe->n_columns + 1);
    for (size_t i = 0; i < recipe->n_columns; i++)
        table_columns[i] = table_find(data->table, data->recipe->columns[recipe->columns[i]].name);
    target->table_columns = table_columns;
    bool ok = true;
    if (!recipe->classes) {
        target->numbers = ARENA_ARRAY(arena, float, memory_product(data->table->n_rows, target->n_columns) + 1);
        if (recipe->zero_one && target->width == 1) {
            target->classes = ARENA_ARRAY(arena, uint32_t, data->table->n_rows + 1);
            target->n_classes = 2;
        }
    }
    for (size_t i = 0; i < recipe->n_columns; i++) {
        const RecipeColumn *column = &data->recipe->columns[recipe->columns[i]];
        size_t at = table_columns[i];
        TransformCells cells = prepare_fill(arena, column, data->table, at, &data->fit->columns[recipe->columns[i]].fill);
        if (recipe->classes) ok = class_target(data, arena, t, at, &cells, diags) && ok;
        else ok = number_target(data, arena, t, i, at, &cells, diags) && ok;
    }
    return ok;
}

bool prepare_targets(Dataset *data, Arena *arena, RowsUse use, Diags *diags)
{
    if (use == ROWS_PREDICT) return true;
    bool ok = true;
    data->n_targets = data->recipe->n_targets;
    data->targets = ARENA_ARRAY(arena, DataTarget, data->n_targets + 1);
    for (size_t t = 0; t < data->n_targets; t++)
        if (!prepare_target(data, arena, t, diags)) ok = false;
    if (use != ROWS_LEARN || !data->recipe->weight) return ok;
    const Column *column = &data->table->columns[table_find(data->table, data->recipe->weight)];
    data->weights = ARENA_ARRAY(arena, float, data->table->n_rows + 1);
    /* Rows of `validation from` may lack the column: only training is weighted. */
    for (size_t row = 0; row < data->table->n_rows; row++) data->weights[row] = isnan(column->numbers[row]) ? 1.0f : (float)column->numbers[row];
    return ok;
}
