/* graph.c: wires, layers, names, and where weights lie. What a call means is infer.c. */
#include "runtime/graph/graph.h"

#include "runtime/base/bug.h"

Graph *graph_new(Arena *arena, const char *name, Span span)
{
    Graph *graph = ARENA_NEW(arena, Graph);
    graph->arena = arena;
    graph->name = name;
    graph->span = span;
    return graph;
}

Wire *graph_input(Graph *graph, const char *name, Shape shape, Span span)
{
    Wire *wire = ARENA_NEW(graph->arena, Wire);
    *wire = (Wire){.name = name, .shape = shape, .index = (int)graph->wires.n, .span = span};
    VEC_PUSH(graph->arena, graph->wires, wire);
    GraphPort port = {name, wire, span};
    VEC_PUSH(graph->arena, graph->inputs, port);
    return wire;
}

Layer *graph_layer(Graph *graph, const LayerKind *kind, const void *args, const char *name, Span span)
{
    Layer *layer = ARENA_NEW(graph->arena, Layer);
    *layer = (Layer){.kind = kind, .args = args, .name = name, .shown_kind = kind->kind.name, .trainable = true, .span = span, .index = -1};
    VEC_PUSH(graph->arena, graph->made, layer);
    return layer;
}

bool graph_output(Graph *graph, const char *name, Wire *wire, Span span)
{
    GraphPort port = {name, wire, span};
    VEC_PUSH(graph->arena, graph->outputs, port);
    wire->uses++;
    bool plain = graph->inputs.n == 1 && graph->outputs.n == 1;
    for (size_t i = 0; plain && i < graph->shown.n; i++) {
        const Call *call = graph->shown.at[i];
        const Wire *expected = i == 0 ? graph->inputs.at[0].wire : graph->shown.at[i - 1]->out[0];
        plain = call->n_in == 1 && call->n_out == 1 && call->in[0] == expected && call->layer->n_calls == 1;
    }
    graph->sequential = plain;
    return true;
}

/* ---- Names --------------------------------------------------------------------------------------------------------- */

/* A small open hash of the names in use, with the next number of each base: a graph may hold 100,000 layers. */
typedef struct {
    const char *name;
    size_t next;
} NameSlot;

typedef struct {
    NameSlot *at;
    size_t cap;
} NameTable;

static NameSlot *name_slot(const NameTable *table, const char *name)
{
    uint64_t hash = rng_stream(name);
    for (size_t i = (size_t)(hash % table->cap);; i = (i + 1) % table->cap)
        if (!table->at[i].name || str_eq(table->at[i].name, name)) return &table->at[i];
}

static const char *name_free(Graph *graph, NameTable *table, const char *base)
{
    NameSlot *slot = name_slot(table, base);
    const char *name = base;
    while (name_slot(table, name)->name) name = arena_printf(graph->arena, "%s_%zu", base, ++slot->next);
    name_slot(table, name)->name = name;
    return name;
}

/* Made from `outer` to stand in its place: its suffix stands before that name ("forward_"). */
static bool layer_is_copy(const Layer *layer) { return layer->suffix && (!*layer->suffix || str_ends(layer->suffix, "_")); }

void graph_name_layers(Graph *graph)
{
    NameTable table = {.cap = 2 * (graph->made.n + graph->inputs.n) + 16};
    table.at = ARENA_ARRAY(graph->arena, NameSlot, table.cap);
    for (size_t i = 0; i < graph->inputs.n; i++)
        if (graph->inputs.at[i].name) name_slot(&table, graph->inputs.at[i].name)->name = graph->inputs.at[i].name;
    for (size_t i = 0; i < graph->made.n; i++)
        if (graph->made.at[i]->name) name_slot(&table, graph->made.at[i]->name)->name = graph->made.at[i]->name;
    for (size_t i = 0; i < graph->made.n; i++) {
        Layer *layer = graph->made.at[i];
        if (!layer->name && !layer->suffix) layer->name = name_free(graph, &table, layer->kind->kind.name);
    }
    for (size_t i = 0; i < graph->made.n; i++) { /* the outer one was made before those inside it */
        Layer *layer = graph->made.at[i];
        if (layer->name || !layer->outer) continue;
        const char *outer = layer->outer->name, *suffix = layer->suffix;
        if (!layer_is_copy(layer)) layer->name = arena_printf(graph->arena, "%s_%s", outer, suffix);
        else layer->name = str_starts(outer, suffix) ? outer : arena_printf(graph->arena, "%s%s", suffix, outer);
    }
}

/* ---- Walking layers ------------------------------------------------------------------------------------------------ */

typedef struct {
    Arena *arena;
    uint32_t walk;
    VEC(Layer *) found;
} LayerWalk;

static void walk_layer(LayerWalk *walk, Layer *layer)
{
    if (layer->mark == walk->walk) return;
    layer->mark = walk->walk;
    VEC_PUSH(walk->arena, walk->found, layer);
    for (size_t i = 0; i < layer->n_inner; i++) walk_layer(walk, layer->inner[i]);
}

