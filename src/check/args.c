/* Arguments against a kind's schema; see args.h. */
#include "src/check/args.h"

static size_t schema_length(const Kind *kind)
{
    size_t n = 0;
    if (kind->args)
        while (kind->args[n].name) n++;
    return n;
}

/* Whether a word may stand for a value of this argument: then a bare name is no unknown name. */
static bool takes_words(const ArgSpec *spec)
{
    switch (spec->type) {
    case ARG_WORD:
    case ARG_NAME:
    case ARG_TEXTS:
    case ARG_KIND:
    case ARG_FLOAT_OR_KIND: return true;
    case ARG_INT: return spec->words != NULL;
    case ARG_FLOAT:
    case ARG_BOOL:
    case ARG_TEXT:
    case ARG_INTS:
    case ARG_FLOATS:
    case ARG_LAYER:
    case ARG_WIRES: return false;
    }
    return false;
}

/* Words of the schema come before parameters: `padding=same` means the word even where a parameter is called `same`. */
static bool is_word_of(const ArgSpec *spec, const char *name)
{
    if (spec->type != ARG_WORD && !(spec->type == ARG_INT && spec->words)) return spec->type == ARG_KIND && kind_find(spec->family, name);
    size_t length = strlen(name);
    for (const char *word = spec->words; word && *word;) {
        const char *end = strchr(word, '|');
        size_t n = end ? (size_t)(end - word) : strlen(word);
        if (n == length && strncmp(word, name, n) == 0) return true;
        word = end ? end + 1 : word + n;
    }
    return false;
}

/* A word of the language where none belongs (`dense(relu)`): a mistake of type, not an unknown name. */
static bool is_other_word(const ArgContext *context, const char *name)
{
    const Env *env = context->env;
    if (scope_resolve(context->scope, name, &env)) return false;
    for (int family = 0; family < FAMILY_COUNT; family++)
        if (kind_find((Family)family, name)) return true;
    return false;
}

static bool wire_list(const ArgContext *context, const Ast *ast, Value *value)
{
    bool ok = true;
    size_t n = ast->type == AST_LIST ? ast->items.n : 1;
    Value *items = ARENA_ARRAY(context->arena, Value, n);
    for (size_t i = 0; i < n; i++) {
        const Ast *item = ast->type == AST_LIST ? ast->items.at[i] : ast;
        items[i] = (Value){.type = VALUE_WIRE, .wire = context->model->wire(context->model->model, item), .span = item->span};
        if (!items[i].wire) ok = false;
    }
    *value = (Value){.type = VALUE_LIST, .items = items, .n = n, .span = ast->span};
    return ok;
}

/* The tree of one argument as a value of its spec. */
static bool argument_value(const ArgContext *context, const ArgSpec *spec, const Ast *ast, Value *value)
{
    const Env *env = context->env;
    if (spec->type == ARG_WIRES && context->model && ast->type != AST_NONE) return wire_list(context, ast, value);
    if (spec->type == ARG_LAYER && context->model) {
        *value = (Value){.type = VALUE_LAYER, .span = ast->span};
        value->layer = context->model->layer(context->model->model, ast, env);
        return value->layer != NULL;
    }
    if (ast->type == AST_NAME && (is_word_of(spec, ast->name) || (!takes_words(spec) && is_other_word(context, ast->name)))) {
        *value = (Value){.type = VALUE_NAME, .text = ast->name, .written = ast->name, .span = ast->span};
    } else {
        const Ast *call = NULL;
        if (!scope_value(context->scope, ast, &env, takes_words(spec), value, &call)) return false;
        if (call) {
            if (spec->type != ARG_KIND && spec->type != ARG_FLOAT_OR_KIND) {
                diag(context->diags, E0216, ast->span, A("what", spec->name), A("wanted", "a value"), A("found", value->written));
                return false;
            }
            ArgContext inner = *context;
            inner.env = env;
            value->type = VALUE_KIND;
            value->kind = args_kind(&inner, call, spec->family);
            return value->kind.kind != NULL;
        }
    }
    if (value->type == VALUE_NAME && (spec->type == ARG_KIND || spec->type == ARG_FLOAT_OR_KIND)) {
        if (spec->type == ARG_FLOAT_OR_KIND && !kind_find(spec->family, value->text) && !kind_waiting(spec->family, value->text)) {
            scope_unknown(context->scope, value->text, value->span, kind_nearest(spec->family, value->text));
            return false;
        }
        Ast name = {.type = AST_NAME, .name = value->text, .name_span = value->span, .span = value->span};
        Span span = value->span;
        value->kind = args_kind(context, &name, spec->family);
        value->type = VALUE_KIND;
        value->span = span;
        return value->kind.kind != NULL;
    }
    return true;
}

