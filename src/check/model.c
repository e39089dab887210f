/* A model's lines, one after another: inputs, wires, outputs, repeats; what is pending. Chains are model_chain.c. */
#include "src/check/model.h"

#include "src/check/model_build.h"

Wire *unknown_wire(Build *build)
{
    Wire *wire = ARENA_NEW(build->arena, Wire);
    wire->shape = shape_unknown();
    wire->index = -1;
    return wire;
}

Bound *frame_find(Frame *frame, const char *name)
{
    for (Frame *f = frame; f; f = f->parent)
        for (size_t i = 0; i < f->names.n; i++)
            if (str_eq(f->names.at[i].name, name)) return &f->names.at[i];
    return NULL;
}

void frame_bind(Build *build, Frame *frame, Bound bound)
{
    if (!bound.name) return;
    Bound *first = frame_find(frame, bound.name);
    if (first) {
        Diag *e = diag(build->diags, E0252, bound.span, A("name", bound.name));
        diag_label(e, first->span, E0252_first);
        diag_fix(e, E0252_help);
        return;
    }
    VEC_PUSH(build->arena, frame->names, bound);
}

void pending_add(Build *build, Frame *frame, Wire *wire, const char *name, Span span)
{
    PendingValue value = {wire, name, span};
    VEC_PUSH(build->arena, frame->pending->values, value);
    build->last = wire;
}

void pending_use(Frame *frame, const Wire *wire)
{
    Pending *pending = frame->pending;
    size_t kept = 0;
    for (size_t i = 0; i < pending->values.n; i++)
        if (pending->values.at[i].wire != wire) pending->values.at[kept++] = pending->values.at[i];
    pending->values.n = kept;
}

Wire *pending_take(Build *build, Frame *frame, const char *layer, Span span)
{
    Pending *pending = frame->pending;
    if (pending->values.n == 1) {
        Wire *wire = pending->values.at[0].wire;
        pending->values.n = 0;
        return wire;
    }
    build->unknown_wires = true;
    if (pending->values.n == 0 && !frame->block && !build->has_input) return NULL; /* E0256 says it */
    if (pending->values.n == 0) {
        Diag *e = diag(build->diags, E0253, span, A("layer", layer));
        if (build->last) diag_fix(e, E0253_used);
        else diag_fix(e, E0253_input);
        return NULL;
    }
    const char **names = ARENA_ARRAY(build->arena, const char *, pending->values.n);
    Buf list = buf_in(build->arena);
    for (size_t i = 0; i < pending->values.n; i++) {
        names[i] = pending->values.at[i].name;
        buf_printf(&list, "%s%s", i ? ", " : "", names[i]);
    }
    Diag *e = diag(build->diags, E0254, span, A("layer", layer), A("names", str_join(build->arena, names, pending->values.n, true)));
    for (size_t i = 0; i < pending->values.n; i++)
        diag_label(e, pending->values.at[i].span, E0254_candidate, A("name", names[i]));
    diag_fix(e, E0254_join, A("list", list.at), A("first", names[0]));
    /* One report is enough: the lines below go on from an unknown value. */
    pending->values.n = 0;
    return NULL;
}

/* ---- Inputs -------------------------------------------------------------------------------------------------------- */

static Shape written_shape(Build *build, const Frame *frame, const Ast *line)
{
    Shape shape = {.rank = 0, .rows = 1};
    for (size_t i = 0; i < line->args.n; i++) {
        const Ast *dim = line->args.at[i];
        int64_t length = DIM_UNKNOWN;
        if (dim->type != AST_NONE && !scope_whole(build->scope, dim, frame->env, "input", 1, &length))
            return shape_unknown();
        if (shape.rank == SHAPE_MAX_RANK) {
            diag(build->diags, E0276, dim->span, A("kind", "input"),
                 A("wanted", arena_printf(build->arena, "at most %d lengths", SHAPE_MAX_RANK)), A("found", "are more"));
            return shape_unknown();
        }
        shape.dim[shape.rank++] = length;
    }
    return shape;
}

