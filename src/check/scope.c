/* Names and arithmetic of a script; see scope.h. */
#include "src/check/scope.h"

#include <math.h>
#include <stdlib.h>
#include <unistd.h>

typedef struct {
    const char *name;
    Diag *diag;
} Unknown;

struct Scope {
    Arena *arena;
    Diags *diags;
    VEC(Named *) names;
    VEC(Unknown) unknown;
    VEC(const Ast *) broken; /* statements */
};

Scope *scope_new(Arena *arena, Diags *diags)
{
    Scope *scope = ARENA_NEW(arena, Scope);
    scope->arena = arena;
    scope->diags = diags;
    return scope;
}

static const char *type_name(NamedType type)
{
    static const char *const names[] = {"param", "data block", "model", "block"};
    return names[type];
}

Named *scope_find(const Scope *scope, const char *name)
{
    for (size_t i = 0; i < scope->names.n; i++)
        if (str_eq(scope->names.at[i]->name, name)) return scope->names.at[i];
    return NULL;
}

Named *scope_add(Scope *scope, NamedType type, const Ast *statement, const char *folder)
{
    Named *first = scope_find(scope, statement->name);
    if (first) {
        Diag *e = diag(scope->diags, E0202, statement->name_span, A("name", statement->name), A("first", type_name(first->type)));
        diag_label(e, first->span, E0202_first);
        diag_fix(e, E0202_help);
    }
    Named *named = ARENA_NEW(scope->arena, Named);
    *named = (Named){.type = type, .name = statement->name, .span = statement->name_span, .ast = statement,
                     .value = type == NAMED_PARAM ? statement->value : NULL, .folder = folder};
    if (!first) VEC_PUSH(scope->arena, scope->names, named);
    return named;
}

void scope_add_broken(Scope *scope, const Ast *statement)
{
    VEC_PUSH(scope->arena, scope->broken, statement);
}

/* Whether a statement that could not be read (and was reported) may have made a thing of that type and name. */
static bool maybe_made(const Scope *scope, NamedType type, const char *name)
{
    static const char *const words[] = {"param", "data", "model", "block"};
    for (size_t i = 0; i < scope->broken.n; i++) {
        const Ast *ast = scope->broken.at[i];
        for (size_t k = 0; k < ast->args.n; k++)
            if (str_eq(ast->args.at[k]->name, name)) return true;
        if (!ast->word || !str_eq(ast->word, words[type])) continue;
        if (ast->name && str_eq(ast->name, name)) return true;
        for (size_t k = 0; k < ast->items.n; k++)
            if (str_eq(ast->items.at[k]->name, name)) return true;
    }
    return false;
}

size_t scope_count(const Scope *scope)
{
    return scope->names.n;
}

Named *scope_at(const Scope *scope, size_t i)
{
    return scope->names.at[i];
}

/* The nearest name of one type. */
static const char *nearest_named(const Scope *scope, NamedType type, const char *name)
{
    const char **names = ARENA_ARRAY(scope->arena, const char *, scope->names.n + 1);
    size_t n = 0;
    for (size_t i = 0; i < scope->names.n; i++)
        if (scope->names.at[i]->type == type) names[n++] = scope->names.at[i]->name;
    return str_nearest(name, names, n);
}

Named *scope_get(Scope *scope, NamedType type, const char *name, Span span)
{
    if (!name) return NULL; /* the statement could not be read: reported by the parser */
    Named *named = scope_find(scope, name);
    if (named && named->type == type) {
        named->uses++;
        return named;
    }
    if (named) {
        Diag *e = diag(scope->diags, E0211, span, A("name", name), A("is", type_name(named->type)), A("wanted", type_name(type)));
        diag_label(e, named->span, E0211_here);
        return NULL;
    }
    if (maybe_made(scope, type, name)) return NULL;
    Diag *e = diag(scope->diags, E0210, span, A("name", name), A("what", type_name(type)));
    const char *nearest = nearest_named(scope, type, name);
    if (nearest) {
        diag_did_you_mean(e, span, nearest);
        return NULL;
    }
    const char **names = ARENA_ARRAY(scope->arena, const char *, scope->names.n + 1);
    size_t n = 0;
    for (size_t i = 0; i < scope->names.n; i++)
        if (scope->names.at[i]->type == type) names[n++] = scope->names.at[i]->name;
    if (n) diag_note(e, E0210_there_are, A("names", str_join(scope->arena, names, n, true)));
    else diag_note(e, E0210_none);
    return NULL;
}

