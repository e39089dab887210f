/* infer.c: what happens when a layer is called: inputs counted, shapes and masks of the outputs, weights asked for and held to,
 * wrappers expanded. The kind's hooks say what only the kind knows; everything that holds for all kinds is here. */
#include "runtime/base/bug.h"
#include "runtime/graph/graph.h"

/* The largest length of an axis, and the most bytes that one weight or one sample's output may have. */
#define MOST_LENGTH INT32_MAX
#define MOST_BYTES 1e12

/* ---- Inputs -------------------------------------------------------------------------------------------------------- */

static const char *input_count(Arena *arena, int least, int most)
{
    if (most < 0) return arena_printf(arena, "at least %d inputs", least);
    if (least == most) return least == 1 ? "one input" : arena_printf(arena, "%d inputs", least);
    return arena_printf(arena, "%d to %d inputs", least, most);
}

static bool inputs_fit(const LayerKind *kind, int n, Arena *arena, Span span, Diags *diags)
{
    int least = kind->min_inputs, most = kind->max_inputs;
    if (least == 0 && most == 0) least = most = 1;
    if (n >= least && (most < 0 || n <= most)) return true;
    Diag *e = diag(diags, E0301, span, A("layer", kind->kind.name), A("wanted", input_count(arena, least, most)), AI("found", n));
    diag_primary(e, n < least ? E0301_few : E0301_many);
    if (n == 1 && least > 1) diag_fix(e, E0301_merge);
    else if (n > most && most == 1) diag_fix(e, E0301_join);
    return false;
}

/* ---- Sizes --------------------------------------------------------------------------------------------------------- */

/* Whether the shape can be held at all; what fits in the machine the plan says, with figures. */
static bool size_fits(Graph *graph, const Shape *shape, const Call *call, const char *what, Diags *diags)
{
    double size = 1;
    for (int i = 0; i < shape->rank; i++) {
        if (shape->dim[i] == DIM_UNKNOWN) continue;
        size *= (double)shape->dim[i];
        if (shape->dim[i] > MOST_LENGTH) {
            if (!graph->too_large) {
                Diag *e = diag(diags, E0316, call->span, A("layer", call->layer->kind->kind.name), A("what", what),
                               A("found", str_thousands(graph->arena, shape->dim[i])), A("most", str_thousands(graph->arena, MOST_LENGTH)));
                diag_primary(e, E0316_here);
            }
            graph->too_large = true;
            return false;
        }
    }
    if (size * 4 <= MOST_BYTES) return true;
    if (!graph->too_large) {
        Diag *e = diag(diags, E0317, call->span, A("layer", call->layer->kind->kind.name), A("what", what),
                       A("shape", shape_text(graph->arena, shape)), A("bytes", str_bytes(graph->arena, size * 4)));
        diag_primary(e, E0317_here);
    }
    graph->too_large = true;
    return false;
}

/* ---- Masks --------------------------------------------------------------------------------------------------------- */

static void set_masks(const LayerKind *kind, Call *call, Diags *diags)
{
    Wire *first = call->n_in > 0 ? call->in[0] : NULL;
    Wire *mask = first ? first->mask_of : NULL;
    for (int i = 0; i < call->n_out; i++) {
        Wire *out = call->out[i];
        switch (kind->mask) {
        case MASK_PASS: out->mask_of = mask; break;
        case MASK_HOOK:
            if (kind->mask_out(call, i)) out->mask_of = kind->mask_forward ? out : mask;
            break;
        case MASK_DROP:
        case MASK_STOP: break;
        }
    }
    if (kind->mask != MASK_DROP || !mask || call->outer) return;
    const Call *made = mask->maker ? call_shown(mask->maker) : NULL;
    Diag *w = diag(diags, W0301, call->span, A("layer", kind->kind.name));
    if (made) diag_label(w, made->span, W0301_made, A("maker", made->layer->kind->kind.name));
    diag_note(w, W0301_note);
}

/* ---- Weights ------------------------------------------------------------------------------------------------------- */

/* The layer by the word that calls it: layers get their names when the whole model is read. */
static const char *written_name(Graph *graph, const Call *call, Diags *diags)
{
    if (call->layer->name) return call->layer->name;
    size_t n = 0, end = call->span.begin;
    const char *text = call->span.source ? sources_text(diags_sources(diags), call->span.source, &n) : NULL;
    while (text && end < call->span.end && end < n && text[end] != '(' && text[end] != ' ') end++;
    return end > call->span.begin ? arena_text(graph->arena, text + call->span.begin, end - call->span.begin) : call->layer->kind->kind.name;
}