Layer *const *graph_all_layers(Graph *graph, Arena *arena, size_t *n)
{
    LayerWalk walk = {.arena = arena, .walk = ++graph->walks};
    for (size_t i = 0; i < graph->layers.n; i++) walk_layer(&walk, graph->layers.at[i]);
    *n = walk.found.n;
    return walk.found.at;
}

bool layer_frozen(const Layer *layer)
{
    for (; layer; layer = layer->outer)
        if (!layer->trainable) return true;
    return false;
}

/* ---- Weights ------------------------------------------------------------------------------------------------------- */

void graph_place_weights(Graph *graph, size_t *n_values, size_t *n_trained)
{
    size_t n;
    Layer *const *layers = graph_all_layers(graph, graph->arena, &n);
    size_t offset = 0;
    for (int fixed = 0; fixed < 2; fixed++) {
        for (size_t i = 0; i < n; i++) {
            bool frozen = layer_frozen(layers[i]);
            for (size_t j = 0; j < layers[i]->n_weights; j++) {
                Weight *weight = &layers[i]->weights[j];
                weight->trainable = !frozen && !weight->spec.fixed;
                if (weight->trainable == (fixed == 1)) continue;
                weight->offset = offset;
                offset += (size_t)shape_size(&weight->spec.shape);
            }
        }
        if (fixed == 0) *n_trained = offset;
    }
    *n_values = offset;
}

static int64_t count(const Layer *layer, bool trainable)
{
    int64_t sum = 0;
    for (size_t i = 0; i < layer->n_weights; i++) {
        const WeightSpec *spec = &layer->weights[i].spec;
        if (!trainable || (!spec->fixed && !layer_frozen(layer))) sum += shape_size(&spec->shape);
    }
    for (size_t i = 0; i < layer->n_inner; i++) sum += count(layer->inner[i], trainable);
    return sum;
}

int64_t layer_parameters(const Layer *layer) { return count(layer, false); }
int64_t layer_trainable(const Layer *layer) { return count(layer, true); }

/* A layer that stands inside a wrapper and for itself counts once. */
static int64_t count_graph(const Graph *graph, bool trainable)
{
    Arena *arena = arena_new("counting parameters");
    LayerWalk walk = {.arena = arena, .walk = ++((Graph *)(uintptr_t)graph)->walks};
    for (size_t i = 0; i < graph->layers.n; i++) walk_layer(&walk, graph->layers.at[i]);
    int64_t sum = 0;
    for (size_t i = 0; i < walk.found.n; i++) {
        const Layer *layer = walk.found.at[i];
        for (size_t j = 0; j < layer->n_weights; j++) {
            const WeightSpec *spec = &layer->weights[j].spec;
            if (!trainable || (!spec->fixed && !layer_frozen(layer))) sum += shape_size(&spec->shape);
        }
    }
    arena_free(arena);
    return sum;
}

int64_t graph_parameters(const Graph *graph) { return count_graph(graph, false); }
int64_t graph_trainable(const Graph *graph) { return count_graph(graph, true); }

/* ---- What layers carry behind them --------------------------------------------------------------------------------- */

static KindRef marked_argument(const Layer *layer, bool epilogue)
{
    for (const ArgSpec *spec = layer->kind->kind.args; spec && spec->name; spec++)
        if (epilogue ? spec->epilogue : spec->activity) return *(const KindRef *)((const char *)layer->args + spec->offset);
    return (KindRef){0};
}

static bool is_linear(KindRef ref) { return ref.kind && ((const ActivationKind *)ref.kind)->reads == 0; }

KindRef layer_epilogue(const Layer *layer)
{
    KindRef ref = marked_argument(layer, true);
    return is_linear(ref) ? (KindRef){0} : ref;
}

KindRef layer_activity(const Layer *layer)
{
    if (layer->kind->no_activity || (layer->index < 0 && !layer_is_copy(layer))) return (KindRef){0};
    return marked_argument(layer, false);
}

const Call *call_shown(const Call *call)
{
    while (call->outer) call = call->outer;
    return call;
}

KindRef graph_output_ref(const Graph *graph, int output)
{
    const Wire *wire = graph->outputs.at[output].wire;
    /* Through what only reshapes: a softmax before it is over another axis, but an elementwise activation stays. */
    while (wire->maker) {
        const Call *call = wire->maker;
        KindRef ref = layer_epilogue(call->layer);
        if (!ref.kind && call->layer->kind->activation) ref = call->layer->kind->activation(call);
        bool through = wire != graph->outputs.at[output].wire;
        if (ref.kind) return through && ((const ActivationKind *)ref.kind)->by_row ? (KindRef){0} : ref;
        if (!call->layer->kind->is_view) break;
        wire = call->in[0];
    }
    return (KindRef){0};
}

const ActivationKind *graph_output_activation(const Graph *graph, int output)
{
    return (const ActivationKind *)graph_output_ref(graph, output).kind;
}
