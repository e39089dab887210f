/* Chains: `x -> dense(8) -> relu`. Each item is a wire (the first), an activation, a layer, a block or a shared layer. */
#include "src/check/model_build.h"

#include <string.h>

#include "runtime/base/bug.h"

static const char *const generic_args[] = {"name", "trainable", "dtype", NULL};
enum { GENERIC_NAME, GENERIC_TRAINABLE, GENERIC_DTYPE, GENERIC_COUNT };

typedef struct {
    Build *build;
    Frame *frame;
} ModelContext;

/* ---- Wires and layers as arguments --------------------------------------------------------------------------------- */

static Wire *find_wire(Build *build, Frame *frame, const char *name, Span span)
{
    Bound *bound = frame_find(frame, name);
    if (bound && bound->wire) {
        bound->wire->uses++;
        pending_use(frame, bound->wire);
        return bound->wire;
    }
    build->unknown_wires = true;
    Diag *e = diag(build->diags, E0251, span, A("name", name));
    const char *names[256];
    size_t n = 0;
    for (Frame *f = frame; f; f = f->parent)
        for (size_t i = 0; i < f->names.n && n < 256; i++)
            if (f->names.at[i].wire) names[n++] = f->names.at[i].name;
    const char *nearest = str_nearest(name, names, n);
    if (nearest) diag_did_you_mean(e, span, nearest);
    else if (n) diag_note(e, E0251_there_are, A("names", str_join(build->arena, names, n, true)));
    return NULL;
}

static Wire *wire_argument(void *model, const Ast *name)
{
    ModelContext *context = model;
    if (name->type != AST_NAME) {
        diag(context->build->diags, E0216, name->span, A("what", "a wire"), A("wanted", "a name"), A("found", "something else"));
        return NULL;
    }
    return find_wire(context->build, context->frame, name->name, name->span);
}

static bool is_wire(void *model, const char *name)
{
    ModelContext *context = model;
    Bound *bound = frame_find(context->frame, name);
    return bound && bound->wire;
}

static Layer *layer_argument(void *model, const Ast *ast, const Env *env)
{
    ModelContext *context = model;
    return build_declared(context->build, context->frame, ast, env, NULL, NO_SPAN);
}

/* ---- One layer ----------------------------------------------------------------------------------------------------- */

static bool generic_arguments(Build *build, const Frame *frame, const ArgContext *context, const Ast **values, Layer *layer, size_t name_at)
{
    bool ok = true;
    if (values[GENERIC_NAME]) {
        const Ast *arg = values[GENERIC_NAME]->value;
        const char *text = scope_text(build->scope, arg, "name");
        if (!text) {
            ok = false;
        } else if (!text[0] || strchr(text, '/')) {
            diag(build->diags, E0272, arg->span, A("found", arena_printf(build->arena, "\"%s\"", text)));
            ok = false;
        } else {
            LayerName *name = &build->names.at[name_at];
            name->by = NAMED_BY_ARGUMENT;
            name->base = arena_printf(build->arena, "%s%s", frame->prefix, text);
            name->span = arg->span;
        }
    }
    if (values[GENERIC_TRAINABLE]) {
        const Ast *arg = values[GENERIC_TRAINABLE]->value;
        const Env *env = context->env;
        Value value;
        if (!scope_value(build->scope, arg, &env, false, &value, NULL)) return false;
        if (value.type != VALUE_BOOL) {
            diag(build->diags, E0216, arg->span, A("what", "trainable"), A("wanted", "`true` or `false`"), A("found", value.written));
            return false;
        }
        layer->trainable = value.boolean;
    }
    if (values[GENERIC_DTYPE]) {
        diag_fix(diag(build->diags, E0267, values[GENERIC_DTYPE]->span), E0267_help);
        ok = false;
    }
    return ok;
}

/* The leading positional arguments that are wires: inputs of a merge, of a shared layer, of a block. */
static size_t leading_wires(Build *build, Frame *frame, const Ast *call, bool merge, Wire **wires)
{
    size_t n = 0;
    if (call->type != AST_CALL) return 0;
    for (; n < call->args.n; n++) {
        const Ast *arg = call->args.at[n];
        if (arg->name || !arg->value || arg->value->type != AST_NAME) break;
        Bound *bound = frame_find(frame, arg->value->name);
        const Env *env = frame->env;
        if (!(bound && bound->wire) && (!merge || scope_resolve(build->scope, arg->value->name, &env))) break;
        wires[n] = find_wire(build, frame, arg->value->name, arg->value->span);
        if (!wires[n]) wires[n] = unknown_wire(build);
    }
    return n;
}

