/* forecast, cross_validate, and what evaluate says about time; see statements_parts.h. */
#include <string.h>

#include "runtime/train/cross_validate.h"
#include "runtime/train/forecast.h"
#include "src/check/statements_parts.h"

/* ---- Targets ----------------------------------------------------------------------------------------------------------------- */

static const char *target_words(Arena *arena, const Dataset *data, size_t t)
{
    const RecipeTarget *target = &data->recipe->targets[t];
    if (target->classes) return arena_printf(arena, "the classes %s", str_join(arena, target->labels, target->n_labels, true));
    size_t width = data->targets[t].width;
    return width == 1 ? "a number" : arena_printf(arena, "%zu numbers", width);
}

static bool same_target(const Dataset *a, size_t t, const Dataset *b, size_t u)
{
    const RecipeTarget *x = &a->recipe->targets[t], *y = &b->recipe->targets[u];
    if (x->classes != y->classes || a->targets[t].width != b->targets[u].width || x->n_labels != y->n_labels) return false;
    for (size_t i = 0; i < x->n_labels; i++)
        if (!str_eq(x->labels[i], y->labels[i])) return false;
    return x->n_labels != 2 || x->positive == y->positive;
}

bool statement_targets_fit(Statements *s, const ProgramModel *model, const ProgramData *data, Span span)
{
    const ProgramData *learned = model->trained_on;
    if (!model->last_train || !learned || learned == data || !learned->checked || !data->checked) return true;
    const Dataset *from = learned->checked->dataset, *to = data->checked->dataset;
    for (size_t k = 0; k < model->last_train->n_outputs; k++) {
        size_t t = model->last_train->outputs[k].target, found = to->recipe->n_targets == 1 && from->recipe->n_targets == 1 ? 0 : to->recipe->n_targets;
        if (t >= from->recipe->n_targets) continue; /* has mistakes of its own */
        for (size_t u = 0; u < to->recipe->n_targets; u++)
            if (str_eq(to->recipe->targets[u].name, from->recipe->targets[t].name)) found = u;
        if (found < to->recipe->n_targets && same_target(from, t, to, found)) continue;
        const char *there = found < to->recipe->n_targets ? target_words(s->arena, to, found) : "no such target";
        diag(s->diags, E0619, span, A("model", model->name), A("learned", target_words(s->arena, from, t)), A("target", from->recipe->targets[t].name),
             A("other", learned->name), A("data", data->name), A("found", there));
        return false;
    }
    return true;
}

/* Why a target has no naive past or future, or NULL: it has. */
static const char *what_lacks(Arena *arena, const CheckedData *data, size_t t)
{
    if (data->recipe->order.form == ORDER_NONE) return arena_printf(arena, "nothing says in which order the rows of `%s` come", data->name);
    const RecipeTarget *target = &data->recipe->targets[t];
    if (target->ahead_first == 0) return arena_printf(arena, "the target `%s` does not lie ahead in time", target->name);
    return NULL;
}

bool check_season(Statements *s, Action *action, const Ast *ast)
{
    if (!scope_whole(s->scope, ast->extra, NULL, "season", 2, &action->season)) return false;
    const ProgramData *data = action->data ? action->data : action->n_models ? action->models[0]->trained_on : NULL;
    if (!data || !data->checked) return true;
    for (size_t t = 0; t < data->checked->recipe->n_targets; t++)
        if (series_has_baseline(data->checked->dataset, t)) return true;
    const char *lacks = data->checked->recipe->n_targets ? what_lacks(s->arena, data->checked, 0) : NULL;
    if (!lacks) lacks = arena_printf(s->arena, "what `%s` has ahead are classes", data->name);
    diag_fix(diag(s->diags, E0610, ast->extra->span, A("lacks", lacks)), E0610_help);
    return false;
}

#define MOST_FORECAST 10000000 /* rows of all series together */
#define MOST_TRAININGS 10000   /* folds times repeats */

/* Reports what would run for ever or fill the memory: a * b is more than `most`. */
static bool within(Statements *s, const char *statement, Span span, int64_t a, int64_t b, const char *what, int64_t most)
{
    if (a <= most && b <= most / (a > 0 ? a : 1)) return true;
    const char *found = str_figure(s->arena, (double)a * (double)b, 6);
    diag_fix(diag(s->diags, E0618, span, A("statement", statement), A("found", found), A("what", what), A("most", str_thousands(s->arena, most))), E0618_help);
    return false;
}

/* ---- forecast ---------------------------------------------------------------------------------------------------------------- */