/* A number far from what is usual for this argument. */
static void lint_usual(const ArgContext *context, const Kind *kind, const ArgSpec *spec, const Value *value)
{
    if ((spec->usual_min == 0.0 && spec->usual_max == 0.0) || (value->type != VALUE_INT && value->type != VALUE_FLOAT)) return;
    if (value->number == 0.0 || (value->number >= spec->usual_min && value->number <= spec->usual_max)) return;
    Diag *w = diag(context->diags, W0201, value->span, A("kind", kind->name), A("name", spec->name), A("found", value->written),
                   AF("low", spec->usual_min), AF("high", spec->usual_max));
    diag_fix(w, W0201_help);
}

static void report_unknown_argument(const ArgContext *context, const Kind *kind, const Ast *arg, const char *const *generic)
{
    Diag *e = diag(context->diags, E0203, arg->name_span, A("kind", kind->name), A("name", arg->name));
    const char *nearest = kind_arg_nearest(kind, arg->name);
    if (!nearest && generic) {
        size_t n = 0;
        while (generic[n]) n++;
        nearest = str_nearest(arg->name, generic, n);
    }
    if (nearest) {
        diag_did_you_mean(e, arg->name_span, nearest);
        return;
    }
    const char *names[64];
    size_t n = 0;
    for (const ArgSpec *spec = kind->args; spec && spec->name && n < 64; spec++) names[n++] = spec->name;
    if (n) diag_note(e, E0203_takes, A("names", str_join(context->arena, names, n, true)));
    else diag_note(e, E0203_none);
}

/* The argument that a value without a name was meant for: `l2(0.01)` in the place of `use_bias` is a regularizer. NULL: none, or it fits,
 * or the argument cannot do without a value. */
static const ArgSpec *meant(const ArgContext *context, const Kind *kind, const ArgSpec *spec, const Ast *value, const Span *spans)
{
    const Env *env = context->env;
    if (spec->required) return NULL;
    if ((value->type != AST_NAME && value->type != AST_CALL) || scope_resolve(context->scope, value->name, &env)) return NULL;
    if (spec->type == ARG_NAME || spec->type == ARG_TEXTS || spec->type == ARG_LAYER || spec->type == ARG_WIRES) return NULL;
    if (is_word_of(spec, value->name)) return NULL;
    for (int family = 0; family < FAMILY_COUNT; family++) {
        if (!kind_find((Family)family, value->name)) continue;
        if ((spec->type == ARG_KIND || spec->type == ARG_FLOAT_OR_KIND) && spec->family == (Family)family) return NULL;
        for (const ArgSpec *other = kind->args; other->name; other++)
            if (other->type == ARG_KIND && other->family == (Family)family && !spans[other - kind->args].source) return other;
    }
    return NULL;
}

/* `last`: no value without a name follows, so that a name may stand here. */
static void report_misplaced(const ArgContext *context, const Kind *kind, size_t at, const Ast *value, const ArgSpec *meant, bool last)
{
    size_t n;
    const char *text = sources_text(diags_sources(context->diags), value->span.source, &n);
    const char *written = arena_text(context->arena, text + value->span.begin, value->span.end - value->span.begin);
    Diag *e = diag(context->diags, E0218, value->span, A("value", written), A("argument", kind->args[at].name), A("kind", kind->name),
                   AI("place", at + 1), A("meant", meant->name));
    diag_primary(e, E0218_here);
    Fix *fix = diag_fix(e, E0218_help);
    if (last) diag_edit(fix, span_before(value->span), arena_printf(context->arena, "%s=", meant->name));
}