/* The data's group for an input: the only one for the only input, else the one of its name. */
static const ModelGroup *group_of(Build *build, const Ast *line, size_t n_inputs)
{
    const ModelData *data = build->data;
    if (data->n_groups == 1 && n_inputs == 1) return &data->groups[0];
    for (size_t i = 0; i < data->n_groups; i++)
        if (str_eq(data->groups[i].name, line->name)) return &data->groups[i];
    const char **names = ARENA_ARRAY(build->arena, const char *, data->n_groups + 1);
    for (size_t i = 0; i < data->n_groups; i++) names[i] = data->groups[i].name;
    build->unknown_group = true;
    Diag *e = diag(build->diags, E0264, line->name_span, A("name", line->name), A("data", data->name));
    diag_note(e, E0264_groups, A("names", str_join(build->arena, names, data->n_groups, true)));
    const char *nearest = str_nearest(line->name, names, data->n_groups);
    if (nearest) diag_did_you_mean(e, line->name_span, nearest);
    else diag_fix(e, E0264_help);
    return NULL;
}

static bool fits(const Shape *declared, const Shape *found)
{
    if (found->rank == SHAPE_UNKNOWN || declared->rank == SHAPE_UNKNOWN) return true;
    if (declared->rank != found->rank) return false;
    for (int i = 0; i < declared->rank; i++)
        if (declared->dim[i] != DIM_UNKNOWN && found->dim[i] != DIM_UNKNOWN && declared->dim[i] != found->dim[i]) return false;
    return true;
}

static void model_input(Build *build, Frame *frame, const Ast *line, size_t n_inputs)
{
    Shape shape = written_shape(build, frame, line);
    bool declared = line->args.n > 0;
    int64_t categories = 0;
    const ModelGroup *group = build->data ? group_of(build, line, n_inputs) : NULL;
    if (group) {
        categories = group->categories;
        if (!declared) {
            shape = group->shape;
        } else if (!fits(&shape, &group->shape)) {
            Diag *e = diag(build->diags, E0266, line->span, A("name", line->name), A("declared", shape_text(build->arena, &shape)),
                           A("data", build->data->name), A("found", shape_text(build->arena, &group->shape)));
            diag_edit(diag_fix(e, E0266_help), (Span){line->span.source, line->name_span.end, line->span.end}, "");
            shape = group->shape;
        } else if (group->shape.rank != SHAPE_UNKNOWN) {
            shape = group->shape;
        }
    } else if (!declared) {
        shape = shape_unknown();
        if (!build->broken && !build->data) {
            Diag *e = diag(build->diags, E0263, line->span, A("name", line->name));
            diag_fix(e, E0263_help);
        }
    }
    if (shape.rank != SHAPE_UNKNOWN) shape.rows = 1;
    Wire *wire = graph_input(build->graph, line->name, shape, line->name_span);
    wire->categories = categories;
    frame_bind(build, frame, (Bound){.name = line->name, .wire = wire, .span = line->name_span, .what = "input"});
    pending_add(build, frame, wire, line->name, line->name_span);
}

static void block_input(Build *build, Frame *frame, const Ast *line)
{
    Wire *wire = frame->next_input < frame->inputs.n ? frame->inputs.at[frame->next_input] : unknown_wire(build);
    frame->next_input++;
    frame_bind(build, frame, (Bound){.name = line->name, .wire = wire, .span = line->name_span, .what = "input"});
    pending_add(build, frame, wire, line->name, line->name_span);
}

/* ---- Wires and outputs --------------------------------------------------------------------------------------------- */

/* The layer written last takes the wire's or the output's name, unless `name=` gave it one. */
static void give_name(Build *build, const Frame *frame, const Result *result, const char *name, Span span)
{
    if (!result->direct) return;
    LayerName *layer = &build->names.at[result->name_at];
    if (layer->by != NAMED_BY_KIND) return;
    layer->by = NAMED_BY_WIRE;
    layer->base = arena_printf(build->arena, "%s%s", frame->prefix, name);
    layer->span = span;
}

static void wire_line(Build *build, Frame *frame, const Ast *line)
{
    Result result = build_chain(build, frame, line->value);
    size_t n = line->args.n;
    if (result.n != n && result.wires) {
        Span names = {line->span.source, line->span.begin, line->value->span.begin};
        diag_fix(diag(build->diags, E0257, names,
                      A("layer", result.label ? result.label : "this"),
                      A("results", result.n == 1 ? "one result" : arena_printf(build->arena, "%zu results", result.n)),
                      A("names", n == 1 ? "one name stands" : arena_printf(build->arena, "%zu names stand", n))),
                 E0257_help);
        result.wires = NULL;
    }
    if (result.wires && n >= 1 && line->args.at[0]->name && (n > 1 || result.n_layers == 1))
        give_name(build, frame, &result, line->args.at[0]->name, line->args.at[0]->span);
    for (size_t i = 0; i < n; i++) {
        const Ast *name = line->args.at[i];
        Wire *wire = result.wires ? result.wires[i] : unknown_wire(build);
        if (!wire->name && result.n_layers) wire->name = name->name;
        frame_bind(build, frame, (Bound){.name = name->name, .wire = wire, .span = name->span, .what = n == 1 ? "wire" : NULL});
        if (n == 1) pending_add(build, frame, wire, name->name, name->span);
        else build->last = wire;
    }
}

