/* Rows behind the end of each series: their time and what it gives, what a file knows of them, the targets as they are predicted; see
 * series.h.
 *
 * The table of a future holds of each series as many of its last rows as a window and what looks back reach, then the appended rows. Its
 * blocks are those of a data set prepared by the same fit, so a forecast's samples are gathered as all others are. */
#include "runtime/data/clock.h"
#include "runtime/data/prepare.h"
#include "runtime/data/series.h"

#include <math.h>

/* ---- What is known of the future --------------------------------------------------------------------------------------------- */

enum { FOREVER = INT32_MAX };

typedef struct {
    const Recipe *recipe;
    size_t *derived; /* rows behind the end for which each derived column is known */
} Reach;

static size_t reach_of(const Reach *reach, const char *name)
{
    const Recipe *recipe = reach->recipe;
    for (size_t i = 0; i < recipe->order.n_columns; i++)
        if (str_eq(recipe->order.columns[i].name, name)) return FOREVER;
    for (size_t i = 0; i < recipe->order.n_group; i++)
        if (str_eq(recipe->order.group[i], name)) return FOREVER;
    size_t at = recipe_column(recipe, name);
    if (at != NO_COLUMN && recipe->columns[at].known) return FOREVER;
    for (size_t t = 0; t < recipe->n_targets; t++)
        for (size_t i = 0; i < recipe->targets[t].n_columns; i++)
            if (recipe->targets[t].columns[i] == at && recipe->targets[t].ahead_last && !recipe->targets[t].classes) return FOREVER;
    for (size_t d = 0; d < recipe->n_derives; d++)
        if (str_eq(recipe->derives[d].name, name)) return reach->derived[d];
    return 0;
}

static size_t expr_reach(const Reach *reach, const Expr *expr)
{
    if (!expr) return FOREVER;
    if (expr->op == EXPR_COLUMN) return reach_of(reach, expr->name);
    size_t least = expr_reach(reach, expr->a), b = expr_reach(reach, expr->b);
    if (b < least) least = b;
    for (size_t i = 0; i < expr->n_args; i++) {
        size_t arg = expr_reach(reach, expr->args[i]);
        if (arg < least) least = arg;
    }
    double rows;
    if (expr->op == EXPR_CALL && str_eq(expr->function->name, "shift") && least != FOREVER && expr_constant(expr->args[1], &rows))
        least += (size_t)rows;
    return least;
}

static Reach find_reach(const Recipe *recipe, Arena *arena)
{
    Reach reach = {recipe, ARENA_ARRAY(arena, size_t, recipe->n_derives + 1)};
    for (size_t d = 0; d < recipe->n_derives; d++) reach.derived[d] = expr_reach(&reach, recipe->derives[d].expr);
    return reach;
}

const char *const *series_unknown(const Dataset *data, Arena *arena, size_t rows, size_t *n)
{
    const Recipe *recipe = data->recipe;
    const char **names = ARENA_ARRAY(arena, const char *, recipe->n_columns + 1);
    Reach reach = find_reach(recipe, arena);
    *n = 0;
    for (size_t i = 0; i < recipe->n_columns; i++)
        if (recipe->columns[i].is_feature && reach_of(&reach, recipe->columns[i].name) < rows) names[(*n)++] = recipe->columns[i].name;
    return names;
}

/* ---- The table ------------------------------------------------------------------------------------------------------------- */

/* What belongs to a SeriesFuture and to nobody else. */
typedef struct {
    SeriesFuture future; /* first: callers hold this */
    Arena *arena;
    const Dataset *past;
    const Table *table;
    size_t memory; /* rows that an appended one may depend on */
    bool timed;    /* its time could be continued */
} Future;

/* Rows that what looks back reaches; an average that never forgets counts as forgotten where its weight is below a double's precision. */
static size_t forgotten(const Expr *expr)
{
    if (!expr) return 0;
    size_t most = forgotten(expr->a), b = forgotten(expr->b);
    if (b > most) most = b;
    for (size_t i = 0; i < expr->n_args; i++) {
        size_t arg = forgotten(expr->args[i]);
        if (arg > most) most = arg;
    }
    double span;
    if (expr->op == EXPR_CALL && str_eq(expr->function->name, "ewm_mean") && expr_constant(expr->args[1], &span)) most += 20 * (size_t)(span + 1.0);
    return most;
}

