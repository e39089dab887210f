/* save, and models from files in other statements; see statements_parts.h. */
#include <string.h>

#include "src/check/from_file.h"
#include "src/check/statements_parts.h"

/* Whether the file of a model will tell how samples are prepared. */
static bool has_recipe(const ProgramModel *model)
{
    if (model->trained) return true;
    const ProgramSource *source = model->source;
    if (!source || !source->whole) return false;
    if (source->saved) return source->saved->extras.recipe != NULL;
    return source->of && has_recipe(source->of);
}

bool statement_sources(Statements *s, Action *action)
{
    FromFile from = {.arena = s->arena, .scope = s->scope, .script = s->script, .program = s->program, .diags = s->diags};
    bool ok = true;
    action->configs = ARENA_ARRAY(s->arena, const TrainConfig *, action->n_models + 1);
    for (size_t i = 0; i < action->n_models; i++) {
        const ProgramModel *model = action->models[i];
        if (model->trained || !model->source) continue;
        if (action->data) {
            if (!action->data->checked || !model->graph) continue;
            action->configs[i] = check_source_config(&from, model, action->data);
            ok = action->configs[i] && ok;
        } else if (model->graph && !has_recipe(model)) {
            diag_fix(diag(s->diags, E0805, action->file_span, A("model", model->name), A("file", action->written)), E0805_help);
            ok = false;
        }
    }
    return ok;
}

void check_save(Statements *s, const Ast *ast, const char *folder)
{
    Action action = {.type = AST_SAVE, .span = ast->span};
    ProgramModel *model = statement_model(s, ast->name, ast->name_span);
    bool ok = model && statement_usable(s, model, ast->name_span);
    action.to = statement_output(s, ast->path, folder, OUTPUT_MODEL, &action.to_written);
    ok = action.to && ok;
    if (action.to && !str_ends(action.to_written, ".keras")) {
        const char *name = strrchr(action.to_written, '/'), *dot = strrchr(name ? name : action.to_written, '.');
        size_t n = dot ? (size_t)(dot - action.to_written) : strlen(action.to_written);
        const char *better = arena_printf(s->arena, "%.*s.keras", (int)n, action.to_written);
        Fix *fix = diag_fix(diag(s->diags, E0801, ast->path->span, A("path", action.to_written)), E0801_help, A("better", better));
        if (ast->path->type == AST_TEXT) diag_edit(fix, ast->path->span, arena_printf(s->arena, "\"%s\"", better));
        ok = false;
    }
    if (!ok || !model->graph || !saved_can_write(model->graph, ast->span, s->diags)) return;
    action.models = ARENA_ARRAY(s->arena, ProgramModel *, 1);
    action.models[0] = model;
    action.n_models = 1;
    statement_add(s, action);
}
