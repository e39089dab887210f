/* Which rows end a sample, and the part it belongs to.
 *
 * In a table without order each row is a sample. In an ordered one a row ends a sample where its run holds enough rows before it for the
 * longest window and for what looks back, and enough behind it for the farthest target. The sample belongs to the part of its target rows;
 * where these lie in several parts it belongs nowhere and is left out, so that no part learns from or is judged by another's answers.
 * Rows of earlier parts may stand in its window: parts follow each other in time, so they are past. */
#include "runtime/data/prepare.h"

/* Rows that must stand before a sample's last input row, within its run. */
static size_t rows_before(const Recipe *recipe)
{
    size_t most = 0;
    for (size_t g = 0; g < recipe->n_groups; g++) {
        size_t depth = 0, span = recipe->groups[g].window ? recipe->groups[g].window - 1 : 0;
        for (size_t i = 0; i < recipe->groups[g].n_columns; i++)
            if (recipe->columns[recipe->groups[g].columns[i]].depth > depth) depth = recipe->columns[recipe->groups[g].columns[i]].depth;
        if (span + depth > most) most = span + depth;
    }
    return most;
}

/* The same for the target rows' own past: a target that is derived by looking back. */
static size_t rows_before_targets(const Recipe *recipe)
{
    size_t most = 0;
    for (size_t t = 0; t < recipe->n_targets; t++) {
        const RecipeTarget *target = &recipe->targets[t];
        for (size_t i = 0; i < target->n_columns; i++) {
            size_t depth = recipe->columns[target->columns[i]].depth;
            if (depth > target->ahead_first && depth - target->ahead_first > most) most = depth - target->ahead_first;
        }
    }
    return most;
}

/* The one part of all target rows; false: there are several. */
static bool part_of(const Dataset *data, size_t row, Part *part)
{
    *part = data->row_parts[row];
    if (data->n_targets == 0) return true;
    *part = data->row_parts[row + data->targets[0].ahead];
    for (size_t t = 0; t < data->n_targets; t++)
        for (size_t k = 0; k < data->targets[t].steps; k++)
            if (data->row_parts[row + data->targets[t].ahead + k] != *part) return false;
    return true;
}

static void collect_parts(Dataset *data, Arena *arena)
{
    size_t counts[PART_COUNT + 1] = {0}, n = data->n_samples;
    uint32_t *lists[PART_COUNT + 1];
    for (size_t i = 0; i < n; i++) counts[dataset_sample_part(data, (uint32_t)i)]++;
    for (int part = 0; part < PART_COUNT; part++) lists[part] = ARENA_ARRAY(arena, uint32_t, counts[part] + 1);
    uint32_t *all = ARENA_ARRAY(arena, uint32_t, n + 1);
    size_t at[PART_COUNT] = {0};
    for (size_t i = 0; i < n; i++) {
        Part part = dataset_sample_part(data, (uint32_t)i);
        all[i] = (uint32_t)i;
        if (part != PART_NONE) lists[part][at[part]++] = (uint32_t)i;
    }
    for (int part = 0; part < PART_COUNT; part++) data->parts[part] = (DataPart){lists[part], counts[part]};
    data->all = (DataPart){all, n};
}

void prepare_samples(Dataset *data, Arena *arena)
{
    const Series *series = data->series;
    data->n_samples = data->table->n_rows;
    if (!series) {
        collect_parts(data, arena);
        return;
    }
    size_t n_rows = data->table->n_rows, before = rows_before(data->recipe), ahead = 0, n = 0;
    if (data->n_targets) {
        size_t targets = rows_before_targets(data->recipe);
        if (targets > before) before = targets;
    }
    for (size_t t = 0; t < data->n_targets; t++) {
        size_t last = data->targets[t].ahead + data->targets[t].steps - 1;
        if (last > ahead) ahead = last;
    }
    uint32_t *rows = ARENA_ARRAY(arena, uint32_t, n_rows + 1);
    Part *parts = ARENA_ARRAY(arena, Part, n_rows + 1);
    size_t stride = data->recipe->stride ? data->recipe->stride : 1;
    for (size_t row = 0; row < n_rows; row++) {
        size_t place = series->place[row];
        if (place < before) {
            data->no_past++;
            continue;
        }
        /* Rows ahead are in the run where counting on from here meets no new beginning. */
        if (row + ahead >= n_rows || series->place[row + ahead] != place + ahead) {
            data->no_future++;
            continue;
        }
        if ((place - before) % stride) continue;
        Part part;
        if (!part_of(data, row, &part)) {
            data->straddling++;
            continue;
        }
        rows[n] = (uint32_t)row;
        parts[n++] = part;
    }
    data->sample_rows = rows;
    data->sample_parts = parts;
    data->n_samples = n;
    collect_parts(data, arena);
}