static size_t memory_of(const Recipe *recipe)
{
    size_t most = 1;
    for (size_t g = 0; g < recipe->n_groups; g++)
        if (recipe->groups[g].window > most) most = recipe->groups[g].window;
    for (size_t t = 0; t < recipe->n_targets; t++) most += recipe->targets[t].ahead_last;
    for (size_t d = 0; d < recipe->n_derives; d++) most += recipe->derives[d].depth + forgotten(recipe->derives[d].expr);
    return most;
}

static bool is_derived(const Recipe *recipe, const char *name)
{
    for (size_t d = 0; d < recipe->n_derives; d++)
        if (str_eq(recipe->derives[d].name, name)) return true;
    return false;
}

/* Row of `known` with the time and the group of a row, or NO_ROW. */
static uint32_t known_row(const Recipe *recipe, const Table *known, const Table *table, size_t row)
{
    for (size_t k = 0; known && k < known->n_rows; k++) {
        bool same = true;
        for (size_t i = 0; i < recipe->order.n_columns + recipe->order.n_group && same; i++) {
            bool time = i < recipe->order.n_columns;
            const char *name = time ? recipe->order.columns[i].name : recipe->order.group[i - recipe->order.n_columns];
            const Column *a = &known->columns[table_find(known, name)], *b = &table->columns[table_find(table, name)];
            if (a->type == COLUMN_TEXT || b->type == COLUMN_TEXT) {
                const char *x = a->type == COLUMN_TEXT ? column_text(a, k) : NULL, *y = b->type == COLUMN_TEXT ? column_text(b, row) : NULL;
                same = x && y && str_eq(x, y);
            } else {
                same = a->numbers[k] == b->numbers[row];
            }
        }
        if (same) return (uint32_t)k;
    }
    return NO_ROW;
}

static bool report_unknown(const Future *f, const Table *table, size_t row, size_t series, const char *column, const Table *known, uint32_t at,
                           Span place, Diags *diags)
{
    Arena *arena = f->arena;
    Clock clock = clock_new(arena, &f->past->recipe->order, table);
    double time[ORDER_COLUMNS_MAX] = {0};
    clock_read(&clock, table, row, time);
    const char *name = f->past->series->names[series];
    Span cell = known && at != NO_ROW ? table_cell_span(known, at, table_find(known, column)) : NO_SPAN;
    Diag *e = diag(diags, E0499, cell.source ? cell : place, A("file", known ? known->path : ""),
                   A("what", at == NO_ROW ? "row" : arena_printf(arena, "`%s`", column)), A("time", clock_text(&clock, arena, table, time)),
                   A("series", name[0] ? arena_printf(arena, " of `%s`", name) : ""));
    diag_note(e, E0499_known);
    diag_file_fault(e);
    return false;
}

