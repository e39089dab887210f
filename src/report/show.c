/* `show DATA`: what the model will see of a data block. Cells are aligned by their width on a terminal. */
#include "src/report/show_inside.h"

#include "src/report/grid.h"

#include <math.h>

enum { SAMPLES = 3, MOST_CELLS = 12, MOST_WIDTH = 44 };

const char *show_cut(Arena *arena, const char *text, size_t most)
{
    size_t n = strlen(text), width = 0, i = 0;
    while (i < n && width < most) width += display_cluster(text, n, &i, width);
    return i < n ? arena_printf(arena, "%s...", arena_text(arena, text, i)) : text;
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
        if (column->fill == FILL_PREVIOUS || column->fill == FILL_LINEAR)
            buf_printf(&text, "filled along the series: %s", column->fill == FILL_LINEAR ? "linear" : "previous");
        else if (column->fill == FILL_LEARNED) buf_printf(&text, "filled by %s: %s", column->fill_kind.kind->name, value);
        else buf_printf(&text, "filled with %s", value);
    }
    const KindRef ref = column->encode.kind ? column->encode : column->scale;
    if (!ref.kind) return text.at;
    if (text.n) buf_put(&text, ", ");
    put_call(&text, ref);
    const TransformState *state = column->encode.kind || fit->scales ? NULL : &fit->scale;
    if (fit->scales) buf_put(&text, " for each series by itself");
    for (size_t k = 0; state && k < state->n_numbers; k++) buf_printf(&text, "%s%s", k ? ", " : " ", str_figure(arena, state->numbers[k], 5));
    return text.at;
}

static const char *preparation(Arena *arena, const CheckedData *data, size_t i, size_t missing)
{
    const char *text = method(arena, data, i);
    if (!missing || data->recipe->columns[i].fill != FILL_NONE || data->recipe->columns[i].depth) return text;
    return text[0] ? arena_printf(arena, "rows without it left out, %s", text) : "rows without it left out";
}

