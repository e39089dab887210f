/* Statements that act; see statements.h. */
#include "src/check/statements.h"

#include <math.h>

#include "src/check/statements_parts.h"
#include "src/check/train.h"

/* An output file: where it will be, checked now. NULL: none, or reported. */
const char *statement_output(Statements *s, const Ast *path, const char *folder, OutputHolds holds, const char **as_written)
{
    *as_written = NULL;
    if (!path) return NULL;
    const char *text = scope_text(s->scope, path, "a file");
    if (!text) return NULL;
    const char *file = scope_path(s->scope, path, folder);
    if (!file) return NULL;
    if (!output_check(&s->program->outputs, s->arena, file, text, path->span, holds, s->diags)) return NULL;
    *as_written = text;
    return file;
}

ProgramModel *statement_model(Statements *s, const char *name, Span span)
{
    Named *named = scope_get(s->scope, NAMED_MODEL, name, span);
    if (!named) return NULL;
    for (size_t i = 0; i < s->program->models.n; i++)
        if (str_eq(s->program->models.at[i]->name, named->name)) return s->program->models.at[i];
    return NULL;
}

ProgramData *statement_data(Statements *s, const char *name, Span span)
{
    Named *named = scope_get(s->scope, NAMED_DATA, name, span);
    if (!named) return NULL;
    for (size_t i = 0; i < s->program->data.n; i++)
        if (str_eq(s->program->data.at[i]->name, named->name)) return s->program->data.at[i];
    return NULL;
}

static bool has_part(const Recipe *recipe, Part part)
{
    if (recipe->part_path[part]) return true;
    if (recipe->split.form == SPLIT_ALL_TRAIN) return part == PART_TRAIN;
    return recipe->split.part[part].form != SHARE_NONE || recipe->split.part[part].n_values > 0;
}

/* Where evaluate and predict act: `d`, `d.test` or a file. */
static bool on_what(Statements *s, Action *action, const Ast *on, bool default_part, const char *folder)
{
    action->part = PART_NONE;
    if (!on || on->type == AST_ERROR) return false;
    if (on->path) {
        action->written = scope_text(s->scope, on->path, "a file");
        action->file = scope_path(s->scope, on->path, folder);
        action->file_span = on->path->span;
        if (action->file) VEC_PUSH(s->arena, s->program->outputs.read, action->file);
        return action->file && !scope_path_elsewhere(s->scope, on->path, folder);
    }
    action->data = statement_data(s, on->name, on->name_span);
    if (!action->data) return false;
    const CheckedData *checked = action->data->checked;
    const Recipe *recipe = checked ? checked->recipe : NULL;
    if (on->word) {
        action->part = part_find(on->word);
        if (recipe && !has_part(recipe, action->part)) {
            Diag *e = diag(s->diags, E0602, on->word_span, A("data", on->name), A("part", on->word));
            if (recipe->split.span.source) diag_label(e, recipe->split.span, E0602_split);
            else diag_note(e, E0602_none);
            return false;
        }
    } else if (default_part && recipe) {
        action->part = has_part(recipe, PART_TEST) ? PART_TEST : PART_VALIDATION;
        if (!has_part(recipe, action->part)) {
            diag_fix(diag(s->diags, E0601, on->name_span, A("data", on->name)), E0601_help);
            return false;
        }
    }
    return true;
}

/* The recipe that a table will be held to; NULL: known only when it runs. */
static const Recipe *recipe_of(const ProgramModel *model)
{
    if (model->trained) return model->trained_on && model->trained_on->checked ? model->trained_on->checked->recipe : NULL;
    return model->source && model->source->saved ? model->source->saved->extras.recipe : NULL;
}

/* A table is read once before anything runs, so that what it lacks is known before a long training; not one that a line above writes. */
static bool table_fits(Statements *s, const Action *action, RowsUse use)
{
    if (!action->file) return true;
    if (output_writer(&s->program->outputs, s->arena, action->file)) return true;
    for (size_t i = 0; i < action->n_models; i++) {
        const Recipe *recipe = recipe_of(action->models[i]);
        RecipeFile file;
        /* What is only worth a warning is said when it runs. */
        Diags *quiet = diags_new(s->arena, diags_sources(s->diags));
        if (!recipe || recipe_read(recipe, s->arena, action->file, action->written, use, action->file_span, &file, quiet)) continue;
        return recipe_read(recipe, s->arena, action->file, action->written, use, action->file_span, &file, s->diags);
    }
    return true;
}

static const Ast *later_train(const Ast *script, const char *model, size_t after)
{
    for (size_t i = 0; i < script->items.n; i++) {
        const Ast *ast = script->items.at[i];
        if (ast->type == AST_TRAIN && str_eq(ast->name, model) && ast->span.begin > after) return ast;
    }
    return NULL;
}