/* The data goes on in time, and its targets are numbers. */
static bool has_future(Statements *s, const Ast *ast, const CheckedData *data)
{
    const Recipe *recipe = data->recipe;
    for (size_t t = 0; t < recipe->n_targets; t++) {
        const RecipeTarget *target = &recipe->targets[t];
        const char *lacks = what_lacks(s->arena, data, t);
        if (lacks) {
            Diag *e = diag(s->diags, E0611, ast->span, A("data", data->name), A("lacks", lacks), A("target", target->name));
            if (recipe->order.form == ORDER_NONE) {
                diag_fix(e, E0611_order);
            } else {
                diag_label(e, target->span, E0611_ahead);
                diag_edit(diag_fix(e, E0611_help), span_after(target->span), " ahead 1");
            }
            return false;
        }
        if (!target->classes) continue;
        Diag *e = diag(s->diags, E0612, ast->span, A("target", target->name), AI("n", target->n_labels));
        diag_label(e, target->span, E0612_target);
        diag_fix(e, E0612_help);
        return false;
    }
    return true;
}

static const char *quoted_list(Arena *arena, const char *const *names, size_t n)
{
    const char **quoted = ARENA_ARRAY(arena, const char *, n + 1);
    for (size_t i = 0; i < n; i++) quoted[i] = arena_printf(arena, "`%s`", names[i]);
    return str_join(arena, quoted, n, false);
}

/* The first step whose sample needs a feature that nobody knows. */
static int64_t first_unknown_step(Statements *s, const Dataset *data, int64_t steps)
{
    for (int64_t step = 1; step < steps; step++) {
        size_t n;
        series_unknown(data, s->arena, forecast_inputs(data->recipe, (size_t)step), &n);
        if (n) return step;
    }
    return steps;
}

static bool features_known(Statements *s, const Ast *ast, const ProgramModel *model, const CheckedData *data, int64_t steps)
{
    const Recipe *recipe = data->recipe;
    size_t n, rows = forecast_inputs(recipe, (size_t)steps);
    const char *const *names = series_unknown(data->dataset, s->arena, rows, &n);
    if (!n) return true;
    Diag *e = diag(s->diags, E0613, ast->span, A("columns", quoted_list(s->arena, names, n)), A("model", model->name),
                   AI("step", first_unknown_step(s, data->dataset, steps)), A("first", names[0]), AI("steps", steps),
                   A("target", recipe->targets[0].name));
    for (size_t i = 0; i < n; i++) {
        Span span = recipe->columns[recipe_column(recipe, names[i])].span;
        if (span.source) diag_label(e, span, E0613_feature);
    }
    diag_fix(e, E0613_known);
    diag_fix(e, E0613_drop);
    diag_fix(e, E0613_far);
    return false;
}

/* Where ` using "…"` goes: before `to`, or at the end. */
static Span before_to(Statements *s, const Ast *ast)
{
    if (!ast->path) return span_after(ast->span);
    size_t n;
    const char *text = sources_text(diags_sources(s->diags), ast->span.source, &n);
    size_t at = ast->path->span.begin;
    while (text && at > ast->span.begin && !(text[at - 1] == 't' && text[at] == 'o')) at--;
    while (text && at > ast->span.begin + 1 && text[at - 2] == ' ') at--;
    return (Span){ast->span.source, (uint32_t)(at - 1), (uint32_t)(at - 1)};
}

/* The table of columns whose future is known; *known NULL: there are none. false: reported. */
static bool known_table(Statements *s, const Ast *ast, const CheckedData *data, const char *folder, const Table **known)
{
    const Recipe *recipe = data->recipe;
    const char **names = ARENA_ARRAY(s->arena, const char *, recipe->n_columns + 1);
    size_t n = 0;
    Span first = NO_SPAN;
    *known = NULL;
    for (size_t c = 0; c < recipe->n_columns; c++) {
        if (!recipe->columns[c].known) continue;
        if (!n) first = recipe->columns[c].span;
        names[n++] = recipe->columns[c].name;
    }
    if (!ast->extra) {
        if (!n) return true;
        Diag *e = diag(s->diags, E0614, ast->span, A("columns", quoted_list(s->arena, names, n)));
        if (first.source) diag_label(e, first, E0614_feature);
        diag_edit(diag_fix(e, E0614_help), before_to(s, ast), " using \"known.csv\"");
        return false;
    }
    const char *written = scope_text(s->scope, ast->extra, "a file"), *file = written ? scope_path(s->scope, ast->extra, folder) : NULL;
    if (!file) return false;
    if (!n) {
        diag_fix(diag(s->diags, E0615, ast->extra->span, A("data", data->name)), E0615_help);
        return false;
    }
    RecipeFile read;
    if (!recipe_read(recipe, s->arena, file, written, ROWS_FUTURE, ast->extra->span, &read, s->diags)) return false;
    *known = read.rows;
    return true;
}