void scope_unknown(Scope *scope, const char *name, Span span, const char *nearest)
{
    for (size_t i = 0; i < scope->unknown.n; i++) {
        if (!str_eq(scope->unknown.at[i].name, name)) continue;
        diag_label(scope->unknown.at[i].diag, span, E0201_again);
        return;
    }
    Diag *e = diag(scope->diags, E0201, span, A("name", name));
    if (!nearest) nearest = nearest_named(scope, NAMED_PARAM, name);
    if (nearest) diag_did_you_mean(e, span, nearest);
    else diag_fix(e, E0201_help);
    Unknown unknown = {name, e};
    VEC_PUSH(scope->arena, scope->unknown, unknown);
}

const Ast *scope_resolve(Scope *scope, const char *name, const Env **env)
{
    const Ast *found = NULL;
    /* A chain of names can be no longer than there are names: parameters see earlier ones only, blocks do not recurse. */
    for (size_t turn = 0; turn < 1000; turn++) {
        const Ast *value = NULL;
        for (const Env *e = *env; e && !value; e = e->parent) {
            for (size_t i = 0; i < e->n; i++) {
                if (!str_eq(e->at[i].name, name)) continue;
                value = e->at[i].value;
                *env = e->at[i].home;
                break;
            }
        }
        if (!value) {
            Named *named = scope_find(scope, name);
            if (!named || named->type != NAMED_PARAM) return found;
            named->uses++;
            value = named->value;
            *env = NULL;
        }
        if (!value) return found;
        found = value;
        if (value->type != AST_NAME) return found;
        name = value->name;
    }
    return found;
}

static bool is_given(const Env *env, const char *name)
{
    for (; env; env = env->parent)
        for (size_t i = 0; i < env->n; i++)
            if (str_eq(env->at[i].name, name)) return true;
    return false;
}

static const char *written_at(Scope *scope, Span span)
{
    size_t n;
    const char *text = sources_text(diags_sources(scope->diags), span.source, &n);
    return text && span.end <= n ? arena_text(scope->arena, text + span.begin, span.end - span.begin) : "";
}

static bool not_a_number(Scope *scope, const Ast *ast, const Value *value)
{
    const char *found = value->type == VALUE_TEXT ? arena_printf(scope->arena, "the text \"%s\"", value->text) : value->written;
    diag(scope->diags, E0208, ast->type == AST_NAME ? value->span : ast->span, A("found", found));
    return false;
}

static Value number_value(double number, Span span)
{
    Value value = {.type = VALUE_FLOAT, .number = number, .span = span};
    if (number == floor(number) && fabs(number) < 9007199254740992.0) {
        value.type = VALUE_INT;
        value.integer = (int64_t)number;
    }
    return value;
}

static bool binary(Scope *scope, const Ast *ast, const Env *env, Value *value)
{
    Value left, right;
    const Env *left_env = env, *right_env = env;
    bool ok = scope_value(scope, ast->value, &left_env, false, &left, NULL);
    ok = scope_value(scope, ast->extra, &right_env, false, &right, NULL) && ok;
    if (!ok) return false;
    if (left.type != VALUE_INT && left.type != VALUE_FLOAT) return not_a_number(scope, ast->value, &left);
    if (right.type != VALUE_INT && right.type != VALUE_FLOAT) return not_a_number(scope, ast->extra, &right);
    double result = 0.0;
    switch (ast->word[0]) {
    case '+': result = left.number + right.number; break;
    case '-': result = left.number - right.number; break;
    case '*': result = left.number * right.number; break;
    case '/':
        if (right.number == 0.0) {
            diag(scope->diags, E0209, ast->extra->span);
            return false;
        }
        result = left.number / right.number;
        break;
    default:
        diag(scope->diags, E0200, ast->span);
        return false;
    }
    *value = number_value(result, ast->span);
    value->percent = left.percent && right.percent;
    value->written = str_figure(scope->arena, result, 9);
    return true;
}

