/* The prepared table and its samples; see recipe.h. */
#include "runtime/data/prepare.h"

static DataPart collect(Arena *arena, const Part *parts, size_t n_rows, Part part)
{
    size_t n = 0;
    for (size_t row = 0; row < n_rows; row++) n += part == PART_NONE || parts[row] == part;
    uint32_t *samples = ARENA_ARRAY(arena, uint32_t, n + 1);
    n = 0;
    for (size_t row = 0; row < n_rows; row++)
        if (part == PART_NONE || parts[row] == part) samples[n++] = (uint32_t)row;
    return (DataPart){samples, n};
}

/* A column of features that never changes in training tells the network nothing. */
static void warn_constant(const Dataset *data, Arena *arena, Diags *diags)
{
    for (size_t i = 0; i < data->recipe->n_columns; i++) {
        const RecipeColumn *column = &data->recipe->columns[i];
        const TransformKind *kind = transform_of(column->scale);
        const TransformState *state = &data->fit->columns[i].scale;
        if (!kind || !kind->fit || !state->constant || column->encode.kind) continue;
        Span script = column->scale_span.source ? column->scale_span : column->span;
        Span header = table_header_span(data->table, table_find(data->table, column->name));
        Diag *w = diag(diags, W0441, header.source ? header : script, A("column", column->name),
                       A("value", str_double(arena, state->numbers[0])));
        if (header.source && script.source) diag_label(w, script, W0441_scaled);
        diag_fix(w, W0441_help);
    }
}

Dataset *dataset_new(const Recipe *recipe, Arena *arena, const Table *source, const Table *table, const Part *parts, Diags *diags)
{
    if (!prepare_missing(recipe, table, ROWS_LEARN, diags)) return NULL;
    Dataset *data = ARENA_NEW(arena, Dataset);
    Fit *fit = ARENA_NEW(arena, Fit);
    *fit = fit_learn(recipe, arena, table, parts);
    *data = (Dataset){.recipe = recipe, .fit = fit, .table = table, .source = source, .row_parts = parts, .n_samples = table->n_rows};
    bool ok = prepare_groups(data, arena, diags);
    ok = prepare_targets(data, arena, ROWS_LEARN, diags) && ok;
    for (int part = 0; part < PART_COUNT; part++) data->parts[part] = collect(arena, parts, table->n_rows, (Part)part);
    data->all = collect(arena, parts, table->n_rows, PART_NONE);
    if (diags) warn_constant(data, arena, diags);
    return ok ? data : NULL;
}

Dataset *dataset_apply(const Recipe *recipe, const Fit *fit, Arena *arena, const RecipeFile *file, RowsUse use, Diags *diags)
{
    const Table *table = file->rows;
    if (!prepare_missing(recipe, table, use, diags)) return NULL;
    Dataset *data = ARENA_NEW(arena, Dataset);
    Part *parts = ARENA_ARRAY(arena, Part, table->n_rows + 1);
    for (size_t row = 0; row < table->n_rows; row++) parts[row] = PART_NONE;
    *data = (Dataset){.recipe = recipe, .fit = fit, .table = table, .source = file->source, .row_parts = parts,
                      .n_samples = table->n_rows};
    bool ok = prepare_groups(data, arena, diags);
    ok = prepare_targets(data, arena, use, diags) && ok;
    data->all = collect(arena, parts, table->n_rows, PART_NONE);
    return ok ? data : NULL;
}

DataPart dataset_part(const Dataset *data, Part part)
{
    return part == PART_NONE ? data->all : data->parts[part];
}

size_t dataset_row(const Dataset *data, uint32_t sample)
{
    return data->sample_rows ? data->sample_rows[sample] : sample;
}

size_t dataset_source_row(const Dataset *data, uint32_t sample)
{
    size_t row = dataset_row(data, sample);
    return data->table->origin ? data->table->origin[row] : row;
}

size_t dataset_line(const Dataset *data, uint32_t sample)
{
    return table_line(data->table, dataset_row(data, sample));
}

Part dataset_sample_part(const Dataset *data, uint32_t sample)
{
    return data->row_parts[dataset_row(data, sample)];
}

size_t dataset_group_size(const Dataset *data, size_t group)
{
    return data->groups[group].steps * data->groups[group].width;
}

void dataset_gather(const Dataset *data, size_t g, const uint32_t *samples, size_t n, float *out)
{
    const DataGroup *group = &data->groups[g];
    size_t width = group->width, steps = group->steps;
    for (size_t i = 0; i < n; i++) {
        size_t last = dataset_row(data, samples[i]);
        if (group->every == 1) {
            memcpy(out, group->block + (last + 1 - steps) * width, steps * width * sizeof *out);
        } else {
            for (size_t step = 0; step < steps; step++)
                memcpy(out + step * width, group->block + (last - (steps - 1 - step) * group->every) * width, width * sizeof *out);
        }
        out += steps * width;
    }
}

size_t dataset_target_size(const Dataset *data, size_t t, TargetForm form)
{
    const DataTarget *target = &data->targets[t];
    switch (form) {
    case TARGET_NUMBERS: return target->numbers ? target->width : 0;
    case TARGET_ONE_HOT: return target->classes ? target->n_classes : 0;
    case TARGET_INDEX: return target->classes ? 1 : 0;
    }
    return 0;
}

void dataset_target(const Dataset *data, size_t t, TargetForm form, const uint32_t *samples, size_t n, float *out)
{
    const DataTarget *target = &data->targets[t];
    size_t size = dataset_target_size(data, t, form);
    for (size_t i = 0; i < n; i++, out += size) {
        size_t row = dataset_row(data, samples[i]);
        switch (form) {
        case TARGET_NUMBERS: memcpy(out, target->numbers + row * size, size * sizeof *out); break;
        case TARGET_ONE_HOT:
            memset(out, 0, size * sizeof *out);
            out[target->classes[row]] = 1.0f;
            break;
        case TARGET_INDEX: out[0] = (float)target->classes[row]; break;
        }
    }
}

void dataset_weights(const Dataset *data, const uint32_t *samples, size_t n, float *out)
{
    for (size_t i = 0; i < n; i++) out[i] = data->weights ? data->weights[dataset_row(data, samples[i])] : 1.0f;
}

void dataset_target_undo(const Dataset *data, size_t t, const float *values, size_t n, double *out)
{
    const RecipeTarget *target = &data->recipe->targets[t];
    size_t width = target->classes ? 1 : target->n_columns;
    for (size_t c = 0; c < width; c++) {
        const RecipeColumn *column = &data->recipe->columns[target->columns[c]];
        const TransformKind *kind = target->classes ? NULL : transform_of(column->scale);
        const TransformState *state = &data->fit->columns[target->columns[c]].scale;
        for (size_t i = 0; i < n; i++) {
            double value = (double)values[i * width + c];
            out[i * width + c] = kind && kind->unscale ? kind->unscale(column->scale.args, state, value) : value;
        }
    }
}

double dataset_target_raw(const Dataset *data, size_t t, uint32_t sample, size_t i)
{
    const RecipeTarget *target = &data->recipe->targets[t];
    size_t row = dataset_row(data, sample), column = target->columns[i];
    if (target->classes) return (double)data->targets[t].classes[row];
    double value = data->table->columns[data->targets[t].table_columns[i]].numbers[row];
    const TransformState *fill = &data->fit->columns[column].fill;
    return value != value && fill->n_numbers ? fill->numbers[0] : value;
}
