/* The whole script, checked in one go: names first, then data, then models shaped by it, then what acts on both. */
#include "src/check/program.h"

#include <errno.h>
#include <sys/stat.h>

#include "src/check/from_file.h"
#include "src/check/lint.h"
#include "src/check/model.h"
#include "src/check/statements.h"
#include "src/check/use.h"
#include "src/syntax/parse.h"

/* ---- seed, allow ----------------------------------------------------------------------------------------------------- */

static void allow(const Ast *ast, Diags *diags)
{
    for (size_t i = 0; i < ast->args.n + ast->items.n; i++) {
        const Ast *item = i < ast->items.n ? ast->items.at[i] : ast->args.at[i - ast->items.n];
        if (item->type != AST_NAME) continue;
        DiagCode code = diag_code_find(item->name);
        if (code != DIAG_NONE && item->name[0] == 'W') {
            diags_allow(diags, code);
            continue;
        }
        Diag *e = diag(diags, E0217, item->span, A("code", item->name));
        if (item->name[0] == 'E' && code != DIAG_NONE) diag_note(e, E0217_error);
        else diag_note(e, E0217_unknown);
    }
}

/* ---- params ---------------------------------------------------------------------------------------------------------- */

/* A parameter's value as a text for logs and model files. */
static const char *param_text(Arena *arena, Scope *scope, const Ast *value)
{
    Value v;
    const Env *env = NULL;
    if (!value || !scope_value(scope, value, &env, true, &v, NULL)) return "";
    if (v.type == VALUE_TEXT || v.type == VALUE_NAME) return v.text;
    if (v.type == VALUE_INT || v.type == VALUE_FLOAT) return str_double(arena, v.number);
    return v.written;
}

/* A text as a script would write it: a shell takes the quotes away. */
static const char *in_quotes(Arena *arena, const char *text)
{
    if (text[0] == '"') return text;
    Buf out = buf_in(arena);
    buf_char(&out, '"');
    for (; *text; text++) {
        if (*text == '"' || *text == '\\') buf_char(&out, '\\');
        buf_char(&out, *text);
    }
    buf_char(&out, '"');
    return out.at;
}

static const char *override_params(Arena *arena, Scope *scope, const CheckOptions *options, Diags *diags)
{
    for (size_t i = 0; i < options->n_overrides; i++) {
        const Override *override = &options->overrides[i];
        Named *named = scope_find(scope, override->name);
        if (!named || named->type != NAMED_PARAM) {
            const char **names = ARENA_ARRAY(arena, const char *, scope_count(scope) + 1);
            size_t n = 0;
            for (size_t k = 0; k < scope_count(scope); k++)
                if (scope_at(scope, k)->type == NAMED_PARAM) names[n++] = scope_at(scope, k)->name;
            if (!n) return arena_printf(arena, "there is no param `%s` to set: this script has none", override->name);
            return arena_printf(arena, "there is no param `%s` to set: this script has %s", override->name, str_join(arena, names, n, true));
        }
        for (size_t k = 0; k < i; k++)
            if (str_eq(options->overrides[k].name, override->name))
                return arena_printf(arena, "`%s=%s` was given beside `%s=%s`", override->name, override->value, override->name, options->overrides[k].value);
        const Ast *own = named->ast->value;
        const char *text = own && own->type == AST_TEXT ? in_quotes(arena, override->value) : override->value;
        Diags *quiet = diags_new(arena, diags_sources(diags));
        uint32_t source = sources_add(diags_sources(diags), "command line", text, strlen(text));
        const Ast *value = parse_value(arena, source, quiet);
        if (!value)
            return arena_printf(arena, "`%s=%s` is no value: write a number, `true`, `false`, a word or a \"text\"", override->name, override->value);
        const Named *meant = value->type == AST_NAME ? scope_find(scope, value->name) : NULL;
        bool word = value->type == AST_TEXT || (value->type == AST_NAME && (!meant || meant == named));
        if (own && own->type == AST_NUMBER && word)
            return arena_printf(arena, "`%s=%s` is no number, but the script has the number %s there", override->name, override->value, own->text);
        named->value = value;
    }
    return NULL;
}

/* ---- models ---------------------------------------------------------------------------------------------------------- */

/* The data block that a model is used with first: it tells the shapes that the script leaves out. */
static const Ast *first_use(const Ast *script, const char *model)
{
    for (size_t i = 0; i < script->items.n; i++) {
        const Ast *ast = script->items.at[i];
        bool names_it = false;
        switch ((int)ast->type) {
        case AST_TRAIN:
        case AST_PREDICT:
        case AST_FORECAST:
        case AST_CROSS_VALIDATE: names_it = str_eq(ast->name, model); break;
        case AST_EVALUATE:
            for (size_t k = 0; k < ast->args.n; k++) names_it = names_it || str_eq(ast->args.at[k]->name, model);
            break;
        default: break;
        }
        if (names_it && ast->on && ast->on->name) return ast->on;
    }
    return NULL;
}

static bool named_in_error(const Ast *script, const char *model)
{
    for (size_t i = 0; i < script->items.n; i++) {
        const Ast *ast = script->items.at[i];
        for (size_t k = 0; ast->type == AST_ERROR && k < ast->items.n; k++)
            if (str_eq(ast->items.at[k]->name, model)) return true;
    }
    return false;
}