static bool hold_weights(Graph *graph, const Call *call, const WeightList *list, Diags *diags)
{
    const Layer *layer = call->layer;
    bool same = list->n == layer->n_weights;
    for (size_t i = 0; same && i < list->n; i++) same = shape_eq(&list->at[i].shape, &layer->weights[i].spec.shape);
    if (same) return true;
    const Call *first = NULL;
    for (size_t i = 0; i < graph->calls.n && !first; i++)
        if (graph->calls.at[i]->layer == layer) first = graph->calls.at[i];
    const char *shape = shape_text(graph->arena, &call->in[0]->shape);
    Diag *e = diag(diags, E0302, call->span, A("layer", written_name(graph, call, diags)), A("shape", shape));
    diag_primary(e, E0302_here);
    if (first) diag_label(e, first->span, E0302_first, A("first", shape_text(graph->arena, &first->in[0]->shape)));
    diag_note(e, E0302_note);
    return false;
}

static bool ask_weights(Graph *graph, Call *call, Diags *diags)
{
    Layer *layer = call->layer;
    if (!layer->kind->weights) return true;
    WeightList list = {.arena = graph->arena};
    layer->kind->weights(layer, call, &list);
    for (size_t i = 0; i < list.n; i++) {
        if (!size_fits(graph, &list.at[i].shape, call, arena_printf(graph->arena, "its weight `%s`", list.at[i].name), diags)) return false;
        ENSURE(shape_known(&list.at[i].shape)); /* infer refuses a length that weights depend on and nobody knows */
    }
    if (layer->n_calls > 0) return hold_weights(graph, call, &list, diags);
    layer->n_weights = list.n;
    layer->weights = ARENA_ARRAY(graph->arena, Weight, list.n);
    for (size_t i = 0; i < list.n; i++)
        layer->weights[i] = (Weight){.spec = list.at[i], .layer = layer, .trainable = !list.at[i].fixed && !layer_frozen(layer)};
    return true;
}

/* ---- Wrappers ------------------------------------------------------------------------------------------------------ */

static Layer *builder_layer(GraphBuilder *builder, Layer *outer, const LayerKind *kind, const void *args, const char *suffix)
{
    Layer *layer = graph_layer(builder->graph, kind, args, NULL, outer->span);
    layer->outer = outer;
    layer->suffix = suffix;
    return layer;
}

static Layer *builder_copy(GraphBuilder *builder, Layer *layer, const void *args, const char *name)
{
    Layer *copy = graph_layer(builder->graph, layer->kind, args, name, layer->span);
    copy->arg_spans = layer->arg_spans;
    copy->shown_kind = layer->shown_kind;
    copy->trainable = layer->trainable;
    copy->outer = layer->outer;
    return copy;
}

static Call *call_layer(Graph *graph, Layer *layer, Call *outer, Wire **in, int n_in, int n_args, Span span, Diags *diags);

/* Wires beyond those that the kind takes belong to its arguments. */
static int argument_wires(const LayerKind *kind, int n_in)
{
    int most = kind->min_inputs == 0 && kind->max_inputs == 0 ? 1 : kind->max_inputs;
    for (const ArgSpec *spec = kind->kind.args; most >= 0 && n_in > most && spec && spec->name; spec++)
        if (spec->type == ARG_WIRES) return n_in - most;
    return 0;
}

static Call *builder_call(GraphBuilder *builder, Call *outer, Layer *layer, Wire **in, int n_in)
{
    return call_layer(builder->graph, layer, outer, in, n_in, argument_wires(layer->kind, n_in), outer->span, builder->diags);
}

static bool expand(Graph *graph, Call *call, Diags *diags)
{
    const LayerKind *kind = call->layer->kind;
    GraphBuilder builder = {graph->arena, diags, graph, builder_layer, builder_copy, builder_call};
    if (kind->inner && !call->layer->inner && !kind->inner(&builder, call->layer)) return false;
    return kind->expand(&builder, call, call->out);
}

/* ---- A call -------------------------------------------------------------------------------------------------------- */

