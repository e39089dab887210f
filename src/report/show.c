/* `show DATA`: what the model will see of a data block. Cells are aligned by their width on a terminal. */
#include "src/report/show.h"

#include <math.h>

enum { SAMPLES = 3, MOST_CELLS = 12, MOST_WIDTH = 44 };

/* ---- A table of texts ------------------------------------------------------------------------------------------------ */

typedef struct {
    Arena *arena;
    size_t n_columns;
    VEC(const char *) cells;
    bool right[64];
} Grid;

static void grid_put(Grid *grid, const char *text)
{
    size_t n = strlen(text), width = 0, i = 0;
    while (i < n && width < MOST_WIDTH) width += display_cluster(text, n, &i, width);
    if (i < n) text = arena_printf(grid->arena, "%s...", arena_text(grid->arena, text, i));
    VEC_PUSH(grid->arena, grid->cells, text);
}

static void grid_print(const Grid *grid, const char *indent, Buf *out)
{
    size_t n_rows = grid->cells.n / grid->n_columns;
    size_t *widths = ARENA_ARRAY(grid->arena, size_t, grid->n_columns);
    for (size_t i = 0; i < grid->cells.n; i++) {
        size_t width = display_width(grid->cells.at[i], strlen(grid->cells.at[i]), 0);
        if (width > widths[i % grid->n_columns]) widths[i % grid->n_columns] = width;
    }
    for (size_t row = 0; row < n_rows; row++) {
        Buf line = buf_in(grid->arena);
        buf_put(&line, indent);
        for (size_t k = 0; k < grid->n_columns; k++) {
            const char *cell = grid->cells.at[row * grid->n_columns + k];
            size_t pad = widths[k] - display_width(cell, strlen(cell), 0);
            if (!grid->right[k]) buf_put(&line, cell);
            for (size_t p = 0; p < pad; p++) buf_char(&line, ' ');
            if (grid->right[k]) buf_put(&line, cell);
            if (k + 1 < grid->n_columns) buf_put(&line, "  ");
        }
        size_t n = line.n;
        while (n > 0 && line.at[n - 1] == ' ') n--;
        buf_put_n(out, line.at, n);
        buf_char(out, '\n');
    }
}

/* ---- Columns --------------------------------------------------------------------------------------------------------- */

static const char *role(Arena *arena, const Recipe *recipe, size_t column)
{
    Buf text = buf_in(arena);
    for (size_t g = 0; g < recipe->n_groups; g++)
        for (size_t i = 0; i < recipe->groups[g].n_columns; i++)
            if (recipe->groups[g].columns[i] == column) buf_printf(&text, "%sinput %s", text.n ? ", " : "", recipe->groups[g].name);
    for (size_t t = 0; t < recipe->n_targets; t++)
        for (size_t i = 0; i < recipe->targets[t].n_columns; i++)
            if (recipe->targets[t].columns[i] == column) buf_printf(&text, "%starget", text.n ? ", " : "");
    return text.at ? text.at : "";
}

/* "4.3 ... 7.9", "3 texts: setosa, versicolor, virginica" */
static const char *range(Arena *arena, const Table *table, size_t at)
{
    const Column *column = &table->columns[at];
    if (column->type == COLUMN_TEXT) {
        size_t n, shown;
        const char *const *labels = column_labels(arena, table, at, &n);
        Buf text = buf_in(arena);
        buf_printf(&text, "%zu: ", n);
        for (shown = 0; shown < n && text.n < MOST_WIDTH; shown++) buf_printf(&text, "%s%s", shown ? ", " : "", labels[shown]);
        if (shown < n) buf_put(&text, ", ...");
        return text.at;
    }
    double least = (double)INFINITY, most = -(double)INFINITY;
    for (size_t row = 0; row < table->n_rows; row++) {
        double value = column->numbers[row];
        if (value < least) least = value;
        if (value > most) most = value;
    }
    if (least > most) return "";
    if (column->type == COLUMN_DATE)
        return arena_printf(arena, "%s ... %s", date_text(arena, least, column->form), date_text(arena, most, column->form));
    return arena_printf(arena, "%s ... %s", str_figure(arena, least, 6), str_figure(arena, most, 6));
}

