/* Tables and typed samples for a model that carries its data recipe; see command.h. */
#include "src/commands/recipe.h"

#include <math.h>
#include <string.h>

#include "runtime/data/ids.h"

/* ---- One sample, typed --------------------------------------------------------------------------------------------------------- */

/* The column of the file that a typed name means; the file's own name of a renamed column will do. */
static size_t typed_column(const Recipe *recipe, const char *name)
{
    for (size_t i = 0; i < recipe->csv.n_renames; i++)
        if (str_eq(recipe->csv.renames[i].from, name)) name = recipe->csv.renames[i].to;
    for (size_t i = 0; i < recipe->n_file_columns; i++)
        if (str_eq(recipe->file_columns[i].name, name)) return i;
    return NO_COLUMN;
}

static bool is_missing(const Recipe *recipe, const char *text)
{
    if (!text[0]) return true;
    for (const char *const *word = csv_missing_words; *word; word++)
        if (str_eq(*word, text)) return true;
    for (size_t i = 0; i < recipe->csv.n_missing; i++)
        if (str_eq(recipe->csv.missing[i].text, text)) return true;
    return false;
}

static bool unknown_name(FileCommand *c, const char *name, const bool *needed)
{
    const Recipe *recipe = c->saved.extras.recipe;
    const char **names = ARENA_ARRAY(c->arena, const char *, recipe->n_file_columns + 1);
    size_t n = 0;
    for (size_t i = 0; i < recipe->n_file_columns; i++)
        if (needed[i]) names[n++] = recipe->file_columns[i].name;
    c->usage = true;
    Diag *e = diag(c->diags, E0870, NO_SPAN, A("model", c->path), A("name", name));
    const char *nearest = str_nearest(name, names, n);
    if (nearest) diag_fix(e, E0870_nearest, A("nearest", nearest));
    diag_fix(e, E0870_all, A("names", str_join(c->arena, names, n < 30 ? n : 30, true)));
    return false;
}

/* Whether a cell that is left empty stays so: nothing fills it, and the model needs it. */
static bool stays_empty(const Recipe *recipe, const char *column)
{
    for (size_t i = 0; i < recipe->n_columns; i++)
        if (recipe->columns[i].is_feature && str_eq(recipe->columns[i].name, column)) return recipe->columns[i].fill == FILL_NONE;
    return false;
}

/* Reports the values that a sample lacks, with what each takes. */
static bool all_given(FileCommand *c, const bool *needed, const char *const *values)
{
    static const char *const types[] = {[COLUMN_NUMBER] = "NUMBER", [COLUMN_TEXT] = "TEXT", [COLUMN_DATE] = "DATE"};
    const Recipe *recipe = c->saved.extras.recipe;
    const char **lacking = ARENA_ARRAY(c->arena, const char *, recipe->n_file_columns + 1);
    size_t n = 0, n_unfilled = 0;
    Buf words = buf_in(c->arena);
    for (size_t i = 0; i < recipe->n_file_columns; i++) {
        const char *name = recipe->file_columns[i].name;
        bool unfilled = values[i] && is_missing(recipe, values[i]) && stays_empty(recipe, name);
        if (!needed[i] || (values[i] && !unfilled)) continue;
        n_unfilled += unfilled;
        lacking[n++] = name;
        const char *quote = strpbrk(name, " ()[]{}<>|&;*?!#~'") ? "\"" : ""; /* for the shell */
        buf_printf(&words, "%s%s%s=%s%s", words.n ? " " : "", quote, name, types[recipe->file_columns[i].type], quote);
    }
    if (!n) return true;
    c->usage = true;
    Diag *e = diag(c->diags, E0871, NO_SPAN, A("names", str_join(c->arena, lacking, n, true)));
    if (n_unfilled) diag_note(e, E0871_unfilled);
    diag_fix_add(e, n_unfilled ? E0871_values : E0871_help, (const DiagArg[]){A("values", words.at), {0}});
    return false;
}

/* The first value of the command line that is of the column. */
static const char *earlier_word(FileCommand *c, size_t column)
{
    const CliParam *param = c->options->params;
    while (typed_column(c->saved.extras.recipe, param->name) != column) param++;
    return arena_printf(c->arena, "%s=%s", param->name, param->value);
}

/* Every value is held to its column: a number where training had numbers. */
static bool judge_typed(FileCommand *c, const bool *needed, const char **values)
{
    const Recipe *recipe = c->saved.extras.recipe;
    bool ok = true;
    for (size_t i = 0; i < c->options->n_params; i++) {
        const CliParam *param = &c->options->params[i];
        size_t column = typed_column(recipe, param->name);
        if (column == NO_COLUMN) {
            ok = unknown_name(c, param->name, needed);
            continue;
        }
        if (values[column]) {
            c->usage = true;
            ok = false;
            diag_fix(diag(c->diags, E0874, NO_SPAN, A("name", arena_printf(c->arena, "%s=%s", param->name, param->value)),
                          A("other", earlier_word(c, column))), E0874_twice);
            continue;
        }
        values[column] = param->value;
        double number;
        if (recipe->file_columns[column].type != COLUMN_NUMBER || is_missing(recipe, param->value)) continue;
        if (csv_number(param->value, strlen(param->value), &number) && isfinite(number)) continue;
        c->usage = true;
        ok = false;
        diag(c->diags, E0872, NO_SPAN, A("name", param->name), A("wanted", "a number"), A("value", param->value));
    }
    return ok && all_given(c, needed, values);
}