static bool list(Scope *scope, const Ast *ast, const Env *env, bool words, Value *value)
{
    Value *items = ARENA_ARRAY(scope->arena, Value, ast->items.n + 1);
    bool ok = true;
    for (size_t i = 0; i < ast->items.n; i++) {
        const Env *item_env = env;
        ok = scope_value(scope, ast->items.at[i], &item_env, words, &items[i], NULL) && ok;
    }
    *value = (Value){.type = VALUE_LIST, .items = items, .n = ast->items.n, .span = ast->span};
    return ok;
}

bool scope_value(Scope *scope, const Ast *ast, const Env **env, bool words, Value *value, const Ast **call)
{
    Span span = ast->span;
    const char *written = written_at(scope, span);
    *value = (Value){.type = VALUE_NONE, .span = span, .written = written};
    if (call) *call = NULL;
    bool ok = true;
    switch ((int)ast->type) {
    case AST_ERROR: return false;
    case AST_NONE: break;
    case AST_TRUE:
    case AST_FALSE:
        value->type = VALUE_BOOL;
        value->boolean = ast->type == AST_TRUE;
        break;
    case AST_TEXT:
        value->type = VALUE_TEXT;
        value->text = ast->text;
        break;
    case AST_NUMBER:
    case AST_PERCENT:
        *value = number_value(ast->number, span);
        if (ast->type == AST_NUMBER && !ast->flag) value->type = VALUE_FLOAT;
        value->percent = ast->type == AST_PERCENT;
        break;
    case AST_NAME: {
        const Env *home = *env;
        const Ast *bound = scope_resolve(scope, ast->name, &home);
        bool given = bound && is_given(*env, ast->name);
        if (given) {
            /* What a block is given is judged where the block is used. */
            span = bound->span;
            written = written_at(scope, span);
        }
        if (bound && bound->type != AST_NAME) {
            ok = scope_value(scope, bound, &home, words, value, call);
            *env = home;
            value->span = span;
            break;
        }
        value->type = VALUE_NAME;
        value->text = bound ? bound->name : ast->name;
        if (!words) {
            scope_unknown(scope, given ? value->text : ast->name, span, NULL);
            return false;
        }
        break;
    }
    case AST_LIST: ok = list(scope, ast, *env, words, value); break;
    case AST_UNARY: {
        ok = scope_value(scope, ast->value, env, false, value, NULL);
        if (ok && value->type != VALUE_INT && value->type != VALUE_FLOAT) return not_a_number(scope, ast->value, value);
        value->integer = -value->integer;
        value->number = -value->number;
        break;
    }
    case AST_BINARY: ok = binary(scope, ast, *env, value); break;
    case AST_CALL:
        if (!call) {
            diag(scope->diags, E0200, span);
            return false;
        }
        *call = ast;
        break;
    default:
        diag(scope->diags, E0200, span);
        return false;
    }
    value->span = span;
    if (!value->written || ast->type == AST_NAME || ast->type == AST_UNARY) value->written = written;
    return ok;
}

bool scope_number(Scope *scope, const Ast *ast, const Env *env, const char *what, double *number)
{
    Value value;
    if (!ast || !scope_value(scope, ast, &env, false, &value, NULL)) return false;
    if (value.type != VALUE_INT && value.type != VALUE_FLOAT) {
        diag(scope->diags, E0216, ast->span, A("what", what), A("wanted", "a number"), A("found", value.written));
        return false;
    }
    *number = value.number;
    return true;
}