void *args_fill(const ArgContext *context, const Kind *kind, const Ast *call, const char *const *generic,
                const Ast **generic_values, size_t n_skip, Span **spans_out)
{
    size_t n = schema_length(kind);
    Span *spans = ARENA_ARRAY(context->arena, Span, n + 1);
    void *args = kind_defaults(context->arena, kind);
    bool ok = true;
    size_t position = 0;
    const Ast *named = NULL;
    size_t n_args = call && call->type == AST_CALL ? call->args.n : 0;
    bool too_many = false;
    for (size_t a = n_skip; a < n_args; a++) {
        const Ast *arg = call->args.at[a];
        if (arg->type == AST_ERROR) {
            ok = false;
            continue;
        }
        size_t at = n;
        if (arg->name) {
            named = arg;
            bool taken = false;
            for (size_t g = 0; generic && generic[g]; g++) {
                if (!str_eq(generic[g], arg->name)) continue;
                generic_values[g] = arg;
                taken = true;
            }
            if (taken) continue;
            int index = kind_arg_index(kind, arg->name);
            if (index < 0) {
                report_unknown_argument(context, kind, arg, generic);
                ok = false;
                continue;
            }
            at = (size_t)index;
        } else {
            if (named) {
                Diag *e = diag(context->diags, E0207, arg->span);
                diag_label(e, named->span, E0207_named);
                ok = false;
                continue;
            }
            if (position >= n) {
                ok = false;
                if (too_many) continue;
                too_many = true;
                Diag *e = diag(context->diags, E0206, arg->span, A("kind", kind->name), AI("most", n));
                if (n) {
                    const char *names[64];
                    size_t count = 0;
                    for (; count < n && count < 64; count++) names[count] = kind->args[count].name;
                    diag_note(e, E0203_takes, A("names", str_join(context->arena, names, count, true)));
                }
                continue;
            }
            at = position++;
        }
        if (spans[at].source) {
            Diag *e = diag(context->diags, E0204, arg->span, A("name", kind->args[at].name));
            diag_label(e, spans[at], E0204_first);
            ok = false;
            continue;
        }
        const ArgSpec *other = arg->name ? NULL : meant(context, kind, &kind->args[at], arg->value, spans);
        spans[at] = arg->value->span;
        if (other) {
            report_misplaced(context, kind, at, arg->value, other, a + 1 == n_args || call->args.at[a + 1]->name);
            spans[other - kind->args] = arg->value->span;
            ok = false;
            continue;
        }
        Value value;
        if (!argument_value(context, &kind->args[at], arg->value, &value)) {
            ok = false;
            continue;
        }
        if (!kind_set(context->arena, kind, args, &kind->args[at], &value, context->diags)) ok = false;
        else lint_usual(context, kind, &kind->args[at], &value);
    }
    for (size_t i = 0; i < n; i++) {
        if (!kind->args[i].required || spans[i].source) continue;
        if (!ok) continue; /* perhaps only misspelt: that is reported already */
        Diag *e = diag(context->diags, E0205, call ? call->span : NO_SPAN, A("kind", kind->name), A("name", kind->args[i].name),
                       A("help", kind->args[i].help ? kind->args[i].help : ""));
        diag_note(e, E0205_example, A("example", kind->example));
        ok = false;
    }
    if (ok && kind->check && !kind->check(args, spans, call ? call->span : NO_SPAN, context->diags)) ok = false;
    if (spans_out) *spans_out = spans;
    return ok ? args : NULL;
}

KindRef args_kind(const ArgContext *context, const Ast *ast, Family family)
{
    KindRef ref = {NULL, NULL};
    if (ast->type == AST_ERROR) return ref;
    const char *family_name = kind_family_name(family);
    if (ast->type == AST_TEXT) {
        const char *inside = kind_find(family, ast->text) ? ast->text : kind_nearest(family, ast->text);
        Diag *e = diag(context->diags, E0225, ast->span, A("argument", family_name), A("text", ast->text));
        if (inside) diag_edit(diag_fix(e, E0225_bare), ast->span, inside);
        return ref;
    }
    const Ast *call = ast;
    const Env *env = context->env;
    const char *name = ast->name;
    if (ast->type == AST_NAME && !kind_find(family, name)) {
        const Ast *bound = scope_resolve(context->scope, name, &env);
        if (bound && bound->type == AST_NAME) name = bound->name;
        else if (bound && bound->type == AST_CALL) {
            call = bound;
            name = bound->name;
        }
    }
    if (ast->type != AST_NAME && ast->type != AST_CALL) {
        diag(context->diags, E0216, ast->span, A("what", family_name), A("wanted", "a name"), A("found", ""));
        return ref;
    }
    const Kind *kind = kind_find(family, name);
    if (!kind) {
        kind_unknown(context->diags, family, name, ast->name_span);
        return ref;
    }
    ArgContext inner = *context;
    inner.env = env;
    Ast bare = {.type = AST_CALL, .span = ast->span, .name = name, .name_span = ast->span};
    void *args = args_fill(&inner, kind, call->type == AST_CALL ? call : &bare, NULL, NULL, 0, NULL);
    if (!args) return ref;
    ref.kind = kind;
    ref.args = args;
    return ref;
}