static void output_line(Build *build, Frame *frame, const Ast *line)
{
    Wire *wire = NULL;
    if (line->value) {
        Result result = build_chain(build, frame, line->value);
        if (result.wires && result.n != 1) {
            diag_fix(diag(build->diags, E0257, line->value->span, A("layer", result.label ? result.label : "this"),
                          A("results", arena_printf(build->arena, "%zu results", result.n)), A("names", "one name stands")),
                     E0257_help);
            return;
        }
        if (result.wires) {
            wire = result.wires[0];
            give_name(build, frame, &result, line->name, line->name_span);
        }
    } else {
        Bound *bound = frame_find(frame, line->name);
        if (bound && bound->wire) {
            wire = bound->wire;
            wire->uses++;
            pending_use(frame, wire);
        } else {
            Ast name = {.type = AST_NAME, .name = line->name, .name_span = line->name_span, .span = line->name_span};
            Ast *item = &name;
            Ast chain = {.type = AST_CHAIN, .span = line->name_span, .items = {&item, 1, 1}};
            build_chain(build, frame, &chain);
        }
    }
    if (!wire) wire = unknown_wire(build);
    build->last = wire;
    if (frame->block) {
        VEC_PUSH(build->arena, frame->outputs, wire);
        return;
    }
    for (size_t i = 0; i < build->graph->outputs.n; i++) {
        if (!str_eq(build->graph->outputs.at[i].name, line->name)) continue;
        Diag *e = diag(build->diags, E0275, line->name_span, A("name", line->name));
        diag_label(e, build->graph->outputs.at[i].span, E0275_first);
        return;
    }
    wire->uses++;
    graph_output(build->graph, line->name, wire, line->name_span);
    /* `output price = h -> dense(1)`: price can be used further down like a wire. */
    if (line->value && !frame_find(frame, line->name))
        frame_bind(build, frame, (Bound){.name = line->name, .wire = wire, .span = line->name_span});
}

static void sequential_line(Build *build, Frame *frame, const Ast *line)
{
    Result result = build_chain(build, frame, line->value);
    if (!result.wires || result.n == 0) {
        pending_add(build, frame, unknown_wire(build), "this value", line->span);
        return;
    }
    if (result.n > 1) {
        diag_fix(diag(build->diags, E0257, line->span, A("layer", result.label ? result.label : "this"),
                      A("results", arena_printf(build->arena, "%zu results", result.n)), A("names", "no name stands")),
                 E0257_help);
    }
    pending_add(build, frame, result.wires[0], result.label ? result.label : "this value", line->span);
}

static void warn_unused(Build *build, const Frame *frame)
{
    for (size_t i = 0; i < frame->names.n && !build->unknown_wires; i++) {
        const Bound *bound = &frame->names.at[i];
        if (!bound->what || !bound->wire || bound->wire->uses) continue;
        Diag *w = diag(build->diags, W0250, bound->span, A("what", bound->what), A("name", bound->name));
        diag_fix(w, W0250_help);
    }
}

static void repeat_line(Build *build, Frame *frame, const Ast *line)
{
    int64_t count = 0;
    if (!scope_whole(build->scope, line->value, frame->env, "repeat", 1, &count)) count = 1;
    for (int64_t turn = 0; turn < count && !build->too_large; turn++) {
        Frame inner = {.parent = frame, .from = frame->from, .block = frame->block, .env = frame->env, .prefix = frame->prefix,
                       .pending = frame->pending};
        build_lines(build, &inner, &line->items);
        for (size_t i = 0; i < inner.outputs.n; i++) VEC_PUSH(build->arena, frame->outputs, inner.outputs.at[i]);
        /* What is still pending goes on below and is judged there. */
        for (size_t i = 0; i < inner.names.n; i++)
            for (size_t k = 0; k < frame->pending->values.n; k++)
                if (inner.names.at[i].wire == frame->pending->values.at[k].wire) inner.names.at[i].what = NULL;
        warn_unused(build, &inner);
    }
}

