/* From a file to the rows in use: dates, derive, where, take, drop missing; the order is put in by rows.c. See recipe.h. */
#include "runtime/data/prepare.h"

#include "runtime/base/rng.h"

size_t recipe_column(const Recipe *recipe, const char *name)
{
    for (size_t i = 0; i < recipe->n_columns; i++)
        if (str_eq(recipe->columns[i].name, name)) return i;
    return NO_COLUMN;
}

/* ---- Which columns of the file are needed ---------------------------------------------------------------------------- */

typedef struct {
    const Recipe *recipe;
    NameIndex *names; /* of file_columns */
    bool *file;    /* parallel to file_columns */
    bool *derived; /* parallel to derives */
    bool *dates;   /* parallel to dates */
} Needed;

static void need(Needed *needed, const char *name)
{
    for (size_t i = 0; i < needed->recipe->n_derives; i++)
        if (str_eq(needed->recipe->derives[i].name, name)) needed->derived[i] = true;
    for (size_t i = 0; i < needed->recipe->n_dates; i++)
        if (str_eq(needed->recipe->dates[i].name, name)) needed->dates[i] = true;
    size_t at = name_index_find(needed->names, name);
    if (at != NO_NAME) needed->file[at] = true;
}

static void need_of_expr(void *context, const Expr *column)
{
    need(context, column->name);
}

/* A date that is needed needs the columns it is read from. */
static void need_of_dates(Needed *needed)
{
    const Recipe *recipe = needed->recipe;
    for (size_t d = 0; d < recipe->n_dates; d++) {
        bool own = false;
        for (size_t i = 0; i < recipe->dates[d].n_from; i++) own = own || str_eq(recipe->dates[d].from[i], recipe->dates[d].name);
        if (own || !needed->dates[d]) continue;
        for (size_t i = 0; i < recipe->dates[d].n_from; i++) need(needed, recipe->dates[d].from[i]);
    }
}

static Needed needed_new(const Recipe *recipe, Arena *arena)
{
    NameIndex *names = name_index_new(arena);
    for (size_t i = 0; i < recipe->n_file_columns; i++) name_index_add(names, recipe->file_columns[i].name);
    return (Needed){recipe, names, ARENA_ARRAY(arena, bool, recipe->n_file_columns + 1), ARENA_ARRAY(arena, bool, recipe->n_derives + 1),
                    ARENA_ARRAY(arena, bool, recipe->n_dates + 1)};
}

static Needed find_needed(const Recipe *recipe, Arena *arena, RowsUse use)
{
    Needed needed = needed_new(recipe, arena);
    for (size_t i = 0; i < recipe->n_columns; i++) {
        bool wanted = use == ROWS_FUTURE ? recipe->columns[i].known : recipe->columns[i].is_feature || use != ROWS_PREDICT;
        if (wanted) need(&needed, recipe->columns[i].name);
    }
    for (size_t i = 0; i < recipe->order.n_columns; i++) need(&needed, recipe->order.columns[i].name);
    for (size_t i = 0; i < recipe->order.n_group; i++) need(&needed, recipe->order.group[i]);
    if (use == ROWS_LEARN && recipe->weight) need(&needed, recipe->weight);
    if (use == ROWS_LEARN && recipe->split.by) need(&needed, recipe->split.by);
    if (use != ROWS_PREDICT && use != ROWS_FUTURE)
        for (size_t i = 0; i < recipe->n_wheres; i++) expr_columns(recipe->wheres[i].expr, need_of_expr, &needed);
    /* A derived column uses those derived before it only. */
    for (size_t i = recipe->n_derives; i-- > 0;)
        if (needed.derived[i]) expr_columns(recipe->derives[i].expr, need_of_expr, &needed);
    need_of_dates(&needed);
    return needed;
}

const bool *recipe_needed(const Recipe *recipe, Arena *arena, RowsUse use)
{
    return find_needed(recipe, arena, use).file;
}

const Table *recipe_file_table(const Recipe *recipe, Arena *arena)
{
    const Table *table = table_new(arena, recipe->path, 0);
    for (size_t i = 0; i < recipe->n_file_columns; i++) {
        const RecipeFileColumn *column = &recipe->file_columns[i];
        static const double none[1];
        static const char *const no_text[1];
        if (column->type == COLUMN_TEXT) table = table_add_texts(arena, table, column->name, no_text);
        else table = table_add_numbers(arena, table, column->name, column->type, none);
    }
    return table;
}

/* ---- Derive ---------------------------------------------------------------------------------------------------------- */

bool recipe_wants(const Recipe *recipe, const RecipeDerive *derive, RowsUse use)
{
    if (use == ROWS_LEARN) return true;
    Arena *scratch = arena_new("recipe");
    bool wanted = find_needed(recipe, scratch, use).derived[derive - recipe->derives];
    arena_free(scratch);
    return wanted;
}

