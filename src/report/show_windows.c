/* The first and the last sample of each part of a table in time order: each of its rows with its time, its own values and what the model
 * sees of them, then the target rows. */
#include "src/report/show_inside.h"

#include "runtime/data/series.h"
#include "src/report/grid.h"

enum { MOST_COLUMNS = 5, FIRST_STEPS = 2, LAST_STEPS = 4 };

static const char *time_of(Arena *arena, const Dataset *set, size_t row)
{
    return table_line(set->table, row) || set->recipe->order.form == ORDER_BY ? series_time(set, arena, row) : "added";
}

static void put_step(Arena *arena, const Dataset *set, const DataGroup *group, const RecipeGroup *recipe, size_t row, const char *name, Grid *grid)
{
    size_t raw = recipe->n_columns < MOST_COLUMNS ? recipe->n_columns : MOST_COLUMNS;
    size_t seen = group->width < MOST_COLUMNS ? group->width : MOST_COLUMNS;
    grid_cell(grid, name);
    grid_cell(grid, time_of(arena, set, row));
    for (size_t i = 0; i < raw; i++)
        grid_cell(grid, show_cell(arena, set->table, row, table_find(set->table, set->recipe->columns[recipe->columns[i]].name)));
    for (size_t k = 0; k < seen; k++) grid_cell(grid, str_figure(arena, (double)group->block[row * group->width + k], 4));
}

static void put_group(Arena *arena, const Dataset *set, size_t g, uint32_t sample, Buf *out)
{
    const DataGroup *group = &set->groups[g];
    const RecipeGroup *recipe = &set->recipe->groups[g];
    size_t raw = recipe->n_columns < MOST_COLUMNS ? recipe->n_columns : MOST_COLUMNS;
    size_t seen = group->width < MOST_COLUMNS ? group->width : MOST_COLUMNS, last = dataset_row(set, sample);
    Grid grid = grid_new(arena, 2 + raw + seen);
    grid.n_left = 2;
    grid_cell(&grid, "");
    grid_cell(&grid, set->recipe->order.form == ORDER_BY ? "time" : "row");
    for (size_t i = 0; i < raw; i++) grid_cell(&grid, show_cut(arena, set->recipe->columns[recipe->columns[i]].name, MOST_CELL));
    for (size_t k = 0; k < seen; k++) grid_cell(&grid, show_cut(arena, arena_printf(arena, "%s:%s", group->name, group->columns[k]), MOST_CELL));
    for (size_t step = 0; step < group->steps; step++) {
        size_t back = group->steps - 1 - step;
        if (group->steps > FIRST_STEPS + LAST_STEPS + 1 && step >= FIRST_STEPS && back >= LAST_STEPS) {
            if (step != FIRST_STEPS) continue;
            grid_cell(&grid, "...");
            for (size_t i = 0; i < 1 + raw + seen; i++) grid_cell(&grid, "");
            continue;
        }
        const char *name = arena_printf(arena, "[%s%zu]", back ? "-" : "", back);
        put_step(arena, set, group, recipe, last - back * group->every, group->window ? name : "", &grid);
    }
    grid_print(&grid, "    ", out);
    if (raw < recipe->n_columns || seen < group->width)
        buf_printf(out, "    and %zu columns more\n", recipe->n_columns - raw > group->width - seen ? recipe->n_columns - raw : group->width - seen);
}

static void put_targets(Arena *arena, const Dataset *set, uint32_t sample, Buf *out)
{
    size_t most = 1;
    if (set->n_targets == 0) return;
    for (size_t t = 0; t < set->n_targets; t++)
        if (set->targets[t].width > most) most = set->targets[t].width;
    float *numbers = ARENA_ARRAY(arena, float, most);
    Grid grid = grid_new(arena, 4);
    grid.n_left = 2;
    static const char *const head[] = {"", "time", "target", "as the loss sees it"};
    for (size_t i = 0; i < 4; i++) grid_cell(&grid, head[i]);
    for (size_t t = 0; t < set->n_targets; t++) {
        TargetForm form = dataset_target_size(set, t, TARGET_NUMBERS) ? TARGET_NUMBERS : TARGET_INDEX;
        dataset_target(set, t, form, &sample, 1, numbers);
        size_t n = dataset_target_size(set, t, form);
        for (size_t i = 0; i < n; i++) {
            if (n > FIRST_STEPS + LAST_STEPS + 1 && i >= FIRST_STEPS && i < n - LAST_STEPS) {
                for (size_t k = 0; k < 4 && i == FIRST_STEPS; k++) grid_cell(&grid, k ? "" : "...");
                continue;
            }
            size_t row = dataset_target_row(set, t, sample, i), column = set->targets[t].table_columns[i % set->targets[t].n_columns];
            grid_cell(&grid, arena_printf(arena, "y:%s", dataset_target_name(set, arena, t, i)));
            grid_cell(&grid, time_of(arena, set, row));
            grid_cell(&grid, show_cell(arena, set->table, row, column));
            grid_cell(&grid, str_figure(arena, (double)numbers[i], 4));
        }
    }
    grid_print(&grid, "    ", out);
}

static void put_sample(Arena *arena, const Dataset *set, uint32_t sample, Buf *out)
{
    for (size_t g = 0; g < set->n_groups; g++) put_group(arena, set, g, sample, out);
    put_targets(arena, set, sample, out);
}

void show_windows(Arena *arena, const Dataset *set, Buf *out)
{
    for (int part = 0; part < PART_COUNT; part++) {
        DataPart samples = set->parts[part];
        if (samples.n == 0) continue;
        buf_printf(out, "  %s: %zu sample%s; the first, which ends on line %zu:\n", part_name((Part)part), samples.n, samples.n == 1 ? "" : "s",
                   dataset_line(set, samples.samples[0]));
        put_sample(arena, set, samples.samples[0], out);
        if (samples.n == 1) continue;
        uint32_t last = samples.samples[samples.n - 1];
        buf_printf(out, "  the last of %s, which ends on line %zu:\n", part_name((Part)part), dataset_line(set, last));
        put_sample(arena, set, last, out);
    }
}
