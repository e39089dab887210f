/* Features as numbers: the row-major block of each input group.
 *
 * Columns are filled, encoded and scaled a stretch of rows at a time, so that the block's lines stay in the cache while the columns
 * are laid side by side. Calculation is in double; rounding to float happens once, here. */
#include "runtime/data/prepare.h"

#include <math.h>

enum { STRETCH = 2048, SHOWN = 3 };

/* A block above this was hardly meant: a column of names that was one-hot encoded has a column for each row. */
#define BLOCK_MAX ((size_t)1 << 34)

/* One column of a group on its way into the block. */
typedef struct {
    size_t column, table_column; /* places in recipe->columns and in the table */
    size_t offset, width;        /* numbers in a row of the block */
    TransformCells cells;
    const int64_t *places;       /* category of each code */
    size_t unseen;               /* cells whose category training never had */
    uint32_t unseen_rows[SHOWN];
    uint32_t bad_row;            /* first cell whose number has no scaled value; NO_ROW: none */
} Lane;

static int64_t place_of(const Lane *lane, const TransformState *state, size_t row)
{
    if (lane->cells.numbers) return transform_find_number(state, lane->cells.numbers[row]);
    uint32_t code = lane->cells.codes[row];
    return code == TEXT_MISSING ? -1 : lane->places[code];
}

/* A cell that is still missing belongs to a row with too little past, which is in no sample. */
static bool is_missing(const Lane *lane, size_t row)
{
    return lane->cells.numbers ? isnan(lane->cells.numbers[row]) : lane->cells.codes[row] == TEXT_MISSING;
}

static void encode_stretch(const Dataset *data, Lane *lane, size_t first, size_t n, float *out, size_t stride)
{
    const RecipeColumn *column = &data->recipe->columns[lane->column];
    const ColumnFit *fit = &data->fit->columns[lane->column];
    const TransformState *state = &fit->encode;
    int64_t category[STRETCH];
    for (size_t i = 0; i < n; i++) {
        category[i] = place_of(lane, state, first + i);
        if (category[i] >= 0 && fit->seen && !fit->seen[category[i]]) category[i] = -1;
        if (category[i] >= 0 || is_missing(lane, first + i)) continue;
        if (lane->unseen < SHOWN) lane->unseen_rows[lane->unseen] = (uint32_t)(first + i);
        lane->unseen++;
    }
    transform_of(column->encode)->encode(column->encode.args, state, category, n, out, stride);
}

static void scale_stretch(const Dataset *data, Lane *lane, size_t first, size_t n, float *out, size_t stride)
{
    const RecipeColumn *column = &data->recipe->columns[lane->column];
    const TransformKind *kind = transform_of(column->scale);
    const TransformState *state = &data->fit->columns[lane->column].scale;
    const double *numbers = lane->cells.numbers;
    for (size_t i = 0; i < n; i++) {
        double value = numbers[first + i];
        if (isnan(value)) continue;
        if (data->fit_places) state = prepare_scale(data, lane->column, first + i);
        float number = (float)(kind ? kind->scale(column->scale.args, state, value) : value);
        out[i * stride] = number;
        if (!isfinite(number) && lane->bad_row == NO_ROW) lane->bad_row = (uint32_t)(first + i);
    }
}

bool prepare_bad_number(const Dataset *data, Arena *arena, size_t at, size_t table_column, size_t row, double value, Diags *diags)
{
    if (!diags) return false;
    const RecipeColumn *column = &data->recipe->columns[at];
    const TransformKind *kind = transform_of(column->scale);
    const char *text = str_double(arena, value);
    Span cell = table_cell_span(data->table, row, table_column);
    if (!cell.source) cell = column->scale_span.source ? column->scale_span : column->span;
    Diag *e;
    if (kind && kind->has_lowest && !(value > kind->lowest)) {
        e = diag(diags, E0462, cell, A("column", column->name), A("kind", kind->kind.name), AF("lowest", kind->lowest),
                 A("found", text));
        if (column->scale_span.source) diag_label(e, column->scale_span, E0462_asked);
        diag_fix(e, E0462_other);
    } else {
        e = diag(diags, E0463, cell, A("column", column->name), A("found", text));
        if (column->span.source) diag_label(e, column->span, E0463_used);
        diag_fix(e, E0463_scale);
    }
    diag_file_fault(e);
    return false;
}