void check_forecast(Statements *s, const Ast *ast, const char *folder)
{
    Action action = {.type = AST_FORECAST, .span = ast->span};
    ProgramModel *model = statement_model(s, ast->name, ast->name_span);
    if (ast->on && ast->on->name) action.data = statement_data(s, ast->on->name, ast->on->name_span);
    int64_t steps = 0;
    bool ok = scope_whole(s->scope, ast->value, NULL, "steps", 1, &steps);
    ok = model && statement_usable(s, model, ast->name_span) && ok;
    action.to = statement_output(s, ast->path, folder, OUTPUT_OTHER, &action.to_written);
    if (ast->path && !action.to) ok = false;
    const CheckedData *data = action.data ? action.data->checked : NULL;
    if (!data) return;
    ok = has_future(s, ast, data) && ok;
    if (!ok || !statement_fits(s, model, action.data, ast->on->name_span) || !statement_targets_fit(s, model, action.data, ast->on->name_span)) return;
    if (!within(s, "forecast", ast->value->span, steps, (int64_t)data->dataset->series->n, "rows", MOST_FORECAST)) return;
    const Table *known;
    ok = features_known(s, ast, model, data, steps);
    ok = known_table(s, ast, data, folder, &known) && ok;
    if (!ok) return;
    statement_prepared_alike(s, model, action.data, ast->on->name_span);
    action.future = series_future(data->dataset, s->arena, (size_t)steps, known, ast->extra ? ast->extra->span : ast->span, s->diags);
    if (!action.future) return;
    action.models = ARENA_ARRAY(s->arena, ProgramModel *, 1);
    action.models[0] = model;
    action.n_models = 1;
    if (statement_sources(s, &action)) statement_add(s, action);
}

/* ---- cross_validate ------------------------------------------------------------------------------------------------------------ */

static bool enough_rows(Statements *s, const Ast *ast, const CheckedData *data, int64_t folds)
{
    size_t rows = cross_rows(data->dataset);
    int64_t least = data->recipe->order.form != ORDER_NONE ? folds + 1 : folds;
    if ((int64_t)rows >= least) return true;
    int64_t most = folds - least + (int64_t)rows;
    Diag *e = diag(s->diags, E0616, ast->value->span, AI("folds", folds), AI("least", least), A("data", data->name), AI("found", rows));
    if (most >= 2) diag_edit(diag_fix(e, E0616_help, AI("most", most)), ast->value->span, arena_printf(s->arena, "%lld", (long long)most));
    return false;
}

/* The folds of an ordered table are made here: windows and steps ahead may leave one without a sample, which is to be known before hours of
 * training. Plain tables give a sample for each row. */
static bool folds_filled(Statements *s, const Ast *ast, const CheckedData *data, size_t folds)
{
    bool ok = true;
    for (size_t fold = 0; fold < folds && ok && data->recipe->order.form != ORDER_NONE; fold++) {
        Arena *arena = arena_new("a fold");
        Part *parts = ARENA_ARRAY(arena, Part, data->dataset->table->n_rows + 1);
        cross_parts(data->dataset, folds, fold, 0, parts);
        const Dataset *made = dataset_fold(data->dataset, arena, parts);
        ok = !made || cross_filled(made, fold, folds, ast->span, s->diags);
        arena_free(arena);
    }
    return ok;
}

static void warn_rare_classes(Statements *s, const Ast *ast, const CheckedData *data, int64_t folds)
{
    static const char *const zero_one[] = {"0", "1"};
    size_t n;
    const size_t *rows = cross_strata(data->dataset, s->arena, &n);
    const RecipeTarget *target = &data->recipe->targets[0];
    for (size_t c = 0; rows && c < n; c++) {
        if ((int64_t)rows[c] >= folds) continue;
        const char *label = target->classes ? target->labels[c] : zero_one[c];
        diag(s->diags, W0610, ast->value->span, A("label", label), AI("rows", rows[c]), AI("folds", folds));
    }
}

void check_cross_validate(Statements *s, const Ast *ast)
{
    Action action = {.type = AST_CROSS_VALIDATE, .span = ast->span, .repeats = 1};
    ProgramModel *model = statement_model(s, ast->name, ast->name_span);
    if (ast->on && ast->on->name) action.data = statement_data(s, ast->on->name, ast->on->name_span);
    bool ok = scope_whole(s->scope, ast->value, NULL, "folds", 2, &action.folds);
    if (ast->extra) ok = scope_whole(s->scope, ast->extra, NULL, "repeats", 1, &action.repeats) && ok;
    ok = model && statement_trained(s, model, ast->name_span) && ok;
    const CheckedData *data = action.data ? action.data->checked : NULL;
    if (!data || !ok) return;
    if (!statement_fits(s, model, action.data, ast->on->name_span) || !statement_targets_fit(s, model, action.data, ast->on->name_span)) return;
    if (!enough_rows(s, ast, data, action.folds) || !folds_filled(s, ast, data, (size_t)action.folds)) return;
    if (!within(s, "cross_validate", ast->extra ? ast->extra->span : ast->value->span, action.folds, action.repeats, "trainings", MOST_TRAININGS)) return;
    warn_rare_classes(s, ast, data, action.folds);
    action.models = ARENA_ARRAY(s->arena, ProgramModel *, 1);
    action.models[0] = model;
    action.n_models = 1;
    statement_add(s, action);
}
