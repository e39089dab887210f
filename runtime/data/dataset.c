/* The prepared table and its samples; see recipe.h. */
#include "runtime/data/prepare.h"

#include <string.h>

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

const TransformState *prepare_scale(const Dataset *data, size_t column, size_t row)
{
    return fit_scale(data->fit, column, data->fit_places ? data->fit_places[data->series->series[row]] : 0);
}

static bool prepare(Dataset *data, Arena *arena, RowsUse use, Diags *diags)
{
    if (!prepare_missing(data->recipe, data->table, data->series, use, diags)) return false;
    size_t *places = NULL;
    if (!fit_series(data->recipe, data->fit, arena, data->table, data->series, use, &places, diags)) return false;
    data->fit_places = places;
    bool ok = prepare_groups(data, arena, diags);
    ok = prepare_targets(data, arena, use, diags) && ok;
    prepare_samples(data, arena);
    return ok;
}

/* The categories of `data` in their places, and which of them the fold's training rows have. */
static void keep_places(const Dataset *data, Arena *arena, Fit *fit)
{
    ColumnFit *columns = ARENA_ARRAY(arena, ColumnFit, fit->n_columns);
    for (size_t i = 0; i < fit->n_columns; i++) {
        columns[i] = fit->columns[i];
        const TransformState *own = &fit->columns[i].encode, *places = &data->fit->columns[i].encode;
        if (!data->recipe->columns[i].encode.kind) continue;
        size_t n = transform_category_count(places);
        bool *seen = ARENA_ARRAY(arena, bool, n + 1);
        for (size_t k = 0; k < n; k++)
            seen[k] = (places->n_texts ? transform_find_text(own, places->texts[k]) : transform_find_number(own, places->numbers[k])) >= 0;
        columns[i].encode = *places;
        columns[i].seen = seen;
    }
    fit->columns = columns;
}

static Dataset *new_or_fold(const Recipe *recipe, Arena *arena, const Table *source, const Table *rows, const Series *series,
                            const Part *parts, const Dataset *fold_of, Diags *diags)
{
    const Table *table = recipe_past(recipe, arena, rows, series, parts, ROWS_LEARN, diags);
    if (!table) return NULL;
    Dataset *data = ARENA_NEW(arena, Dataset);
    Fit *fit = ARENA_NEW(arena, Fit);
    *fit = fit_learn(recipe, arena, table, series, parts);
    if (fold_of) keep_places(fold_of, arena, fit);
    *data = (Dataset){.recipe = recipe, .fit = fit, .table = table, .rows = rows, .series = series, .source = source, .row_parts = parts};
    bool ok = prepare(data, arena, ROWS_LEARN, diags);
    if (ok && diags) warn_constant(data, arena, diags);
    return ok ? data : NULL;
}

Dataset *dataset_new(const Recipe *recipe, Arena *arena, const Table *source, const Table *rows, const Series *series, const Part *parts,
                     Diags *diags)
{
    return new_or_fold(recipe, arena, source, rows, series, parts, NULL, diags);
}

Dataset *dataset_fold(const Dataset *data, Arena *arena, const Part *parts)
{
    return new_or_fold(data->recipe, arena, data->source, data->rows, data->series, parts, data, NULL);
}

Dataset *dataset_apply(const Recipe *recipe, const Fit *fit, Arena *arena, const RecipeFile *file, RowsUse use, Diags *diags)
{
    size_t n = file->rows->n_rows;
    Part *parts = ARENA_ARRAY(arena, Part, n + 1);
    for (size_t row = 0; row < n; row++) parts[row] = PART_NONE;
    const Table *table = recipe_past(recipe, arena, file->rows, file->series, parts, use, diags);
    if (!table) return NULL;
    Dataset *data = ARENA_NEW(arena, Dataset);
    *data = (Dataset){.recipe = recipe, .fit = fit, .table = table, .rows = file->rows, .series = file->series, .source = file->source,
                      .row_parts = parts};
    return prepare(data, arena, use, diags) ? data : NULL;
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
    return data->sample_parts ? data->sample_parts[sample] : data->row_parts[dataset_row(data, sample)];
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
        if (group->every == 1) { /* neighbours in the block */
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
        size_t row = dataset_row(data, samples[i]) + target->ahead;
        switch (form) {
        case TARGET_NUMBERS: memcpy(out, target->numbers + row * target->n_columns, size * sizeof *out); break;
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

void dataset_target_undo(const Dataset *data, size_t t, const uint32_t *samples, const float *values, size_t n, double *out)
{
    const RecipeTarget *target = &data->recipe->targets[t];
    size_t steps = target->classes ? 1 : target->ahead_last - target->ahead_first + 1;
    size_t width = target->classes ? 1 : target->n_columns * steps;
    for (size_t k = 0; k < width; k++) {
        size_t at = target->columns[k % target->n_columns];
        const RecipeColumn *column = &data->recipe->columns[at];
        const TransformKind *kind = target->classes ? NULL : transform_of(column->scale);
        for (size_t i = 0; i < n; i++) {
            double value = (double)values[i * width + k];
            if (kind && kind->unscale) value = kind->unscale(column->scale.args, prepare_scale(data, at, dataset_row(data, samples[i])), value);
            out[i * width + k] = value;
        }
    }
}

size_t dataset_target_row(const Dataset *data, size_t t, uint32_t sample, size_t i)
{
    const RecipeTarget *target = &data->recipe->targets[t];
    return dataset_row(data, sample) + target->ahead_first + i / target->n_columns;
}

uint32_t dataset_target_class(const Dataset *data, size_t t, uint32_t sample)
{
    return data->targets[t].classes[dataset_target_row(data, t, sample, 0)];
}

double dataset_target_raw(const Dataset *data, size_t t, uint32_t sample, size_t i)
{
    const RecipeTarget *target = &data->recipe->targets[t];
    size_t row = dataset_target_row(data, t, sample, i), k = i % target->n_columns;
    if (target->classes) return (double)data->targets[t].classes[row];
    double value = data->table->columns[data->targets[t].table_columns[k]].numbers[row];
    const TransformState *fill = &data->fit->columns[target->columns[k]].fill;
    return value != value && fill->n_numbers ? fill->numbers[0] : value;
}

const char *dataset_target_name(const Dataset *data, Arena *arena, size_t t, size_t i)
{
    const RecipeTarget *target = &data->recipe->targets[t];
    const char *name = data->recipe->columns[target->columns[i % target->n_columns]].name;
    return target->ahead_last ? arena_printf(arena, "%s+%zu", name, target->ahead_first + i / target->n_columns) : name;
}