static const LayerKind *layer_kind(const Kind *kind)
{
    return (const LayerKind *)kind;
}

/* A layer of a kind, its arguments taken from the call. NULL: reported. */
static Layer *make_layer(Build *build, Frame *frame, const Ast *item, const LayerKind *kind, const Env *env, size_t n_skip, size_t *name_at)
{
    ModelContext model_context = {build, frame};
    ArgModel arg_model = {&model_context, wire_argument, is_wire, layer_argument};
    ArgContext context = {build->arena, build->diags, build->scope, env, &arg_model};
    const Ast *generic[GENERIC_COUNT] = {0};
    Span *spans;
    void *args = args_fill(&context, &kind->kind, item, generic_args, generic, n_skip, &spans);
    if (!args) return NULL;
    Layer *layer = graph_layer(build->graph, kind, args, NULL, item->span);
    layer->arg_spans = spans;
    *name_at = name_layer(build, frame, layer, kind->kind.name, item->span);
    if (!generic_arguments(build, frame, &context, generic, layer, *name_at)) return NULL;
    return layer;
}

/* A bare activation name is Keras's Activation layer of that function. */
static Layer *make_activation(Build *build, Frame *frame, const Ast *item, const Kind *activation, size_t *name_at)
{
    const Kind *kind = kind_find(FAMILY_LAYER, "activation");
    ENSURE(kind != NULL);
    void *args = kind_defaults(build->arena, kind);
    KindRef ref = {activation, kind_defaults(build->arena, activation)};
    Value value = {.type = VALUE_KIND, .kind = ref, .written = activation->name, .span = item->span};
    if (!kind_set(build->arena, kind, args, &kind->args[0], &value, build->diags)) return NULL;
    Layer *layer = graph_layer(build->graph, layer_kind(kind), args, NULL, item->span);
    layer->shown_kind = activation->name;
    *name_at = name_layer(build, frame, layer, kind->name, item->span);
    return layer;
}

static void report_unknown_layer(Build *build, Frame *frame, const Ast *item, const char *name)
{
    build->unknown_wires = true;
    Bound *bound = frame_find(frame, name);
    if (bound && bound->wire) {
        Diag *e = diag(build->diags, E0271, item->name_span, A("name", name));
        diag_label(e, bound->span, E0271_wire);
        return;
    }
    if (kind_waiting(FAMILY_LAYER, name)) {
        kind_unknown(build->diags, FAMILY_LAYER, name, item->name_span);
        return;
    }
    Diag *e = diag(build->diags, E0250, item->name_span, A("name", name));
    const char *names[512];
    size_t n = 0;
    const char *nearest = kind_nearest(FAMILY_LAYER, name);
    if (!nearest) nearest = kind_nearest(FAMILY_ACTIVATION, name);
    for (Frame *f = frame; f; f = f->parent)
        for (size_t i = 0; i < f->names.n && n < 400; i++)
            if (f->names.at[i].layer) names[n++] = f->names.at[i].name;
    for (size_t i = 0; i < scope_count(build->scope) && n < 512; i++)
        if (scope_at(build->scope, i)->type == NAMED_BLOCK) names[n++] = scope_at(build->scope, i)->name;
    const char *own = str_nearest(name, names, n);
    if (own && (!nearest || str_distance(own, name, 8) < str_distance(nearest, name, 8))) nearest = own;
    if (nearest) diag_did_you_mean(e, item->name_span, nearest);
    else diag_fix(e, E0250_help);
}

/* `activation(relu)` is written `relu`. */
static bool is_activation_call(Build *build, const Ast *item)
{
    if (!str_eq(item->name, "activation")) return false;
    Diag *e = diag(build->diags, E0258, item->span);
    const Ast *arg = item->type == AST_CALL && item->args.n == 1 ? item->args.at[0]->value : NULL;
    const char *name = arg && arg->type == AST_NAME ? arg->name : arg && arg->type == AST_TEXT ? arg->text : "relu";
    diag_edit(diag_fix(e, E0258_bare, A("name", name)), item->span, name);
    return true;
}

static Result failed(Build *build, const char *label)
{
    Result result = {.n = 1, .label = label, .n_layers = 1};
    (void)build;
    return result;
}