/* A line that could not be read may be the one that trains it: it was reported there. */
static bool maybe_trained(const Ast *script, const char *model)
{
    for (size_t i = 0; i < script->items.n; i++) {
        const Ast *ast = script->items.at[i];
        if (ast->type == AST_TRAIN && !ast->name) return true;
        if (ast->type != AST_ERROR) continue;
        if (ast->word && str_eq(ast->word, "train")) return true;
        for (size_t k = 0; k < ast->items.n && !ast->word; k++)
            if (str_eq(ast->items.at[k]->name, model)) return true;
    }
    return false;
}

bool statement_trained(Statements *s, const ProgramModel *model, Span span)
{
    if (model->trained) return true;
    if (maybe_trained(s->script, model->name)) return false;
    const char *data = model->data ? model->data->name : "DATA";
    Diag *e = diag(s->diags, E0600, span, A("model", model->name), A("data", data));
    const Ast *later = later_train(s->script, model->name, span.begin);
    if (later) diag_label(e, later->span, E0600_later);
    else diag_fix(e, E0600_help);
    return false;
}

bool statement_usable(Statements *s, const ProgramModel *model, Span span)
{
    return (model->source && model->source->whole) || statement_trained(s, model, span);
}

/* A model sees data other than that which shaped it: the shapes must agree. */
bool statement_fits(Statements *s, const ProgramModel *model, const ProgramData *data, Span span)
{
    if (!data->checked || !model->graph || model->data == data) return true;
    const ModelData *groups = check_data_model(s->arena, data->checked);
    for (size_t i = 0; i < model->graph->inputs.n; i++) {
        const GraphPort *input = &model->graph->inputs.at[i];
        const ModelGroup *group = NULL;
        if (groups->n_groups == 1 && model->graph->inputs.n == 1) group = &groups->groups[0];
        for (size_t g = 0; g < groups->n_groups && !group; g++)
            if (str_eq(groups->groups[g].name, input->name)) group = &groups->groups[g];
        if (!group) {
            Diag *e = diag(s->diags, E0264, span, A("name", input->name), A("data", data->name));
            diag_fix(e, E0264_help);
            return false;
        }
        if (!shape_known(&group->shape) || !shape_known(&input->wire->shape) || shape_eq(&group->shape, &input->wire->shape)) continue;
        diag(s->diags, E0605, span, A("model", model->name), A("other", model->data ? model->data->name : model->source && model->source->whole ? model->source->written : "its own input lines"),
             A("data", data->name), A("found", shape_text(s->arena, &group->shape)), A("input", input->name),
             A("expected", shape_text(s->arena, &input->wire->shape)));
        return false;
    }
    return true;
}

void statement_add(Statements *s, Action action)
{
    VEC_PUSH(s->arena, s->program->actions, action);
}

static void check_train_statement(Statements *s, const Ast *ast, const char *folder)
{
    Action action = {.type = AST_TRAIN, .span = ast->span};
    ProgramModel *model = statement_model(s, ast->name, ast->name_span);
    if (ast->on && ast->on->name) action.data = statement_data(s, ast->on->name, ast->on->name_span);
    if (model && action.data && !statement_fits(s, model, action.data, ast->on->name_span)) action.data = NULL;
    TrainContext context = {.arena = s->arena, .scope = s->scope, .diags = s->diags, .folder = folder, .epochs = s->epochs,
                            .outputs = &s->program->outputs};
    context.graph = model ? model->graph : NULL;
    context.data = action.data ? action.data->checked : NULL;
    context.model_name = ast->name;
    context.data_name = ast->on ? ast->on->name : NULL;
    context.again = model && model->trained;
    context.compile = model && model->source && model->source->saved && !model->trained ? &model->source->saved->compile : NULL;
    action.train = check_train(&context, ast);
    if (!model) return;
    model->trained = true;
    model->last_train = action.train;
    model->trained_on = action.data;
    action.models = ARENA_ARRAY(s->arena, ProgramModel *, 1);
    action.models[0] = model;
    action.n_models = 1;
    statement_add(s, action);
}