/* The results of a wrapper come from inside it; they need wires of their own only where its inputs are not known. */
static void make_outputs(Graph *graph, Call *call, bool known)
{
    const Layer *layer = call->layer;
    call->n_out = layer->kind->n_outputs ? layer->kind->n_outputs(layer) : 1;
    call->out = ARENA_ARRAY(graph->arena, Wire *, call->n_out);
    if (known && layer->kind->expand) return;
    for (int i = 0; i < call->n_out; i++) {
        Wire *wire = ARENA_NEW(graph->arena, Wire);
        *wire = (Wire){.shape = shape_unknown(), .maker = call, .port = i, .index = (int)graph->wires.n, .span = call->span};
        VEC_PUSH(graph->arena, graph->wires, wire);
        call->out[i] = wire;
    }
}

/* Shapes of the outputs; the rows of the batch that are one sample are the first input's unless the kind folds. */
static bool infer_shapes(Graph *graph, Call *call, Diags *diags)
{
    const LayerKind *kind = call->layer->kind;
    Infer infer = {graph->arena, diags, call->span};
    if (!kind->infer(&infer, call)) return false;
    if (kind->expand) return true;
    for (int i = 0; i < call->n_out; i++) {
        if (!kind->folds && call->n_in > 0) call->out[i]->shape.rows = call->in[0]->shape.rows;
        if (!size_fits(graph, &call->out[i]->shape, call, "its result", diags)) return false;
        if (kind->is_view && call->n_in == 1) call->out[i]->categories = call->in[0]->categories;
    }
    return true;
}

static bool over_batch_inside(const Call *call, Diags *diags)
{
    if (!call->layer->kind->over_batch || !call->outer || call->in[0]->shape.rows == 1) return false;
    const Layer *outer = call->outer->layer;
    Diag *e = diag(diags, E0310, call->layer->span, A("layer", call->layer->kind->kind.name), A("wrapper", outer->kind->kind.name));
    diag_primary(e, E0310_here);
    Fix *fix = diag_fix(e, E0310_bare);
    Span inside = call->layer->span, whole = call->outer->layer->span;
    if (inside.source && inside.source == whole.source && whole.begin < inside.begin && inside.end < whole.end) {
        diag_edit(fix, (Span){whole.source, whole.begin, inside.begin}, "");
        diag_edit(fix, (Span){whole.source, inside.end, whole.end}, "");
    }
    return true;
}

static Call *call_layer(Graph *graph, Layer *layer, Call *outer, Wire **in, int n_in, int n_args, Span span, Diags *diags)
{
    const LayerKind *kind = layer->kind;
    if (!inputs_fit(kind, n_in - n_args, graph->arena, span, diags)) return NULL;
    Call *call = ARENA_NEW(graph->arena, Call);
    *call = (Call){.layer = layer, .n_in = n_in, .n_args_in = n_args, .nth = layer->n_calls, .span = span, .outer = outer, .index = -1};
    call->in = ARENA_ARRAY(graph->arena, Wire *, n_in);
    bool known = true;
    for (int i = 0; i < n_in; i++) {
        call->in[i] = in[i];
        in[i]->uses++;
        known &= in[i]->shape.rank != SHAPE_UNKNOWN;
    }
    make_outputs(graph, call, known);
    if (known) {
        if (over_batch_inside(call, diags) || !infer_shapes(graph, call, diags)) return NULL;
        if (!kind->expand) set_masks(kind, call, diags);
        if (!ask_weights(graph, call, diags)) return NULL;
        if (kind->expand) {
            if (!expand(graph, call, diags)) return NULL;
            set_masks(kind, call, diags);
        }
    }
    layer->n_calls++;
    if (!outer) {
        if (layer->index < 0) {
            layer->index = (int)graph->layers.n;
            VEC_PUSH(graph->arena, graph->layers, layer);
        }
        VEC_PUSH(graph->arena, graph->shown, call);
    }
    if (!kind->expand) {
        call->index = (int)graph->calls.n;
        VEC_PUSH(graph->arena, graph->calls, call);
    }
    return call;
}

Call *graph_call(Graph *graph, Layer *layer, Wire **in, int n_in, int n_args, Span span, Diags *diags)
{
    return call_layer(graph, layer, NULL, in, n_in, n_args, span, diags);
}