static void put_call(Buf *out, KindRef ref)
{
    Buf args = buf_in(out->arena);
    kind_print_args(ref.kind, ref.args, &args);
    buf_put(out, ref.kind->name);
    if (args.n) buf_printf(out, "(%s)", args.at);
}

static const char *method(Arena *arena, const CheckedData *data, size_t i)
{
    const RecipeColumn *column = &data->recipe->columns[i];
    const ColumnFit *fit = &data->dataset->fit->columns[i];
    Buf text = buf_in(arena);
    buf_put(&text, "");
    if (column->fill != FILL_NONE) {
        const char *value = fit->fill.n_numbers ? str_figure(arena, fit->fill.numbers[0], 6) : fit->fill.n_texts ? fit->fill.texts[0] : "";
        if (column->fill == FILL_LEARNED) buf_printf(&text, "filled with the %s %s", column->fill_kind.kind->name, value);
        else buf_printf(&text, "filled with %s", value);
    }
    const KindRef ref = column->encode.kind ? column->encode : column->scale;
    if (!ref.kind) return text.at;
    if (text.n) buf_put(&text, ", ");
    put_call(&text, ref);
    const TransformState *state = column->encode.kind ? NULL : &fit->scale;
    for (size_t k = 0; state && k < state->n_numbers; k++) buf_printf(&text, "%s%s", k ? ", " : " ", str_figure(arena, state->numbers[k], 5));
    return text.at;
}

static void put_columns(Arena *arena, const CheckedData *data, Buf *out)
{
    Grid grid = {.arena = arena, .n_columns = 6};
    grid.right[4] = true;
    static const char *const head[] = {"column", "cells", "use", "values", "missing", "prepared"};
    for (size_t k = 0; k < 6; k++) grid_put(&grid, head[k]);
    const Table *table = data->dataset->table;
    for (size_t i = 0; i < data->recipe->n_columns; i++) {
        size_t at = table_find(table, data->recipe->columns[i].name);
        grid_put(&grid, data->recipe->columns[i].name);
        grid_put(&grid, column_type_name(table->columns[at].type));
        grid_put(&grid, role(arena, data->recipe, i));
        grid_put(&grid, range(arena, table, at));
        grid_put(&grid, arena_printf(arena, "%zu", table->columns[at].n_missing));
        grid_put(&grid, method(arena, data, i));
    }
    grid_print(&grid, "  ", out);
    Buf others = buf_in(arena);
    size_t n = 0;
    for (size_t at = 0; at < table->n_columns; at++) {
        if (recipe_column(data->recipe, table->columns[at].name) != NO_COLUMN) continue;
        if (n < MOST_CELLS) buf_printf(&others, "%s%s", n ? ", " : "", table->columns[at].name);
        n++;
    }
    if (n) buf_printf(out, "  not used: %s%s\n", others.at, n > MOST_CELLS ? ", ..." : "");
}

/* ---- Samples --------------------------------------------------------------------------------------------------------- */

static void put_before(Arena *arena, const CheckedData *data, const uint32_t *samples, size_t n, Buf *out)
{
    const Dataset *set = data->dataset;
    size_t shown = data->recipe->n_columns < MOST_CELLS ? data->recipe->n_columns : MOST_CELLS;
    Grid grid = {.arena = arena, .n_columns = shown + 1};
    for (size_t k = 0; k < grid.n_columns; k++) grid.right[k] = true;
    grid_put(&grid, "line");
    for (size_t i = 0; i < shown; i++) grid_put(&grid, data->recipe->columns[i].name);
    for (size_t s = 0; s < n; s++) {
        grid_put(&grid, arena_printf(arena, "%zu", dataset_line(set, samples[s])));
        for (size_t i = 0; i < shown; i++) {
            size_t at = table_find(set->table, data->recipe->columns[i].name);
            grid_put(&grid, table_cell_text(arena, set->table, dataset_row(set, samples[s]), at));
        }
    }
    grid_print(&grid, "  ", out);
}