/* Cells of the appended rows: time, group and `known` columns; targets and what is derived later are missing for now. */
static const Table *appended(Future *f, const Clock *clock, const Table *known, Span place, Diags *diags)
{
    const Dataset *past = f->past;
    const Recipe *recipe = past->recipe;
    size_t n_rows = f->future.n_rows, n = past->series->n * n_rows;
    const Table *rows = past->rows, *table = table_new(f->arena, rows->path, n);
    for (size_t c = 0; c < rows->n_columns; c++) {
        const Column *from = &rows->columns[c];
        bool grouped = false, timed = false;
        for (size_t i = 0; i < recipe->order.n_group; i++) grouped = grouped || str_eq(recipe->order.group[i], from->name);
        for (size_t i = 0; i < recipe->order.n_columns; i++) timed = timed || str_eq(recipe->order.columns[i].name, from->name);
        if (is_derived(recipe, from->name) && !grouped && !timed) continue;
        const char **texts = from->type == COLUMN_TEXT ? ARENA_ARRAY(f->arena, const char *, n + 1) : NULL;
        double *numbers = texts ? NULL : ARENA_ARRAY(f->arena, double, n + 1);
        for (size_t i = 0; i < n; i++) {
            size_t s = i / n_rows, last = past->series->begin[s + 1] - 1;
            if (texts) texts[i] = grouped ? column_text(from, last) : NULL;
            else numbers[i] = grouped ? from->numbers[last] : TABLE_MISSING;
            double time[ORDER_COLUMNS_MAX] = {0}, later[ORDER_COLUMNS_MAX] = {0};
            if (!timed || !numbers) continue;
            clock_read(clock, rows, last, time);
            if (!clock_later(clock, time, (int64_t)(i % n_rows) + 1, later)) continue;
            for (size_t k = 0; k < recipe->order.n_columns; k++)
                if (clock->columns[k] == c) numbers[i] = later[k];
        }
        if (texts) {
            table = table_add_texts(f->arena, table, from->name, texts);
            continue;
        }
        Column column = {.name = from->name, .type = from->type, .numbers = numbers, .form = from->form, .file_column = NO_COLUMN};
        for (size_t i = 0; i < n; i++) column.n_missing += isnan(numbers[i]) != 0;
        table = table_add_column(f->arena, table, &column);
    }
    /* Known columns: read once the time stands. */
    bool ok = true;
    Column *columns;
    table = table_copy(f->arena, table, &columns);
    for (size_t i = 0; i < recipe->n_columns; i++) {
        const RecipeColumn *wanted = &recipe->columns[i];
        size_t at = table_find(table, wanted->name), in_file = known ? table_find(known, wanted->name) : NO_COLUMN;
        if (!wanted->known || at == NO_COLUMN) continue;
        const char **texts = wanted->type == COLUMN_TEXT ? ARENA_ARRAY(f->arena, const char *, n + 1) : NULL;
        double *numbers = texts ? NULL : ARENA_ARRAY(f->arena, double, n + 1);
        for (size_t row = 0; row < n && ok; row++) {
            uint32_t from = known_row(recipe, known, table, row);
            bool there = from != NO_ROW && in_file != NO_COLUMN && !column_is_missing(&known->columns[in_file], from);
            if (!there && wanted->fill == FILL_NONE) ok = report_unknown(f, table, row, row / n_rows, wanted->name, known, from, place, diags);
            else if (texts) texts[row] = there ? column_text(&known->columns[in_file], from) : NULL;
            else numbers[row] = there ? known->columns[in_file].numbers[from] : TABLE_MISSING;
        }
        if (!ok) return NULL;
        const Table *one = texts ? table_add_texts(f->arena, table_new(f->arena, "", n), wanted->name, texts)
                                 : table_add_numbers(f->arena, table_new(f->arena, "", n), wanted->name, wanted->type, numbers);
        columns[at] = one->columns[0];
    }
    table = recipe_derive_quietly(recipe, f->arena, table, ROWS_LEARN, diags);
    return table ? table_match(f->arena, table, rows, NULL, NO_SPAN, diags) : NULL;
}