/* Whether a sample is one row by itself; else reports how many it takes. */
static bool one_row_will_do(FileCommand *c)
{
    const Recipe *recipe = c->saved.extras.recipe;
    size_t rows = 1;
    for (size_t i = 0; i < recipe->n_groups; i++)
        if (recipe->groups[i].window > rows) rows = recipe->groups[i].window;
    bool back = false;
    for (size_t i = 0; i < recipe->n_derives; i++) back = back || recipe->derives[i].looks_back;
    if (rows == 1 && !back) return true;
    c->usage = true;
    const char *words = rows > 1 ? arena_printf(c->arena, "%zu consecutive rows", rows) : "a row with those before it";
    diag_fix(diag(c->diags, E0873, NO_SPAN, A("model", c->path), A("rows", words)), E0873_help, A("model", c->path));
    return false;
}

static bool read_typed(FileCommand *c, RecipeFile *file)
{
    const Recipe *recipe = c->saved.extras.recipe;
    const bool *needed = recipe_needed(recipe, c->arena, ROWS_PREDICT);
    const char **values = ARENA_ARRAY(c->arena, const char *, recipe->n_file_columns + 1);
    if (!one_row_will_do(c) || !judge_typed(c, needed, values)) return false;
    /* The same road as a file's: a header and one line. */
    Buf header = buf_in(c->arena), line = buf_in(c->arena);
    for (size_t i = 0; i < recipe->n_file_columns; i++) {
        if (!values[i]) continue;
        if (header.n) buf_char(&header, ',');
        if (header.n) buf_char(&line, ',');
        table_put_cell(&header, recipe->file_columns[i].name, ',');
        if (values[i][0]) table_put_cell(&line, values[i], ',');
        else buf_put(&line, "NA");
    }
    buf_printf(&header, "\n%s\n", line.at);
    CsvOptions options = {.delimiter = ',', .missing = recipe->csv.missing, .n_missing = recipe->csv.n_missing, .further = true};
    const Table *table = csv_read_memory(c->arena, "the sample typed", header.at, header.n, &options, NO_SPAN, c->diags, NULL);
    return table && recipe_from_table(recipe, c->arena, table, ROWS_PREDICT, NO_SPAN, file, c->diags);
}

/* ---- Samples -------------------------------------------------------------------------------------------------------------------- */

/* Rows that one sample takes: its window, those that its columns look back on, and those up to its target. */
static size_t rows_of_sample(const Recipe *recipe, RowsUse use)
{
    size_t window = 1, depth = 0, target_depth = 0, ahead = 0, steps = 1;
    for (size_t i = 0; i < recipe->n_groups; i++)
        if (recipe->groups[i].window > window) window = recipe->groups[i].window;
    for (size_t i = 0; i < recipe->n_columns; i++) {
        const RecipeColumn *column = &recipe->columns[i];
        if (column->is_feature && column->depth > depth) depth = column->depth;
        if (column->is_target && column->depth > target_depth) target_depth = column->depth;
    }
    if (use == ROWS_PREDICT) return window + depth;
    for (size_t i = 0; i < recipe->n_targets; i++) {
        const RecipeTarget *target = &recipe->targets[i];
        if (target->ahead_last > ahead) ahead = target->ahead_last;
        if (target->ahead_last - target->ahead_first >= steps) steps = target->ahead_last - target->ahead_first + 1;
    }
    return window + depth + ahead > target_depth + steps ? window + depth + ahead : target_depth + steps;
}

static void warn_empty(FileCommand *c, const Dataset *data, RowsUse use, const char *shown)
{
    const char *why = "it has no rows";
    size_t rows = rows_of_sample(c->saved.extras.recipe, use);
    if (data->table->n_rows && rows > 1)
        why = arena_printf(c->arena, "%s takes %zu rows in a row, and no stretch of rows is as long",
                           use == ROWS_PREDICT ? "a sample" : "a sample with its target", rows);
    else if (data->source->n_rows) why = "no row is left once the recipe has chosen";
    diag(c->diags, W0870, NO_SPAN, A("file", shown), A("why", why));
}

const Dataset *recipe_samples(FileCommand *c, RowsUse use, const char **shown)
{
    const SavedExtras *extras = &c->saved.extras;
    RecipeFile file;
    const char *path = c->options->n_files > 1 ? c->options->files[1] : NULL;
    *shown = path ? path : "the sample typed";
    if (path ? !recipe_read(extras->recipe, c->arena, path, path, use, NO_SPAN, &file, c->diags) : !read_typed(c, &file)) return NULL;
    const Dataset *data = dataset_apply(extras->recipe, extras->fit, c->arena, &file, use, c->diags);
    if (!data || !ids_fit(c->saved.graph, data, extras->input_groups, c->diags)) return NULL;
    if (!data->all.n) warn_empty(c, data, use, *shown);
    return data;
}

/* ---- Predicting ----------------------------------------------------------------------------------------------------------------- */

static const char **answer_row(const void *owner, size_t row, Arena *arena)
{
    return predict_row(owner, row, arena);
}

bool predict_by_recipe(FileCommand *c)
{
    const char *shown;
    const Dataset *data = recipe_samples(c, ROWS_PREDICT, &shown);
    if (!data) return false;
    PredictRun run = {.arena = c->arena, .model = c->saved.model, .config = command_config(c), .data = data, .samples = data->all,
                      .par = command_pool(c), .diags = c->diags};
    Predictions predictions;
    if (!predict_samples(&run, &predictions)) return false;
    AnswerTable table = {.header = predictions.header, .n_columns = predictions.n_columns, .n_own = predictions.n_own,
                         .n_rows = predictions.n_rows, .row = answer_row, .owner = &predictions};
    return command_answers(c, &table, shown, c->options->n_params > 0 && predictions.n_rows == 1);
}