static void put_after(Arena *arena, const CheckedData *data, const uint32_t *samples, size_t n, Buf *out)
{
    const Dataset *set = data->dataset;
    for (size_t g = 0; g < set->n_groups; g++) {
        const DataGroup *group = &set->groups[g];
        size_t size = dataset_group_size(set, g), shown = size < MOST_CELLS ? size : MOST_CELLS;
        float *numbers = ARENA_ARRAY(arena, float, size + 1);
        Grid grid = {.arena = arena, .n_columns = shown + 1};
        for (size_t k = 0; k < grid.n_columns; k++) grid.right[k] = true;
        grid_put(&grid, "line");
        for (size_t k = 0; k < shown; k++) grid_put(&grid, arena_printf(arena, "%s:%s", group->name, group->columns[k % group->width]));
        for (size_t s = 0; s < n; s++) {
            dataset_gather(set, g, &samples[s], 1, numbers);
            grid_put(&grid, arena_printf(arena, "%zu", dataset_line(set, samples[s])));
            for (size_t k = 0; k < shown; k++) grid_put(&grid, str_figure(arena, (double)numbers[k], 4));
        }
        grid_print(&grid, "  ", out);
        if (shown < size) buf_printf(out, "  and %zu numbers more\n", size - shown);
    }
    for (size_t t = 0; t < set->n_targets; t++) {
        const RecipeTarget *target = &data->recipe->targets[t];
        TargetForm form = dataset_target_size(set, t, TARGET_NUMBERS) ? TARGET_NUMBERS : TARGET_INDEX;
        size_t size = dataset_target_size(set, t, form);
        float *numbers = ARENA_ARRAY(arena, float, size + 1);
        Grid grid = {.arena = arena, .n_columns = size + 1};
        if (size + 1 > sizeof grid.right / sizeof *grid.right) continue;
        for (size_t k = 0; k < grid.n_columns; k++) grid.right[k] = true;
        grid_put(&grid, "line");
        for (size_t k = 0; k < size; k++) grid_put(&grid, arena_printf(arena, "y:%s", data->recipe->columns[target->columns[k]].name));
        for (size_t s = 0; s < n; s++) {
            dataset_target(set, t, form, &samples[s], 1, numbers);
            grid_put(&grid, arena_printf(arena, "%zu", dataset_line(set, samples[s])));
            for (size_t k = 0; k < size; k++) grid_put(&grid, str_figure(arena, (double)numbers[k], 4));
        }
        grid_print(&grid, "  ", out);
    }
}

static void put_targets(Arena *arena, const CheckedData *data, Buf *out)
{
    for (size_t t = 0; t < data->recipe->n_targets; t++) {
        const RecipeTarget *target = &data->recipe->targets[t];
        buf_printf(out, "  target %s: ", target->name);
        if (target->classes) {
            buf_printf(out, "%zu classes, ", target->n_labels);
            for (size_t i = 0; i < target->n_labels && i < MOST_CELLS; i++) buf_printf(out, "%s%s", i ? ", " : "", target->labels[i]);
            if (target->n_labels > MOST_CELLS) buf_put(out, ", ...");
            if (target->n_labels == 2) buf_printf(out, " (%s counts as 1)", target->labels[target->positive]);
            buf_char(out, '\n');
        } else {
            buf_printf(out, "%zu %s%s\n", target->n_columns, target->n_columns == 1 ? "number" : "numbers", target->zero_one ? ", 0 or 1" : "");
        }
    }
    (void)arena;
}

void show_data(Arena *arena, const CheckedData *data, Buf *out)
{
    const Dataset *set = data->dataset;
    buf_printf(out, "data %s: %zu rows of `%s`", data->name, data->n_own, data->recipe->path);
    for (int part = 0; part < PART_COUNT; part++)
        if (data->recipe->part_path[part]) buf_printf(out, ", %s rows of `%s`", part_name((Part)part), data->recipe->part_path[part]);
    buf_char(out, '\n');
    for (size_t i = 0; i < data->n_facts; i++) buf_printf(out, "  %s\n", data->facts[i]);
    buf_char(out, '\n');
    put_columns(arena, data, out);
    buf_char(out, '\n');
    for (size_t g = 0; g < set->n_groups; g++)
        buf_printf(out, "  input %s: %s\n", set->groups[g].name, shape_text(arena, &set->groups[g].shape));
    put_targets(arena, data, out);
    buf_char(out, '\n');
    DataPart train = set->parts[PART_TRAIN];
    size_t n = train.n < SAMPLES ? train.n : SAMPLES;
    buf_put(out, "  the first training rows, as they stand in the file:\n");
    put_before(arena, data, train.samples, n, out);
    buf_put(out, "  and as the model sees them:\n");
    put_after(arena, data, train.samples, n, out);
}