static const Table *derive_columns(const Recipe *recipe, Arena *arena, const Table *table, RowsUse use, Diags *diags, Diags *warnings)
{
    Needed needed = find_needed(recipe, arena, use);
    for (size_t i = 0; i < recipe->n_derives; i++) {
        const RecipeDerive *derive = &recipe->derives[i];
        if (derive->looks_back || (use != ROWS_LEARN && !needed.derived[i])) continue;
        if (!expr_check(arena, derive->expr, table, false, diags)) return NULL;
        Column column = expr_eval(arena, derive->expr, table, derive->name, warnings);
        table = table_add_column(arena, table, &column);
    }
    return table;
}

const Table *recipe_derive(const Recipe *recipe, Arena *arena, const Table *table, RowsUse use, Diags *diags)
{
    return derive_columns(recipe, arena, table, use, diags, diags);
}

const Table *recipe_derive_quietly(const Recipe *recipe, Arena *arena, const Table *table, RowsUse use, Diags *diags)
{
    return derive_columns(recipe, arena, table, use, diags, NULL);
}

/* ---- Where, take, drop ----------------------------------------------------------------------------------------------- */

typedef struct {
    const Table *table;
    bool absent;
} Absent;

static void find_absent(void *context, const Expr *column)
{
    Absent *absent = context;
    if (table_find(absent->table, column->name) == NO_COLUMN) absent->absent = true;
}

/* A column that the file lacks stands in the table with missing cells alone where the use can do without it. */
static bool can_judge(const Recipe *recipe, Arena *arena, const Table *table, const Expr *test, RowsUse use)
{
    if (use != ROWS_PREDICT) return true;
    Absent absent = {table, false};
    expr_columns(test, find_absent, &absent);
    if (absent.absent) return false;
    Needed named = needed_new(recipe, arena);
    expr_columns(test, need_of_expr, &named);
    for (size_t i = recipe->n_derives; i-- > 0;)
        if (named.derived[i]) expr_columns(recipe->derives[i].expr, need_of_expr, &named);
    need_of_dates(&named);
    for (size_t i = 0; i < recipe->n_file_columns; i++) {
        if (!named.file[i]) continue;
        size_t at = table_find(table, recipe->file_columns[i].name);
        if (at == NO_COLUMN || (table->n_rows && table->columns[at].n_missing == table->n_rows)) return false;
    }
    return true;
}

static size_t file_row(const Table *table, size_t row)
{
    return table->origin ? table->origin[row] : row;
}

static bool apply_where(const Recipe *recipe, Arena *arena, const Table *table, RowsUse use, bool *keep, RecipeCounts *counts,
                        Diags *diags)
{
    for (size_t i = 0; i < recipe->n_wheres; i++) {
        Expr *test = recipe->wheres[i].expr;
        if (!can_judge(recipe, arena, table, test, use)) continue;
        if (!expr_check(arena, test, table, true, diags)) return false;
        size_t n, n_unknown;
        const uint32_t *rows = expr_where(arena, test, table, &n, &n_unknown);
        counts->unknown += n_unknown;
        size_t at = 0;
        for (size_t row = 0; row < table->n_rows; row++) {
            if (at < n && rows[at] == row) at++;
            else keep[row] = false;
        }
    }
    return true;
}

static void apply_take(const Recipe *recipe, Arena *arena, const Table *table, size_t n_own, bool *keep)
{
    if (recipe->take <= 0) return;
    size_t n = 0, wanted = (size_t)recipe->take;
    int64_t *own = ARENA_ARRAY(arena, int64_t, table->n_rows + 1);
    for (size_t row = 0; row < table->n_rows; row++)
        if (keep[row] && file_row(table, row) < n_own) own[n++] = (int64_t)row;
    if (recipe->take_shuffled) {
        RngKey key = {.seed = recipe->split.seed, .stream = rng_stream("take")};
        rng_shuffle(&key, own, (int64_t)n);
    }
    for (size_t i = wanted; i < n; i++) keep[own[i]] = false;
}

static void apply_drop(const Recipe *recipe, const Table *table, size_t n_own, RowsUse use, bool *keep)
{
    if (!recipe->drop_missing) return;
    for (size_t k = 0; k < recipe->order.n_columns + recipe->order.n_group; k++) {
        bool time = k < recipe->order.n_columns;
        size_t at = table_find(table, time ? recipe->order.columns[k].name : recipe->order.group[k - recipe->order.n_columns]);
        for (size_t row = 0; at != NO_COLUMN && row < table->n_rows && table->columns[at].n_missing; row++)
            if (column_is_missing(&table->columns[at], row)) keep[row] = false;
    }
    for (size_t i = 0; i <= recipe->n_columns; i++) {
        const char *name = i < recipe->n_columns ? recipe->columns[i].name : use == ROWS_LEARN ? recipe->weight : NULL;
        if (!name) continue;
        if (i < recipe->n_columns && recipe->columns[i].fill != FILL_NONE) continue;
        if (i < recipe->n_columns && use == ROWS_FUTURE) continue;
        if (i < recipe->n_columns && use == ROWS_PREDICT && !recipe->columns[i].is_feature) continue;
        size_t at = table_find(table, name);
        if (at == NO_COLUMN || table->columns[at].n_missing == 0) continue;
        /* Weights are for training alone: rows of other files may lack them. */
        for (size_t row = 0; row < table->n_rows; row++)
            if (column_is_missing(&table->columns[at], row) && (i < recipe->n_columns || file_row(table, row) < n_own)) keep[row] = false;
    }
}

