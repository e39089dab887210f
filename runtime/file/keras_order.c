/* Where Keras puts things: the order of layers in a model and the paths of weights in its file. See keras.h. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/file/keras.h"
#include "runtime/kinds/layers/model.h"

const char *keras_snake(Arena *arena, const char *name)
{
    Buf out = buf_in(arena);
    for (size_t i = 0; name[i]; i++) {
        unsigned char c = (unsigned char)name[i];
        if (!isalnum(c) && c != '_') continue;
        bool capital = isupper(c), before_small = islower((unsigned char)name[i + 1]);
        bool after_small = i > 0 && islower((unsigned char)name[i - 1]);
        if (i > 0 && capital && (before_small || after_small) && out.n && out.at[out.n - 1] != '_') buf_char(&out, '_');
        buf_char(&out, (char)tolower(c));
    }
    return out.at ? out.at : "";
}

const char *keras_class(Arena *arena, const Kind *kind)
{
    return kind->keras ? arena_text(arena, kind->keras, strcspn(kind->keras, "|")) : "";
}

bool keras_sequential(const Graph *graph)
{
    if (!graph->sequential || graph->outputs.n != 1) return false;
    const Wire *last = graph->shown.n ? graph->shown.at[graph->shown.n - 1]->out[0] : graph->inputs.at[0].wire;
    return graph->outputs.at[0].wire == last;
}

const Call *keras_maker(const Wire *wire, int *port)
{
    const Call *call = wire->maker;
    *port = 0;
    if (!call) return NULL;
    while (call->outer) call = call->outer;
    for (int i = 0; i < call->n_out; i++)
        if (call->out[i] == wire) *port = i;
    return call;
}

/* ---- Order ------------------------------------------------------------------------------------------------------------------
 *
 * Keras works the order of a functional model out from its outputs: depth first, each call after the calls that feed it; then,
 * backwards, each layer's depth is one more than that of what it feeds; deepest first, then in order of the first visit. */

typedef struct {
    const Graph *graph;
    Arena *arena;
    KerasItem *items;  /* inputs, then layers, in order of the first visit */
    size_t n_items;
    int64_t *depth;    /* of items */
    const Call **done; /* calls, NULL for inputs */
    size_t *done_item;
    size_t n_done;
    bool *finished;    /* of shown calls by their place */
    bool *input_done;
} Order;

static size_t shown_place(const Graph *graph, const Call *call)
{
    for (size_t i = 0; i < graph->shown.n; i++)
        if (graph->shown.at[i] == call) return i;
    return graph->shown.n;
}

static size_t item_of(Order *o, const Layer *layer, int input)
{
    for (size_t i = 0; i < o->n_items; i++)
        if (o->items[i].layer == layer && o->items[i].input == input) return i;
    o->items[o->n_items] = (KerasItem){layer, input};
    return o->n_items++;
}

static int input_of(const Graph *graph, const Wire *wire)
{
    for (size_t i = 0; i < graph->inputs.n; i++)
        if (graph->inputs.at[i].wire == wire) return (int)i;
    return -1;
}

static void finish(Order *o, const Call *call, size_t item)
{
    o->done[o->n_done] = call;
    o->done_item[o->n_done++] = item;
}

static void visit(Order *o, const Wire *wire)
{
    int port;
    const Call *call = keras_maker(wire, &port);
    if (!call) {
        int input = input_of(o->graph, wire);
        if (input < 0 || o->input_done[input]) return;
        o->input_done[input] = true;
        finish(o, NULL, item_of(o, NULL, input));
        return;
    }
    size_t place = shown_place(o->graph, call);
    if (place == o->graph->shown.n || o->finished[place]) return;
    size_t item = item_of(o, call->layer, -1);
    for (int i = 0; i < call->n_in; i++) visit(o, call->in[i]);
    if (o->finished[place]) return;
    o->finished[place] = true;
    finish(o, call, item);
}

typedef struct {
    KerasItem item;
    int64_t depth;
    size_t index;
} Ranked;

static int by_depth(const void *a, const void *b)
{
    const Ranked *x = a, *y = b;
    if (x->depth != y->depth) return x->depth < y->depth ? 1 : -1;
    return (x->index > y->index) - (x->index < y->index);
}

