/* Blocks: a group of lines used like a layer, with arguments of its own and a prefix for its layers' names. */
#include "src/check/model_build.h"

static bool recursive(Build *build, const Frame *frame, const Named *block, const Ast *call)
{
    for (const Frame *f = frame; f; f = f->from) {
        if (f->block != block->ast) continue;
        diag(build->diags, E0259, call->name_span, A("name", block->name));
        return true;
    }
    return false;
}

static bool span_holds(Span outer, Span inner)
{
    return outer.source == inner.source && outer.begin <= inner.begin && inner.end <= outer.end;
}

static Env *bind_arguments(Build *build, const Frame *frame, const Named *block, const Ast *call, size_t n_skip)
{
    const Ast *ast = block->ast;
    size_t n = ast->args.n;
    Env *env = ARENA_NEW(build->arena, Env);
    env->at = arena_array(build->arena, n + 1, sizeof *env->at);
    env->n = n;
    for (size_t i = 0; i < n; i++) env->at[i].name = ast->args.at[i]->name;
    bool ok = true;
    size_t position = 0;
    const Ast *named = NULL;
    for (size_t a = n_skip; call->type == AST_CALL && a < call->args.n; a++) {
        const Ast *arg = call->args.at[a];
        if (arg->type == AST_ERROR) return NULL;
        size_t at = n;
        if (arg->name) {
            named = arg;
            for (size_t i = 0; i < n; i++)
                if (str_eq(env->at[i].name, arg->name)) at = i;
            if (at == n) {
                const char **names = ARENA_ARRAY(build->arena, const char *, n + 1);
                for (size_t i = 0; i < n; i++) names[i] = env->at[i].name;
                Diag *e = diag(build->diags, E0273, arg->name_span, A("block", block->name), A("name", arg->name));
                const char *nearest = str_nearest(arg->name, names, n);
                if (nearest) diag_did_you_mean(e, arg->name_span, nearest);
                else if (n) diag_note(e, E0273_takes, A("names", str_join(build->arena, names, n, true)));
                ok = false;
                continue;
            }
        } else if (named) {
            Diag *e = diag(build->diags, E0207, arg->span);
            diag_label(e, named->span, E0207_named);
            ok = false;
            continue;
        } else if (position == n) {
            diag(build->diags, E0206, arg->span, A("kind", block->name), AI("most", n));
            ok = false;
            break;
        } else {
            at = position++;
        }
        if (env->at[at].value) {
            Diag *e = diag(build->diags, E0204, arg->span, A("name", env->at[at].name));
            diag_label(e, env->at[at].value->span, E0204_first);
            ok = false;
            continue;
        }
        env->at[at].value = arg->value;
        env->at[at].home = frame->env;
    }
    for (size_t i = 0; ok && i < n; i++) {
        if (env->at[i].value) continue;
        env->at[i].value = ast->args.at[i]->value;
        env->at[i].home = NULL;
        if (env->at[i].value) continue;
        Diag *e = diag(build->diags, E0274, call->span, A("block", block->name), A("name", env->at[i].name));
        diag_label(e, ast->args.at[i]->span, E0274_declared);
        ok = false;
    }
    return ok ? env : NULL;
}

/* What was found wrong inside a block: where the block is used, or where what it was given went. */
static void label_reports(Build *build, size_t from, const Named *block, const Env *env, const Ast *call)
{
    for (size_t i = from; i < diags_count(build->diags); i++) {
        Diag *e = diags_get(build->diags, i);
        Span span = diag_span(e);
        size_t at = 0;
        while (at < env->n && !span_holds(env->at[at].value->span, span)) at++;
        if (at == env->n) diag_label(e, call->span, COMMON_block_used, A("block", block->name));
        else diag_label(e, block->ast->args.at[at]->span, COMMON_block_argument, A("name", env->at[at].name), A("block", block->name));
    }
}

Result build_block(Build *build, Frame *frame, const Named *block, const Ast *call, Wire **in, size_t n_in, size_t n_skip)
{
    Result result = {.n = 1, .label = block->name};
    if (recursive(build, frame, block, call)) return result;
    const Env *env = bind_arguments(build, frame, block, call, n_skip);
    if (!env) return result;

    Pending pending = {{0}};
    Frame inner = {.from = frame, .block = block->ast, .env = env, .pending = &pending};
    inner.prefix = arena_printf(build->arena, "%s%s_", frame->prefix, block->name);
    for (size_t i = 0; i < n_in; i++) VEC_PUSH(build->arena, inner.inputs, in[i]);

    size_t named_inputs = 0, n_lines = block->ast->items.n;
    Span inputs_span = block->span;
    for (size_t i = 0; i < block->ast->items.n; i++) {
        if (block->ast->items.at[i]->type != AST_INPUT) continue;
        if (!named_inputs++) inputs_span = block->ast->items.at[i]->span;
    }
    size_t wanted = named_inputs ? named_inputs : 1;
    if (n_in != wanted) {
        Diag *e = diag(build->diags, E0260, call->span, A("name", block->name),
                       A("wanted", wanted == 1 ? "one input" : arena_printf(build->arena, "%zu inputs", wanted)),
                       A("found", n_in == 1 ? "one" : arena_printf(build->arena, "%zu", n_in)));
        diag_label(e, inputs_span, E0260_inputs);
        return result;
    }
    if (!named_inputs) pending_add(build, &inner, in[0], "the block's input", call->span);
    Wire *before = build->last;
    build->last = NULL;
    size_t reported = diags_count(build->diags);
    build_lines(build, &inner, &block->ast->items);
    label_reports(build, reported, block, env, call);
    Wire *last = inner.pending->values.n == 1 ? inner.pending->values.at[0].wire : build->last;
    build->last = before;
    if (inner.outputs.n) {
        result.wires = inner.outputs.at;
        result.n = inner.outputs.n;
    } else if (last && n_lines > named_inputs) {
        result.wires = ARENA_ARRAY(build->arena, Wire *, 1);
        result.wires[0] = last;
    } else {
        diag(build->diags, E0261, block->span);
    }
    return result;
}

void check_blocks(Arena *arena, Scope *scope, Diags *diags)
{
    (void)arena;
    for (size_t i = 0; i < scope_count(scope); i++) {
        const Named *named = scope_at(scope, i);
        if (named->type != NAMED_BLOCK) continue;
        if (kind_find(FAMILY_LAYER, named->name) || kind_find(FAMILY_ACTIVATION, named->name))
            diag(diags, E0268, named->span, A("name", named->name), A("what", "block"));
    }
}