/* Of rows without a time or a group nobody knows where they would have stood: they leave no break behind. */
static void leave_untimed(const Recipe *recipe, const Table *table, bool *keep, const bool *dropped)
{
    for (size_t k = 0; k < recipe->order.n_columns + recipe->order.n_group; k++) {
        bool time = k < recipe->order.n_columns;
        size_t at = table_find(table, time ? recipe->order.columns[k].name : recipe->order.group[k - recipe->order.n_columns]);
        for (size_t row = 0; row < table->n_rows && table->columns[at].n_missing; row++)
            if (dropped[row] && column_is_missing(&table->columns[at], row)) keep[row] = false;
    }
}

static size_t count_kept(const bool *keep, size_t n)
{
    size_t kept = 0;
    for (size_t i = 0; i < n; i++) kept += keep[i];
    return kept;
}

const Table *recipe_rows(const Recipe *recipe, Arena *arena, const Table *table, size_t n_own, RowsUse use, RecipeCounts *counts,
                         const Series **series, Diags *diags)
{
    *counts = (RecipeCounts){.read = table->n_rows};
    *series = NULL;
    table = recipe_dates(recipe, arena, table, use, diags);
    if (!table) return NULL;
    table = recipe_derive(recipe, arena, table, use, diags);
    if (!table || use == ROWS_FUTURE) return table;
    size_t n = table->n_rows;
    bool *keep = ARENA_ARRAY(arena, bool, n + 1);
    memset(keep, 1, n);
    if (!apply_where(recipe, arena, table, use, keep, counts, diags)) return NULL;
    size_t after_where = count_kept(keep, n);
    if (use == ROWS_LEARN) apply_take(recipe, arena, table, n_own, keep);
    size_t after_take = count_kept(keep, n);
    bool *stays = ARENA_ARRAY(arena, bool, n + 1);
    memcpy(stays, keep, n);
    apply_drop(recipe, table, n_own, use, stays);
    size_t kept = count_kept(stays, n);
    counts->where = n - after_where;
    counts->take = after_where - after_take;
    counts->dropped = after_take - kept;
    if (recipe->order.form != ORDER_NONE) {
        bool *dropped = ARENA_ARRAY(arena, bool, n + 1);
        for (size_t row = 0; row < n; row++) dropped[row] = keep[row] && !stays[row];
        leave_untimed(recipe, table, keep, dropped);
        return prepare_order(recipe, arena, table, keep, dropped, use, counts, series, diags);
    }
    keep = stays;
    if (kept == n) return table;
    uint32_t *rows = ARENA_ARRAY(arena, uint32_t, kept + 1);
    size_t at = 0;
    for (size_t row = 0; row < n; row++)
        if (keep[row]) rows[at++] = (uint32_t)row;
    return table_select(arena, table, rows, kept);
}

bool recipe_read(const Recipe *recipe, Arena *arena, const char *file, const char *written, RowsUse use, Span place, RecipeFile *out,
                 Diags *diags)
{
    CsvOptions options = recipe->csv;
    options.written = written;
    options.renames = NULL; /* done below: this file may lack the column */
    options.n_renames = 0;
    options.further = true;
    const Table *source = csv_read(arena, file, &options, place, diags, NULL);
    return source && recipe_from_table(recipe, arena, source, use, place, out, diags);
}

bool recipe_from_table(const Recipe *recipe, Arena *arena, const Table *source, RowsUse use, Span place, RecipeFile *out, Diags *diags)
{
    *out = (RecipeFile){0};
    for (size_t i = 0; i < recipe->csv.n_renames; i++) {
        size_t from = table_find(source, recipe->csv.renames[i].from);
        if (from != NO_COLUMN && table_find(source, recipe->csv.renames[i].to) == NO_COLUMN)
            source = table_rename(arena, source, from, recipe->csv.renames[i].to);
    }
    out->source = source;
    const Table *like = recipe_file_table(recipe, arena);
    const Table *matched = table_match(arena, out->source, like, recipe_needed(recipe, arena, use), place, diags);
    if (!matched) return false;
    out->rows = recipe_rows(recipe, arena, matched, matched->n_rows, use, &out->counts, &out->series, diags);
    return out->rows != NULL;
}