/* The last rows of each series as they were prepared, then its appended ones. A row's place counts from the first row that is kept. */
static Series *tails(Future *f, const Table *behind)
{
    const Series *past = f->past->series;
    bool *none = ARENA_ARRAY(f->arena, bool, f->past->table->n_columns + 1);
    const Table *alike = table_match(f->arena, behind, f->past->table, none, NO_SPAN, NULL);
    size_t n_rows = f->future.n_rows, n = 0, n_old = f->past->table->n_rows, most = 0;
    for (size_t s = 0; s < past->n; s++) {
        size_t rows = past->begin[s + 1] - past->begin[s];
        most += (rows < f->memory ? rows : f->memory) + n_rows;
    }
    uint32_t *rows = ARENA_ARRAY(f->arena, uint32_t, most + 1), *series = ARENA_ARRAY(f->arena, uint32_t, most + 1);
    uint32_t *place = ARENA_ARRAY(f->arena, uint32_t, most + 1), *end = ARENA_ARRAY(f->arena, uint32_t, past->n + 1);
    uint32_t *begin = ARENA_ARRAY(f->arena, uint32_t, past->n + 2);
    for (size_t s = 0; s < past->n; s++) {
        size_t first = past->begin[s], last = past->begin[s + 1];
        if (last - first > f->memory) first = last - f->memory;
        begin[s] = (uint32_t)n;
        for (size_t row = first; row < last + n_rows; row++, n++) {
            bool known = row < last, follows = row > first && (!known || past->place[row] > 0);
            rows[n] = (uint32_t)(known ? row : n_old + s * n_rows + (row - last));
            series[n] = (uint32_t)s;
            place[n] = follows ? place[n - 1] + 1 : 0;
        }
        end[s] = (uint32_t)(n - n_rows);
    }
    begin[past->n] = (uint32_t)n;
    f->future.end = end;
    f->table = table_select(f->arena, table_concat(f->arena, f->past->table, alike), rows, n);
    Series *all = ARENA_NEW(f->arena, Series);
    *all = (Series){past->n, past->names, begin, series, place};
    return all;
}

SeriesFuture *series_future(const Dataset *data, Arena *arena, size_t n_rows, const Table *known, Span place, Diags *diags)
{
    Future *f = ARENA_NEW(arena, Future);
    *f = (Future){.arena = arena, .past = data, .memory = memory_of(data->recipe)};
    f->future.n_series = data->series->n;
    f->future.n_rows = n_rows;
    Clock clock = clock_new(arena, &data->recipe->order, data->rows);
    clock_guess(&clock, arena, data->rows, data->series);
    f->timed = clock.step != 0.0 && clock.order->form == ORDER_BY;
    const Table *behind = appended(f, &clock, known, place, diags);
    if (!behind) return NULL;
    Series *series = tails(f, behind);
    Part *parts = ARENA_ARRAY(arena, Part, f->table->n_rows + 1);
    for (size_t row = 0; row < f->table->n_rows; row++) parts[row] = PART_NONE;
    Dataset *future = ARENA_NEW(arena, Dataset);
    *future = (Dataset){.recipe = data->recipe, .fit = data->fit, .table = f->table, .rows = f->table, .series = series, .fit_places = data->fit_places,
                        .source = data->source, .row_parts = parts, .n_samples = f->table->n_rows};
    f->future.data = future;
    return prepare_groups(future, arena, NULL) ? &f->future : NULL;
}

uint32_t series_future_sample(const SeriesFuture *future, size_t series, size_t step, size_t back)
{
    return (uint32_t)(future->end[series] + step - back);
}

void series_future_set(SeriesFuture *future, size_t series, size_t step, size_t t, size_t column, double value)
{
    const Recipe *recipe = future->data->recipe;
    size_t at = table_find(future->data->table, recipe->columns[recipe->targets[t].columns[column]].name);
    double *numbers = (double *)(uintptr_t)future->data->table->columns[at].numbers; /* made by table_select for this future alone */
    numbers[future->end[series] + step] = value;
}

/* ---- One row ----------------------------------------------------------------------------------------------------------------- */

/* n rows of a table from `first` on; copies nothing. */
static Table *slice(Arena *arena, const Table *table, size_t first, size_t n)
{
    Table *part = ARENA_NEW(arena, Table);
    *part = *table;
    Column *columns = ARENA_ARRAY(arena, Column, table->n_columns + 1);
    part->n_rows = n;
    part->origin = table->origin + first;
    part->columns = columns;
    for (size_t c = 0; c < table->n_columns; c++) {
        columns[c] = table->columns[c];
        if (columns[c].numbers) columns[c].numbers += first;
        if (columns[c].codes) columns[c].codes += first;
        columns[c].n_missing = 0;
        for (size_t row = 0; row < n; row++) columns[c].n_missing += column_is_missing(&columns[c], row);
    }
    return part;
}

static void put_cell(const Column *into, size_t row, const Column *from, size_t from_row)
{
    if (into->type != COLUMN_TEXT) {
        ((double *)(uintptr_t)into->numbers)[row] = from->numbers[from_row];
        return;
    }
    const char *text = column_text(from, from_row);
    ((uint32_t *)(uintptr_t)into->codes)[row] = text ? column_code(into, text) : TEXT_MISSING;
}