static void check_evaluate(Statements *s, const Ast *ast, const char *folder)
{
    Action action = {.type = AST_EVALUATE, .span = ast->span, .threshold = (double)NAN};
    action.models = ARENA_ARRAY(s->arena, ProgramModel *, ast->args.n + 1);
    bool ok = true;
    for (size_t i = 0; i < ast->args.n; i++) {
        ProgramModel *model = statement_model(s, ast->args.at[i]->name, ast->args.at[i]->span);
        if (!model || !statement_usable(s, model, ast->args.at[i]->span)) {
            ok = false;
            continue;
        }
        for (size_t k = 0; k < action.n_models; k++) {
            if (action.models[k] != model) continue;
            diag(s->diags, E0607, ast->args.at[i]->span, A("model", model->name));
            ok = false;
        }
        action.models[action.n_models++] = model;
    }
    ok = on_what(s, &action, ast->on, true, folder) && ok;
    if (ast->value) {
        if (!scope_number(s->scope, ast->value, NULL, "threshold", &action.threshold)) {
            ok = false;
        } else if (!(action.threshold > 0.0 && action.threshold < 1.0)) {
            diag(s->diags, E0609, ast->value->span, A("found", str_figure(s->arena, action.threshold, 6)));
            ok = false;
        }
    }
    for (size_t i = 0; i < action.n_models && action.data; i++)
        ok = statement_fits(s, action.models[i], action.data, ast->on->name_span) && statement_targets_fit(s, action.models[i], action.data, ast->on->name_span) && ok;
    if (ast->extra) ok = check_season(s, &action, ast) && ok;
    const ProgramData *data = action.data ? action.data : action.n_models ? action.models[0]->data : NULL;
    if (ok && !isnan(action.threshold) && data && data->checked) {
        const Recipe *recipe = data->checked->recipe;
        bool binary = recipe->n_targets && (recipe->targets[0].zero_one || recipe->targets[0].n_labels == 2);
        if (!binary) {
            diag(s->diags, E0608, ast->value->span, A("data", data->name),
                 A("found", recipe->n_targets && recipe->targets[0].n_labels
                                ? arena_printf(s->arena, "%zu classes", recipe->targets[0].n_labels) : "a target of numbers"));
            ok = false;
        }
    }
    for (size_t i = 0; ok && i < action.n_models && action.data; i++) statement_prepared_alike(s, action.models[i], action.data, ast->on->name_span);
    if (ok && statement_sources(s, &action) && table_fits(s, &action, ROWS_PART)) statement_add(s, action);
}

static void check_predict(Statements *s, const Ast *ast, const char *folder)
{
    Action action = {.type = AST_PREDICT, .span = ast->span};
    ProgramModel *model = statement_model(s, ast->name, ast->name_span);
    bool ok = model && statement_usable(s, model, ast->name_span);
    ok = on_what(s, &action, ast->on, false, folder) && ok;
    action.to = statement_output(s, ast->path, folder, OUTPUT_OTHER, &action.to_written);
    if (ast->path && !action.to) ok = false;
    if (ok && action.data)
        ok = statement_fits(s, model, action.data, ast->on->name_span) && statement_targets_fit(s, model, action.data, ast->on->name_span);
    if (!ok) return;
    if (action.data) statement_prepared_alike(s, model, action.data, ast->on->name_span);
    action.models = ARENA_ARRAY(s->arena, ProgramModel *, 1);
    action.models[0] = model;
    action.n_models = 1;
    if (statement_sources(s, &action) && table_fits(s, &action, ROWS_PREDICT)) statement_add(s, action);
}

/* A statement that this version reads but does not carry out: its names are checked all the same. */
static void waits(Statements *s, const Ast *ast, const char *what)
{
    diag(s->diags, E0900, ast->span, A("what", what));
}

void check_statement(Statements *s, const Ast *ast)
{
    const char *folder = s->program->folder;
    switch ((int)ast->type) {
    case AST_TRAIN: check_train_statement(s, ast, folder); break;
    case AST_EVALUATE: check_evaluate(s, ast, folder); break;
    case AST_PREDICT: check_predict(s, ast, folder); break;
    case AST_SHOW: {
        Action action = {.type = AST_SHOW, .span = ast->span, .data = statement_data(s, ast->name, ast->name_span)};
        if (action.data) statement_add(s, action);
        break;
    }
    case AST_SUMMARY: {
        Action action = {.type = AST_SUMMARY, .span = ast->span};
        ProgramModel *model = statement_model(s, ast->name, ast->name_span);
        if (!model) break;
        action.models = ARENA_ARRAY(s->arena, ProgramModel *, 1);
        action.models[0] = model;
        action.n_models = 1;
        statement_add(s, action);
        break;
    }
    case AST_FORECAST: check_forecast(s, ast, folder); break;
    case AST_CROSS_VALIDATE: check_cross_validate(s, ast); break;
    case AST_SAVE: check_save(s, ast, folder); break;
    case AST_REPORT:
        if (statement_model(s, ast->name, ast->name_span) == NULL) break;
        if (ast->on && ast->on->name && !statement_data(s, ast->on->name, ast->on->name_span)) break;
        waits(s, ast, "`report`");
        break;
    case AST_PLOT: waits(s, ast, "`plot`"); break;
    default: break;
    }
}