/* Categories that the training rows do not have: named once a column, with their lines. */
static void warn_unseen(const Dataset *data, Arena *arena, const Lane *lane, Diags *diags)
{
    const RecipeColumn *column = &data->recipe->columns[lane->column];
    const TransformKind *kind = transform_of(column->encode);
    Buf lines = buf_in(arena);
    size_t shown = lane->unseen < SHOWN ? lane->unseen : SHOWN;
    for (size_t i = 0; i < shown; i++)
        buf_printf(&lines, "%s%zu", i ? ", " : "", table_line(data->table, lane->unseen_rows[i]));
    if (lane->unseen > shown) buf_put(&lines, ", ...");
    uint32_t row = lane->unseen_rows[0];
    const char *text = table_cell_text(arena, data->table, row, lane->table_column);
    Span cell = table_cell_span(data->table, row, lane->table_column);
    if (!cell.source) cell = column->encode_span;
    Diag *w = diag(diags, W0440, cell, A("column", column->name), A("category", text));
    if (column->encode_span.source) diag_label(w, column->encode_span, W0440_learned);
    diag_note(w, lane->unseen == 1 ? W0440_line : W0440_lines, AI("n", lane->unseen), A("lines", lines.at));
    if (kind->categories) diag_note(w, W0440_zero);
    else diag_note(w, W0440_zeros);
}

static size_t lane_width(const Dataset *data, size_t column)
{
    const RecipeColumn *recipe = &data->recipe->columns[column];
    const TransformKind *kind = transform_of(recipe->encode);
    if (!kind || !kind->width) return 1;
    return kind->width(recipe->encode.args, &data->fit->columns[column].encode);
}

static void name_numbers(const Dataset *data, Arena *arena, DataGroup *group, const Lane *lanes, size_t n)
{
    const char **names = ARENA_ARRAY(arena, const char *, group->width + 1);
    size_t *sources = ARENA_ARRAY(arena, size_t, group->width + 1);
    for (size_t i = 0; i < n; i++) {
        const RecipeColumn *column = &data->recipe->columns[lanes[i].column];
        const TransformKind *kind = transform_of(column->encode);
        for (size_t k = 0; k < lanes[i].width; k++) {
            const char *suffix = kind && kind->suffix
                                     ? kind->suffix(column->encode.args, &data->fit->columns[lanes[i].column].encode, arena, k) : "";
            names[lanes[i].offset + k] = suffix[0] ? arena_printf(arena, "%s%s", column->name, suffix) : column->name;
            sources[lanes[i].offset + k] = lanes[i].column;
        }
    }
    group->columns = names;
    group->sources = sources;
}

/* Whole numbers only where every column gives such. */
static int64_t group_categories(const Dataset *data, const Lane *lanes, size_t n)
{
    int64_t most = 0;
    for (size_t i = 0; i < n; i++) {
        const RecipeColumn *column = &data->recipe->columns[lanes[i].column];
        const TransformKind *kind = transform_of(column->encode);
        if (!kind || !kind->categories) return 0;
        int64_t categories = kind->categories(column->encode.args, &data->fit->columns[lanes[i].column].encode);
        if (categories > most) most = categories;
    }
    return most;
}

static bool report_large(const Dataset *data, Arena *arena, size_t g, const Lane *lanes, size_t n, Diags *diags)
{
    if (!diags) return false;
    const DataGroup *group = &data->groups[g];
    size_t widest = 0;
    for (size_t i = 1; i < n; i++)
        if (lanes[i].width > lanes[widest].width) widest = i;
    const RecipeColumn *column = &data->recipe->columns[lanes[widest].column];
    Span place = column->encode_span.source ? column->encode_span : column->span;
    Diag *e = diag(diags, E0477, place, A("size", str_bytes(arena, (double)data->table->n_rows * (double)group->width * (double)sizeof(float))),
                   AI("rows", data->table->n_rows), AI("width", group->width), A("column", column->name), AI("categories", lanes[widest].width));
    diag_note(e, E0477_widest);
    diag_fix(e, E0477_help);
    return false;
}