size_t keras_order(Arena *arena, const Graph *graph, KerasItem **items)
{
    size_t most = graph->inputs.n + graph->shown.n + 1;
    Order o = {.graph = graph, .arena = arena};
    o.items = ARENA_ARRAY(arena, KerasItem, most);
    o.depth = ARENA_ARRAY(arena, int64_t, most);
    o.done = ARENA_ARRAY(arena, const Call *, most);
    o.done_item = ARENA_ARRAY(arena, size_t, most);
    o.finished = ARENA_ARRAY(arena, bool, graph->shown.n + 1);
    o.input_done = ARENA_ARRAY(arena, bool, graph->inputs.n + 1);
    *items = o.items;
    if (keras_sequential(graph)) {
        for (size_t i = 0; i < graph->layers.n; i++) item_of(&o, graph->layers.at[i], -1);
        return o.n_items;
    }
    for (size_t k = 0; k < graph->outputs.n; k++) visit(&o, graph->outputs.at[k].wire);
    int64_t *call_depth = ARENA_ARRAY(arena, int64_t, most);
    for (size_t d = o.n_done; d-- > 0;) {
        size_t item = o.done_item[d];
        const Call *call = o.done[d];
        int64_t depth = call_depth[d] > o.depth[item] ? call_depth[d] : o.depth[item];
        o.depth[item] = depth;
        for (int i = 0; call && i < call->n_in; i++) {
            int port;
            const Call *feeding = keras_maker(call->in[i], &port);
            int input = feeding ? -1 : input_of(graph, call->in[i]);
            for (size_t e = 0; e < o.n_done; e++) {
                bool same = feeding ? o.done[e] == feeding : !o.done[e] && o.items[o.done_item[e]].input == input;
                if (same && call_depth[e] < depth + 1) call_depth[e] = depth + 1;
            }
        }
    }
    Ranked *ranked = ARENA_ARRAY(arena, Ranked, most);
    size_t n = 0;
    for (size_t i = 0; i < o.n_items; i++) ranked[n++] = (Ranked){o.items[i], o.depth[i], i + 1};
    for (size_t i = 0; i < graph->inputs.n; i++)
        if (!o.input_done[i]) ranked[n++] = (Ranked){{NULL, (int)i}, 0, 0};
    qsort(ranked, n, sizeof *ranked, by_depth);
    for (size_t i = 0; i < n; i++) o.items[i] = ranked[i].item;
    return n;
}

/* ---- Paths --------------------------------------------------------------------------------------------------------------------- */

typedef struct {
    Arena *arena;
    VEC(KerasArray) arrays;
    VEC(const char *) groups;
} Paths;

/* A group, unless it stands among those from `from` on. */
static void add_group(Paths *p, const char *path, size_t from)
{
    for (size_t i = from; i < p->groups.n; i++)
        if (str_eq(p->groups.at[i], path)) return;
    VEC_PUSH(p->arena, p->groups, path);
}

static void graph_paths(Paths *p, const Graph *graph, const char *prefix);

static void own_weights(Paths *p, const Layer *layer, const char *prefix)
{
    size_t first = p->arrays.n, first_group = p->groups.n;
    add_group(p, arena_printf(p->arena, "%s/vars", prefix), first_group);
    for (int fixed = 0; fixed < 2; fixed++) {
        for (size_t i = 0; i < layer->n_weights; i++) {
            Weight *weight = &layer->weights[i];
            if (weight->spec.fixed != fixed) continue;
            const char *slash = weight->spec.path ? strrchr(weight->spec.path, '/') : NULL;
            const char *below = slash ? arena_text(p->arena, weight->spec.path, (size_t)(slash - weight->spec.path)) : "";
            const char *folder = arena_printf(p->arena, "%s%s%s/vars", prefix, below[0] ? "/" : "", below);
            size_t number = 0, n = strlen(folder);
            for (size_t k = first; k < p->arrays.n; k++) {
                const char *path = p->arrays.at[k].path;
                if (strncmp(path, folder, n) == 0 && path[n] == '/' && !strchr(path + n + 1, '/')) number++;
            }
            add_group(p, folder, first_group);
            KerasArray array = {arena_printf(p->arena, "%s/%zu", folder, number), weight};
            VEC_PUSH(p->arena, p->arrays, array);
        }
    }
}

static void layer_paths(Paths *p, const Layer *layer, const char *prefix)
{
    own_weights(p, layer, prefix);
    const ModelArgs *model = layer_model(layer);
    if (model) {
        graph_paths(p, model->graph, arena_printf(p->arena, "%s/", prefix));
        return;
    }
    for (size_t i = 0; i < layer->n_inner; i++) {
        const char *name = layer->kind->inner_paths ? layer->kind->inner_paths[i] : "layer";
        layer_paths(p, layer->inner[i], arena_printf(p->arena, "%s/%s", prefix, name));
    }
}

/* prefix: "" or one that ends in a slash. */
static void graph_paths(Paths *p, const Graph *graph, const char *prefix)
{
    KerasItem *items;
    size_t n = keras_order(p->arena, graph, &items);
    struct Count {
        const char *snake;
        size_t n;
    } *counts = ARENA_ARRAY(p->arena, struct Count, n + 1);
    size_t n_counts = 0;
    for (size_t i = 0; i < n; i++) {
        const Layer *layer = items[i].layer;
        const char *snake = layer ? keras_snake(p->arena, keras_class(p->arena, &layer->kind->kind)) : "input_layer";
        size_t c = 0;
        while (c < n_counts && !str_eq(counts[c].snake, snake)) c++;
        if (c == n_counts) counts[n_counts++].snake = snake;
        size_t before = counts[c].n++;
        const char *group = before ? arena_printf(p->arena, "%slayers/%s_%zu", prefix, snake, before) : arena_printf(p->arena, "%slayers/%s", prefix, snake);
        if (layer) layer_paths(p, layer, group);
        else add_group(p, arena_printf(p->arena, "%s/vars", group), p->groups.n);
    }
}

KerasArrays keras_arrays(Arena *arena, const Graph *graph)
{
    Paths p = {.arena = arena};
    add_group(&p, "vars", 0);
    graph_paths(&p, graph, "");
    return (KerasArrays){p.groups.at, p.groups.n, p.arrays.at, p.arrays.n};
}