/* A `known` cell that the file lacks stays as it was, where the recipe says so. */
static void keep_previous(const Dataset *data, size_t row)
{
    for (size_t i = 0; i < data->recipe->n_columns; i++) {
        const RecipeColumn *column = &data->recipe->columns[i];
        if (!column->known || (column->fill != FILL_PREVIOUS && column->fill != FILL_LINEAR)) continue;
        const Column *cells = &data->table->columns[table_find(data->table, column->name)];
        if (row > 0 && column_is_missing(cells, row)) put_cell(cells, row, cells, row - 1);
    }
}

void series_future_ready(SeriesFuture *future, size_t s, size_t step)
{
    Dataset *data = future->data;
    const Recipe *recipe = data->recipe;
    Arena *scratch = arena_new("forecast");
    size_t begin = data->series->begin[s], row = future->end[s] + step;
    keep_previous(data, row);
    for (size_t d = 0; d < recipe->n_derives; d++) {
        const RecipeDerive *derive = &recipe->derives[d];
        size_t at = table_find(data->table, derive->name), first = derive->looks_back ? begin : row;
        if (at == NO_COLUMN) continue;
        const Table *part = slice(scratch, data->table, first, row - first + 1);
        Column column = derive->looks_back ? expr_eval_back(scratch, derive->expr, part, data->series->place + first, "", NULL)
                                           : expr_eval(scratch, derive->expr, part, "", NULL);
        put_cell(&data->table->columns[at], row, &column, row - first);
    }
    static const uint32_t zero[1];
    uint32_t whose[1] = {(uint32_t)s};
    const Series alone = {.n = data->series->n, .names = data->series->names, .begin = zero, .series = whose, .place = zero};
    Dataset one = {.recipe = recipe, .fit = data->fit, .table = slice(scratch, data->table, row, 1), .series = &alone, .fit_places = data->fit_places};
    (void)prepare_groups(&one, scratch, NULL); /* a number too large for a float stays infinite: the forecast shows it */
    for (size_t g = 0; g < data->n_groups; g++)
        memcpy(data->groups[g].block + row * data->groups[g].width, one.groups[g].block, data->groups[g].width * sizeof(float));
    arena_free(scratch);
}

/* ---- For output ---------------------------------------------------------------------------------------------------------------- */

/* Columns of the file that say time and group, not those made of others. */
static bool continued(const SeriesFuture *future, const char *name)
{
    const Recipe *recipe = future->data->recipe;
    for (size_t i = 0; i < recipe->order.n_group; i++)
        if (str_eq(recipe->order.group[i], name)) return true;
    for (size_t i = 0; i < recipe->order.n_columns; i++)
        if (str_eq(recipe->order.columns[i].name, name)) return ((const Future *)future)->timed;
    return false;
}

const char *const *series_future_columns(const SeriesFuture *future, Arena *arena, size_t *n)
{
    const Table *table = future->data->table;
    const char **names = ARENA_ARRAY(arena, const char *, table->n_columns + 1);
    *n = 0;
    for (size_t c = 0; c < table->n_columns; c++)
        if (continued(future, table->columns[c].name)) names[(*n)++] = table->columns[c].name;
    return names;
}

const char *const *series_future_cells(const SeriesFuture *future, Arena *arena, size_t series, size_t step)
{
    const Table *table = future->data->table;
    const char **cells = ARENA_ARRAY(arena, const char *, table->n_columns + 1);
    size_t n = 0, row = future->end[series] + step;
    for (size_t c = 0; c < table->n_columns; c++) {
        const Column *column = &table->columns[c];
        if (!continued(future, column->name)) continue;
        const char *text = column_is_missing(column, row) ? "" : column->type == COLUMN_TEXT ? column_text(column, row)
                         : column->type == COLUMN_DATE ? date_text(arena, column->numbers[row], column->form) : str_double(arena, column->numbers[row]);
        cells[n++] = text;
    }
    return cells;
}