static Result call_layer(Build *build, Frame *frame, Layer *layer, Wire **in, size_t n_in, size_t n_args, const Ast *item, const char *label)
{
    (void)frame;
    Result result = {.n = 1, .label = label, .n_layers = 1};
    if (++build->n_calls > 100000) {
        build->too_large = true;
        return result;
    }
    int n_out = layer->kind->n_outputs ? layer->kind->n_outputs(layer) : 1;
    Call *call = graph_call(build->graph, layer, in, (int)n_in, (int)n_args, item->span, build->diags);
    result.n = (size_t)n_out;
    result.wires = ARENA_ARRAY(build->arena, Wire *, n_out);
    for (int i = 0; i < n_out; i++) {
        result.wires[i] = call && i < call->n_out ? call->out[i] : unknown_wire(build);
        if (!result.wires[i]->span.source) result.wires[i]->span = item->span;
    }
    return result;
}

/* The wires an argument holds (initial_state=[h, c]) follow the ordinary inputs. */
static size_t argument_wires(const Layer *layer, Wire **in)
{
    size_t n = 0;
    for (const ArgSpec *spec = layer->kind->kind.args; spec && spec->name; spec++) {
        if (spec->type != ARG_WIRES) continue;
        const ArgWires *wires = (const ArgWires *)((const char *)layer->args + spec->offset);
        for (size_t i = 0; i < wires->n; i++) in[n++] = wires->at[i];
    }
    return n;
}

/* One item behind `->`, or the first where it is no wire. current NULL: it takes its own wires, or the pending value. */
static Result build_item(Build *build, Frame *frame, const Ast *item, Wire *current)
{
    if (item->type != AST_NAME && item->type != AST_CALL) return failed(build, NULL);
    const Env *env = frame->env;
    const char *name = item->name;
    const Kind *activation = item->type == AST_NAME ? kind_find(FAMILY_ACTIVATION, name) : NULL;
    const Kind *kind = kind_find(FAMILY_LAYER, name);
    Named *block = scope_find(build->scope, name);
    if (block && block->type != NAMED_BLOCK) block = NULL;
    Bound *shared = frame_find(frame, name);
    if (shared && shared->wire) shared = NULL;
    if (!activation && !kind && !block && !shared && item->type == AST_NAME) {
        /* A parameter may hold the word: `param act = relu`, `x -> act`. */
        const Ast *bound = scope_resolve(build->scope, name, &env);
        if (bound && bound->type == AST_NAME) {
            name = bound->name;
            activation = kind_find(FAMILY_ACTIVATION, name);
            kind = kind_find(FAMILY_LAYER, name);
            env = frame->env;
        }
    }
    if (kind && layer_kind(kind)->hidden) {
        if (current) current->uses++;
        if (is_activation_call(build, item)) {
            if (!current) frame->pending->values.n = 0;
            build->unknown_wires = true;
            return failed(build, name);
        }
        kind = NULL;
    }

    Wire **in = ARENA_ARRAY(build->arena, Wire *, (item->type == AST_CALL ? item->args.n : 0) + 64);
    size_t n_in = 0;
    if (current) {
        in[n_in++] = current;
        current->uses++;
    }
    bool merge = kind && !activation && (layer_kind(kind)->max_inputs < 0 || layer_kind(kind)->max_inputs > 1);
    size_t n_skip = 0;
    if (kind || block || shared) {
        n_skip = leading_wires(build, frame, item, merge || shared, in + n_in);
        n_in += n_skip;
    }
    if (n_in == 0 && (kind || activation || shared || (block && !current))) {
        Wire *wire = pending_take(build, frame, name, item->name_span);
        if (!wire) wire = unknown_wire(build);
        wire->uses++;
        in[n_in++] = wire;
    }

    if (activation) {
        size_t name_at;
        Layer *layer = make_activation(build, frame, item, activation, &name_at);
        if (!layer) return failed(build, name);
        Result result = call_layer(build, frame, layer, in, n_in, 0, item, name);
        result.direct = true;
        result.name_at = name_at;
        return result;
    }
    if (kind) {
        size_t name_at = 0;
        Layer *layer = make_layer(build, frame, item, layer_kind(kind), env, n_skip, &name_at);
        if (!layer) return failed(build, name);
        size_t n_args = argument_wires(layer, in + n_in);
        Result result = call_layer(build, frame, layer, in, n_in + n_args, n_args, item, name);
        result.direct = true;
        result.name_at = name_at;
        return result;
    }
    if (block) {
        block->uses++;
        return build_block(build, frame, block, item, in, n_in, n_skip);
    }
    if (shared) {
        if (item->type == AST_CALL && item->args.n > n_skip) {
            Diag *e = diag(build->diags, E0269, item->args.at[n_skip]->span, A("name", name));
            diag_label(e, shared->span, E0269_here);
            return failed(build, name);
        }
        if (!shared->layer) return failed(build, name);
        size_t n_args = argument_wires(shared->layer, in + n_in);
        return call_layer(build, frame, shared->layer, in, n_in + n_args, n_args, item, name);
    }
    if (item->type == AST_CALL && kind_find(FAMILY_ACTIVATION, name)) {
        Diag *e = diag(build->diags, E0258, item->span);
        diag_edit(diag_fix(e, E0258_bare, A("name", name)), item->span, name);
    } else {
        report_unknown_layer(build, frame, item, name);
    }
    /* Wires in the arguments of what is no layer are used all the same. */
    leading_wires(build, frame, item, false, in + n_in);
    if (!current) frame->pending->values.n = 0;
    return failed(build, name);
}