void build_lines(Build *build, Frame *frame, const AstList *lines)
{
    size_t n_inputs = 0;
    for (size_t i = 0; i < lines->n; i++)
        if (lines->at[i]->type == AST_INPUT) n_inputs++;
    for (size_t i = 0; i < lines->n && !build->too_large; i++) {
        const Ast *line = lines->at[i];
        switch ((int)line->type) {
        case AST_INPUT:
            if (frame->block) block_input(build, frame, line);
            else model_input(build, frame, line, n_inputs);
            break;
        case AST_WIRE: wire_line(build, frame, line); break;
        case AST_OUTPUT: output_line(build, frame, line); break;
        case AST_LINE: sequential_line(build, frame, line); break;
        case AST_REPEAT: repeat_line(build, frame, line); break;
        case AST_LAYER: {
            Layer *layer = build_declared(build, frame, line->value, frame->env, line->name, line->name_span);
            frame_bind(build, frame, (Bound){.name = line->name, .layer = layer, .span = line->name_span});
            break;
        }
        case AST_WEIGHTS_FROM: break; /* once the model is whole */
        default:
            /* A line that could not be read: what comes below goes on from an unknown value, without a word. */
            build->unknown_wires = true;
            for (size_t k = 0; k < line->args.n; k++)
                if (!frame_find(frame, line->args.at[k]->name))
                    frame_bind(build, frame, (Bound){.name = line->args.at[k]->name, .wire = unknown_wire(build), .span = line->span});
            pending_add(build, frame, unknown_wire(build), "this value", line->span);
            frame->pending->values.at[0] = frame->pending->values.at[frame->pending->values.n - 1];
            frame->pending->values.n = 1;
            break;
        }
    }
}

/* Without an `output` line the last value is the output. */
static void last_value_is_output(Build *build, Frame *frame)
{
    if (build->graph->outputs.n || !build->last) return;
    Wire *wire = build->last;
    if (frame->pending->values.n == 1) wire = frame->pending->values.at[0].wire;
    wire->uses++;
    graph_output(build->graph, NULL, wire, wire->span);
}

static bool has_layers(const AstList *lines)
{
    for (size_t i = 0; i < lines->n; i++)
        if (lines->at[i]->type != AST_INPUT) return true;
    return false;
}

Graph *check_model(Arena *arena, Scope *scope, const Named *model, const ModelData *data, bool broken, Diags *diags)
{
    const Ast *ast = model->ast;
    Build build = {.arena = arena, .diags = diags, .scope = scope, .model = model, .data = data, .broken = broken};
    build.graph = graph_new(arena, model->name, ast->name_span);
    Pending pending = {{0}};
    Frame frame = {.prefix = "", .pending = &pending};
    if (!has_layers(&ast->items)) {
        diag_fix(diag(diags, E0255, ast->name_span, A("name", model->name)), E0255_help);
        return build.graph;
    }
    for (size_t i = 0; i < ast->items.n; i++) build.has_input = build.has_input || ast->items.at[i]->type == AST_INPUT;
    build_lines(&build, &frame, &ast->items);
    if (build.too_large) diag(diags, E0270, ast->name_span, A("name", model->name));
    if (!build.graph->inputs.n) {
        bool unread = false;
        for (size_t i = 0; i < ast->items.n; i++)
            if (ast->items.at[i]->type == AST_ERROR) unread = true;
        if (!unread) diag_fix(diag(diags, E0256, ast->name_span, A("name", model->name)), E0256_help);
    }
    last_value_is_output(&build, &frame);
    warn_unused(&build, &frame);
    name_layers(&build);
    if (data && build.graph->inputs.n && data->n_groups > 1 && !build.unknown_group) {
        for (size_t g = 0; g < data->n_groups; g++) {
            bool found = false;
            const char **names = ARENA_ARRAY(arena, const char *, build.graph->inputs.n);
            for (size_t i = 0; i < build.graph->inputs.n; i++) {
                names[i] = build.graph->inputs.at[i].name;
                if (str_eq(names[i], data->groups[g].name)) found = true;
            }
            if (found) continue;
            Diag *e = diag(diags, E0265, ast->name_span, A("name", data->groups[g].name), A("data", data->name), A("model", model->name));
            diag_note(e, E0265_inputs, A("names", str_join(arena, names, build.graph->inputs.n, true)));
        }
    }
    return build.graph;
}