static void put_columns(Arena *arena, const CheckedData *data, Buf *out)
{
    Grid grid = grid_new(arena, 6);
    grid.n_left = 6;
    static const char *const head[] = {"column", "cells", "use", "values", "missing", "prepared"};
    for (size_t k = 0; k < 6; k++) grid_cell(&grid, head[k]);
    const Table *table = data->dataset->table;
    for (size_t i = 0; i < data->recipe->n_columns; i++) {
        size_t at = table_find(table, data->recipe->columns[i].name), raw = table_find(data->raw, data->recipe->columns[i].name);
        size_t missing = raw == NO_COLUMN ? table->columns[at].n_missing : data->raw->columns[raw].n_missing;
        grid_cell(&grid, data->recipe->columns[i].name);
        grid_cell(&grid, column_type_name(table->columns[at].type));
        grid_cell(&grid, role(arena, data->recipe, i));
        grid_cell(&grid, show_cut(arena, range(arena, table, at), MOST_WIDTH));
        grid_cell(&grid, missing ? arena_printf(arena, "%zu", missing) : "-");
        grid_cell(&grid, preparation(arena, data, i, missing));
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

const char *show_cell(Arena *arena, const Table *table, size_t row, size_t at)
{
    const Column *column = &table->columns[at];
    const char *text = table_cell_text(arena, table, row, at);
    /* A number that was filled in or made of several rows is not what stands in the file. */
    bool made = column->type == COLUMN_NUMBER && !column_is_missing(column, row) && (column->file_column == NO_COLUMN || strtod(text, NULL) != column->numbers[row]);
    return made ? str_figure(arena, column->numbers[row], 6) : show_cut(arena, text, MOST_CELL);
}

static void put_before(Arena *arena, const CheckedData *data, const uint32_t *samples, size_t n, Buf *out)
{
    const Dataset *set = data->dataset;
    size_t all = data->recipe->n_columns, shown = all < MOST_CELLS ? all : MOST_CELLS;
    Grid grid = grid_new(arena, shown + 1);
    grid_cell(&grid, "line");
    for (size_t i = 0; i < shown; i++) grid_cell(&grid, show_cut(arena, data->recipe->columns[i].name, MOST_CELL));
    for (size_t s = 0; s < n; s++) {
        grid_cell(&grid, arena_printf(arena, "%zu", dataset_line(set, samples[s])));
        for (size_t i = 0; i < shown; i++) {
            size_t at = table_find(set->table, data->recipe->columns[i].name);
            grid_cell(&grid, show_cell(arena, set->table, dataset_row(set, samples[s]), at));
        }
    }
    grid_print(&grid, "  ", out);
    if (shown < all) buf_printf(out, "  and %zu columns more\n", all - shown);
}

static void put_group(Arena *arena, const Dataset *set, size_t g, const uint32_t *samples, size_t n, Buf *out)
{
    const DataGroup *group = &set->groups[g];
    size_t size = dataset_group_size(set, g), shown = size < MOST_CELLS ? size : MOST_CELLS;
    float *numbers = ARENA_ARRAY(arena, float, size + 1);
    Grid grid = grid_new(arena, shown + 1);
    grid_cell(&grid, "line");
    for (size_t k = 0; k < shown; k++)
        grid_cell(&grid, show_cut(arena, arena_printf(arena, "%s:%s", group->name, group->columns[k % group->width]), MOST_CELL));
    for (size_t s = 0; s < n; s++) {
        dataset_gather(set, g, &samples[s], 1, numbers);
        grid_cell(&grid, arena_printf(arena, "%zu", dataset_line(set, samples[s])));
        for (size_t k = 0; k < shown; k++) grid_cell(&grid, str_figure(arena, (double)numbers[k], 4));
    }
    grid_print(&grid, "  ", out);
    if (shown < size) buf_printf(out, "  and %zu numbers more\n", size - shown);
}

static void put_answers(Arena *arena, const CheckedData *data, const uint32_t *samples, size_t n, Buf *out)
{
    const Dataset *set = data->dataset;
    size_t width = 0;
    for (size_t t = 0; t < set->n_targets; t++) width += set->targets[t].width;
    if (width == 0) return;
    Grid grid = grid_new(arena, width + 1);
    grid_cell(&grid, "line");
    for (size_t t = 0; t < set->n_targets; t++)
        for (size_t k = 0; k < set->targets[t].width; k++)
            grid_cell(&grid, arena_printf(arena, "y:%s", dataset_target_name(set, arena, t, k)));
    float *numbers = ARENA_ARRAY(arena, float, width);
    for (size_t s = 0; s < n; s++) {
        grid_cell(&grid, arena_printf(arena, "%zu", dataset_line(set, samples[s])));
        for (size_t t = 0; t < set->n_targets; t++) {
            TargetForm form = dataset_target_size(set, t, TARGET_NUMBERS) ? TARGET_NUMBERS : TARGET_INDEX;
            dataset_target(set, t, form, &samples[s], 1, numbers);
            for (size_t k = 0; k < dataset_target_size(set, t, form); k++) grid_cell(&grid, str_figure(arena, (double)numbers[k], 4));
        }
    }
    grid_print(&grid, "  ", out);
}

static void put_targets(const CheckedData *data, Buf *out)
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
            size_t n = target->n_columns * (target->ahead_last - target->ahead_first + 1);
            buf_printf(out, "%zu %s%s", n, n == 1 ? "number" : "numbers", target->zero_one ? ", 0 or 1" : "");
            if (target->ahead_last > target->ahead_first) buf_printf(out, ", %zu to %zu rows ahead", target->ahead_first, target->ahead_last);
            else if (target->ahead_last) buf_printf(out, ", %zu row%s ahead", target->ahead_last, target->ahead_last == 1 ? "" : "s");
            buf_char(out, '\n');
        }
    }
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
    put_targets(data, out);
    buf_char(out, '\n');
    if (set->series) {
        show_windows(arena, set, out);
        return;
    }
    DataPart train = set->parts[PART_TRAIN];
    size_t n = train.n < SAMPLES ? train.n : SAMPLES;
    buf_put(out, "  the first training rows, as they stand in the file:\n");
    put_before(arena, data, train.samples, n, out);
    buf_put(out, "  and as the model sees them:\n");
    for (size_t g = 0; g < set->n_groups; g++) put_group(arena, set, g, train.samples, n, out);
    put_answers(arena, data, train.samples, n, out);
}