/* The shape of a row with an axis of steps before it. */
static Shape with_steps(const Shape *row, int64_t steps)
{
    int64_t dim[SHAPE_MAX_RANK] = {steps};
    for (int d = 0; d < row->rank && d + 1 < SHAPE_MAX_RANK; d++) dim[d + 1] = row->dim[d];
    return shape_of(row->rank < SHAPE_MAX_RANK ? row->rank + 1 : SHAPE_MAX_RANK, dim);
}

static bool prepare_group(Dataset *data, Arena *arena, size_t at, bool *told, Diags *diags)
{
    const RecipeGroup *recipe = &data->recipe->groups[at];
    DataGroup *group = &data->groups[at];
    size_t n = recipe->n_columns, n_rows = data->table->n_rows;
    Lane *lanes = ARENA_ARRAY(arena, Lane, n + 1);
    group->name = recipe->name;
    group->every = recipe->every ? recipe->every : 1;
    group->steps = recipe->window ? (recipe->window - 1) / group->every + 1 : 1;
    group->window = recipe->window > 0;
    for (size_t i = 0; i < n; i++) {
        Lane *lane = &lanes[i];
        lane->column = recipe->columns[i];
        const RecipeColumn *column = &data->recipe->columns[lane->column];
        lane->table_column = table_find(data->table, column->name);
        lane->offset = group->width;
        lane->width = lane_width(data, lane->column);
        lane->bad_row = NO_ROW;
        group->width += lane->width;
        lane->cells = prepare_fill(arena, column, data->table, lane->table_column, &data->fit->columns[lane->column].fill);
        if (column->encode.kind && lane->cells.codes)
            lane->places = prepare_places(arena, &lane->cells, &data->fit->columns[lane->column].encode);
    }
    group->shape = recipe->as.rank > 0 ? recipe->as : shape_vector((int64_t)group->width);
    if (group->window) group->shape = with_steps(&group->shape, (int64_t)group->steps);
    group->categories = group_categories(data, lanes, n);
    name_numbers(data, arena, group, lanes, n);
    if (group->width > 0 && n_rows > BLOCK_MAX / sizeof(float) / group->width) return report_large(data, arena, at, lanes, n, diags);
    group->block = arena_dense(arena, memory_product(n_rows, group->width) + 1, sizeof *group->block);
    for (size_t first = 0; first < n_rows; first += STRETCH) {
        size_t rows = n_rows - first < STRETCH ? n_rows - first : STRETCH;
        float *out = group->block + first * group->width;
        for (size_t i = 0; i < n; i++) {
            if (data->recipe->columns[lanes[i].column].encode.kind)
                encode_stretch(data, &lanes[i], first, rows, out + lanes[i].offset, group->width);
            else scale_stretch(data, &lanes[i], first, rows, out + lanes[i].offset, group->width);
        }
    }
    bool ok = true;
    for (size_t i = 0; i < n; i++) {
        if (lanes[i].bad_row != NO_ROW) {
            ok = false;
            if (!told[lanes[i].column])
                prepare_bad_number(data, arena, lanes[i].column, lanes[i].table_column, lanes[i].bad_row,
                                   lanes[i].cells.numbers[lanes[i].bad_row], diags);
        }
        if (diags && lanes[i].unseen && !told[lanes[i].column]) warn_unseen(data, arena, &lanes[i], diags);
        told[lanes[i].column] = true;
    }
    return ok;
}

bool prepare_groups(Dataset *data, Arena *arena, Diags *diags)
{
    bool ok = true;
    bool *told = ARENA_ARRAY(arena, bool, data->recipe->n_columns + 1);
    data->n_groups = data->recipe->n_groups;
    data->groups = ARENA_ARRAY(arena, DataGroup, data->n_groups + 1);
    for (size_t i = 0; i < data->n_groups; i++)
        if (!prepare_group(data, arena, i, told, diags)) ok = false;
    return ok;
}