Result build_chain(Build *build, Frame *frame, const Ast *chain)
{
    Result result = {0};
    if (!chain || chain->type != AST_CHAIN || chain->items.n == 0) return result;
    size_t first = 0;
    Wire *current = NULL;
    const Ast *head = chain->items.at[0];
    if (head->type == AST_NAME) {
        Bound *bound = frame_find(frame, head->name);
        bool is_layer = kind_find(FAMILY_ACTIVATION, head->name) || kind_find(FAMILY_LAYER, head->name) ||
                        kind_waiting(FAMILY_LAYER, head->name) || (bound && bound->layer);
        Named *named = scope_find(build->scope, head->name);
        if (named && (named->type == NAMED_BLOCK || named->type == NAMED_PARAM)) is_layer = true;
        bool wanted = chain->items.n > 1;
        if ((bound && bound->wire) || (!is_layer && wanted)) {
            current = find_wire(build, frame, head->name, head->span);
            if (!current) current = unknown_wire(build);
            first = 1;
            result = (Result){.wires = ARENA_ARRAY(build->arena, Wire *, 1), .n = 1, .label = head->name};
            result.wires[0] = current;
        }
    }
    size_t n_layers = 0;
    for (size_t i = first; i < chain->items.n; i++) {
        if (chain->items.at[i]->type == AST_ERROR) {
            result = failed(build, NULL);
        } else {
            result = build_item(build, frame, chain->items.at[i], current);
        }
        n_layers += result.n_layers;
        if (i + 1 == chain->items.n) break;
        if (result.wires && result.n > 1) {
            diag_fix(diag(build->diags, E0257, chain->items.at[i]->span, A("layer", result.label),
                          A("results", arena_printf(build->arena, "%zu results", result.n)), A("names", "a chain goes on with one, and no names stand")),
                     E0257_help);
        }
        current = result.wires ? result.wires[0] : unknown_wire(build);
    }
    result.n_layers = n_layers;
    return result;
}

Layer *build_declared(Build *build, Frame *frame, const Ast *ast, const Env *env, const char *name, Span name_span)
{
    if (!ast || (ast->type != AST_NAME && ast->type != AST_CALL)) {
        if (ast && ast->type != AST_ERROR)
            diag(build->diags, E0276, ast->span, A("kind", "layer"), A("wanted", "a layer, for example `dense(8)`"), A("found", "stands something else"));
        return NULL;
    }
    if (name && (kind_find(FAMILY_LAYER, name) || kind_find(FAMILY_ACTIVATION, name)))
        diag(build->diags, E0268, name_span, A("name", name), A("what", "shared layer"));
    Bound *shared = frame_find(frame, ast->name);
    if (!name && ast->type == AST_NAME && shared && shared->layer) return shared->layer;
    const Kind *activation = ast->type == AST_NAME ? kind_find(FAMILY_ACTIVATION, ast->name) : NULL;
    const Kind *kind = kind_find(FAMILY_LAYER, ast->name);
    size_t name_at = 0;
    Layer *layer = NULL;
    if (activation) {
        layer = make_activation(build, frame, ast, activation, &name_at);
    } else if (kind && !layer_kind(kind)->hidden) {
        layer = make_layer(build, frame, ast, layer_kind(kind), env, 0, &name_at);
    } else if (!(kind && is_activation_call(build, ast))) {
        report_unknown_layer(build, frame, ast, ast->name);
    }
    if (layer && name) {
        LayerName *given = &build->names.at[name_at];
        if (given->by == NAMED_BY_KIND) {
            given->by = NAMED_BY_WIRE;
            given->base = arena_printf(build->arena, "%s%s", frame->prefix, name);
            given->span = name_span;
        }
    }
    return layer;
}