static void check_one_model(Arena *arena, Scope *scope, const Ast *script, Program *program, const Named *named, Diags *diags)
{
    ProgramModel *model = ARENA_NEW(arena, ProgramModel);
    *model = (ProgramModel){.name = named->name, .span = named->span};
    VEC_PUSH(arena, program->models, model);
    FromFile from = {.arena = arena, .scope = scope, .script = script, .program = program, .diags = diags};
    if (named->ast->value) {
        check_model_from(&from, model, named);
        return;
    }
    const Ast *on = first_use(script, named->name);
    bool broken = false;
    const ModelData *data = NULL;
    for (size_t i = 0; on && i < program->data.n; i++) {
        if (!str_eq(program->data.at[i]->name, on->name)) continue;
        model->data = program->data.at[i];
        if (model->data->checked) data = check_data_model(arena, model->data->checked);
    }
    /* Without a word about shapes where the data itself is not understood, or its name is unknown, or a line may name it that could not be read. */
    if (on ? !data : named_in_error(script, named->name)) broken = true;
    size_t before = diags_errors(diags);
    model->graph = check_model(arena, scope, named, data, broken, diags);
    model->faulty = broken || diags_errors(diags) != before;
    if (diags_errors(diags) != before) return;
    lint_graph(model->graph, diags);
    int64_t batch = 32;
    if (model_fits(model->graph, batch, on != NULL, diags)) check_weights_from(&from, model, named);
}

/* ---- the whole ------------------------------------------------------------------------------------------------------- */

static void collect_names(Scope *scope, const Ast *script, const char *folder)
{
    for (size_t i = 0; i < script->items.n; i++) {
        const Ast *ast = script->items.at[i];
        if (ast->type == AST_ERROR) scope_add_broken(scope, ast);
        if (!ast->name) continue;
        switch ((int)ast->type) {
        case AST_PARAM: scope_add(scope, NAMED_PARAM, ast, folder); break;
        case AST_DATA: scope_add(scope, NAMED_DATA, ast, folder); break;
        case AST_MODEL: scope_add(scope, NAMED_MODEL, ast, folder); break;
        case AST_BLOCK: scope_add(scope, NAMED_BLOCK, ast, folder); break;
        default: break;
        }
    }
}

static bool has_type(const Ast *script, AstType type, const char *name)
{
    for (size_t i = 0; i < script->items.n; i++)
        if (script->items.at[i]->type == type && (!name || str_eq(script->items.at[i]->name, name))) return true;
    return false;
}

/* The files that are read, beside the scripts and those that statements name. */
static void collect_read(Arena *arena, Program *program)
{
    for (size_t i = 0; i < program->data.n; i++) {
        const Recipe *recipe = program->data.at[i]->checked ? program->data.at[i]->checked->recipe : NULL;
        if (recipe && recipe->file) VEC_PUSH(arena, program->outputs.read, recipe->file);
        for (int part = 0; recipe && part < PART_COUNT; part++)
            if (recipe->part_file[part]) VEC_PUSH(arena, program->outputs.read, recipe->part_file[part]);
    }
    for (size_t i = 0; i < program->models.n; i++) {
        const ProgramSource *source = program->models.at[i]->source;
        if (source && source->file && !source->of) VEC_PUSH(arena, program->outputs.models, source->file);
    }
}

Program *check_program(Arena *arena, const Ast *script, const char *path, const CheckOptions *options, Diags *diags, const char **usage)
{
    Program *program = ARENA_NEW(arena, Program);
    program->path = path;
    const char *slash = strrchr(path, '/');
    program->folder = slash ? arena_text(arena, path, slash == path ? 1 : (size_t)(slash - path)) : "";
    program->seed = DEFAULT_SEED;
    Scope *scope = scope_new(arena, diags);

    collect_names(scope, script, program->folder);
    check_uses(arena, scope, script, path, program->folder, &program->outputs, diags);
    check_blocks(arena, scope, diags);
    *usage = override_params(arena, scope, options, diags);
    if (*usage) return NULL;

    for (size_t i = 0; i < script->items.n; i++) {
        const Ast *ast = script->items.at[i];
        if (ast->type == AST_ALLOW) allow(ast, diags);
        int64_t seed;
        if (ast->type == AST_SEED && scope_whole(scope, ast->value, NULL, "seed", 0, &seed)) program->seed = (uint64_t)seed;
    }
    if (options->seed_given) program->seed = options->seed;

    for (size_t i = 0; i < scope_count(scope); i++) {
        const Named *named = scope_at(scope, i);
        if (named->type != NAMED_PARAM) continue;
        ProgramParam param = {named->name, param_text(arena, scope, named->value), named->ast->text, named->value != named->ast->value};
        VEC_PUSH(arena, program->params, param);
    }
    for (size_t i = 0; i < scope_count(scope); i++) {
        const Named *named = scope_at(scope, i);
        if (named->type != NAMED_DATA) continue;
        ProgramData *data = ARENA_NEW(arena, ProgramData);
        *data = (ProgramData){.name = named->name, .span = named->span};
        data->checked = check_data(arena, scope, named, diags);
        VEC_PUSH(arena, program->data, data);
    }
    for (size_t i = 0; i < scope_count(scope); i++)
        if (scope_at(scope, i)->type == NAMED_MODEL) check_one_model(arena, scope, script, program, scope_at(scope, i), diags);

    Statements statements = {.arena = arena, .scope = scope, .diags = diags, .program = program, .script = script, .epochs = options->epochs};
    collect_read(arena, program);
    for (size_t i = 0; i < script->items.n; i++) check_statement(&statements, script->items.at[i]);
    if (has_type(script, AST_TRAIN, NULL)) {
        for (size_t i = 0; i < program->models.n; i++) {
            const ProgramModel *model = program->models.at[i];
            if (!model->source && !has_type(script, AST_TRAIN, model->name) && !has_type(script, AST_ERROR, NULL) && !has_type(script, AST_SUMMARY, model->name))
                diag(diags, W0600, model->span, A("model", model->name));
        }
    }
    return program;
}