bool scope_whole(Scope *scope, const Ast *ast, const Env *env, const char *what, int64_t least, int64_t *whole)
{
    Value value;
    if (!ast || !scope_value(scope, ast, &env, false, &value, NULL)) return false;
    if (value.type != VALUE_INT || value.percent) {
        Diag *e = diag(scope->diags, E0216, ast->span, A("what", what), A("wanted", "a whole number"), A("found", value.written));
        if (value.type == VALUE_FLOAT && !value.percent && !str_eq(value.written, str_figure(scope->arena, value.number, 9)))
            diag_note(e, E0216_comes_out, A("value", str_figure(scope->arena, value.number, 9)));
        return false;
    }
    if (value.integer < least) {
        Diag *e = diag(scope->diags, E0222, ast->span, A("argument", what), A("owner", ""),
                       A("bounds", arena_printf(scope->arena, "at least %lld", (long long)least)), A("value", value.written));
        diag_primary(e, E0222_here);
        return false;
    }
    *whole = value.integer;
    return true;
}

const char *scope_text(Scope *scope, const Ast *ast, const char *what)
{
    Value value;
    const Env *env = NULL;
    if (!ast || !scope_value(scope, ast, &env, true, &value, NULL)) return NULL;
    if (value.type == VALUE_TEXT) return value.text;
    if (value.type == VALUE_NAME) {
        Diag *e = diag(scope->diags, E0216, ast->span, A("what", what), A("wanted", "a text in quotes"), A("found", value.written));
        Fix *fix = diag_fix(e, E0216_quote);
        diag_edit(fix, ast->span, arena_printf(scope->arena, "\"%s\"", value.text));
        return NULL;
    }
    diag(scope->diags, E0216, ast->span, A("what", what), A("wanted", "a text in quotes"), A("found", value.written));
    return NULL;
}

const char *scope_path(Scope *scope, const Ast *ast, const char *folder)
{
    const char *path = scope_text(scope, ast, "a file");
    if (!path) return NULL;
    if (path[0] != '/' && folder && folder[0]) path = arena_printf(scope->arena, "%s/%s", folder, path);
    return ast->misread && access(path, F_OK) != 0 ? NULL : path;
}

/* The way from one folder to a file, both whole paths without `.` and `..`. */
static const char *way_to(Arena *arena, const char *folder, const char *file)
{
    size_t same = 0;
    for (size_t i = 0; folder[i] && folder[i] == file[i]; i++)
        if (file[i] == '/') same = i + 1;
    size_t n = strlen(folder);
    if (strncmp(folder, file, n) == 0 && file[n] == '/') same = n + 1;
    Buf way = buf_in(arena);
    for (const char *at = same > n ? "" : folder + same; *at; at++)
        if (at == folder + same || *at == '/') buf_put(&way, "../");
    buf_put(&way, file + same);
    return way.at;
}

bool scope_path_elsewhere(Scope *scope, const Ast *ast, const char *folder)
{
    const char *written = ast->type == AST_TEXT ? ast->text : NULL;
    if (!written || written[0] == '/' || !folder || !folder[0]) return false;
    if (access(arena_printf(scope->arena, "%s/%s", folder, written), F_OK) == 0) return false;
    char *file = realpath(written, NULL), *home = realpath(folder, NULL);
    bool there = file && home;
    if (there) {
        const char *mended = way_to(scope->arena, home, file);
        Diag *e = diag(scope->diags, E0501, ast->span, A("path", written), A("mended", mended));
        Fix *fix = diag_fix(e, E0501_from_folder);
        if (!strpbrk(mended, "\"\\")) diag_edit(fix, ast->span, arena_printf(scope->arena, "\"%s\"", mended));
        diag_file_fault(e);
    }
    free(file);
    free(home);
    return there;
}
