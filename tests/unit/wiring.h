/* tests/unit/wiring.h: graphs for tests, written as a script writes layers:
 *
 *     Wiring w = wiring_new(arena, "m");
 *     Wire *x = wiring_input(&w, "x", (Shape)…);
 *     Wire *h = wire_to(&w, x, "dense(4, tanh)");       a layer of its own
 *     wiring_output(&w, "y", wire_chain(&w, h, "dense(8, relu), dropout(0.3), dense(1)"));
 *     Model *model = wiring_model(&w, seed);  */
#ifndef NNL_TESTS_UNIT_WIRING_H
#define NNL_TESTS_UNIT_WIRING_H

#include "runtime/base/bug.h"
#include "runtime/plan/parts.h"

#include <stdio.h>
#include <string.h>

typedef struct {
    Arena *arena;
    Graph *graph;
    Diags *diags;
} Wiring;

static inline Wiring wiring_new(Arena *arena, const char *name)
{
    return (Wiring){arena, graph_new(arena, name, NO_SPAN), diags_new(arena, sources_new(arena))};
}

static inline Wire *wiring_input(Wiring *w, const char *name, int rank, const int64_t *dim)
{
    return graph_input(w->graph, name, shape_of(rank, dim), NO_SPAN);
}

static inline Layer *wiring_inner_layer(void *ctx, const LayerKind *kind, const void *args)
{
    return graph_layer(((Wiring *)ctx)->graph, kind, args, NULL, NO_SPAN);
}

/* "name" or "name(args)" of a family; the kind is NULL where it is not there. */
static inline KindRef wiring_kind(Wiring *w, Family family, const char *text)
{
    const char *open = strchr(text, '(');
    const char *name = open ? arena_text(w->arena, text, (size_t)(open - text)) : text;
    KindRef ref = {kind_find(family, name), NULL};
    if (!ref.kind) return ref;
    void *args = kind_defaults(w->arena, ref.kind);
    KindReader reader = {.arena = w->arena, .layer = wiring_inner_layer, .ctx = w};
    if (open) ENSURE(kind_read_args(&reader, ref.kind, arena_text(w->arena, open + 1, strlen(open) - 2), args));
    ref.args = args;
    return ref;
}

/* A layer, not called yet; NULL where its kind is not there. A bare activation is Keras's layer of that; `trainable=false` as last
 * argument freezes. */
static inline Layer *wiring_layer(Wiring *w, const char *text)
{
    const char *frozen = strstr(text, ", trainable=false");
    if (frozen) text = arena_printf(w->arena, "%.*s)", (int)(frozen - text), text);
    KindRef ref = {0};
    bool bare = !strchr(text, '(');
    if (!bare || !kind_find(FAMILY_ACTIVATION, text)) ref = wiring_kind(w, FAMILY_LAYER, text);
    else ref = wiring_kind(w, FAMILY_LAYER, arena_printf(w->arena, "activation(%s)", text));
    if (!ref.kind) return NULL;
    Layer *layer = graph_layer(w->graph, (const LayerKind *)ref.kind, ref.args, NULL, NO_SPAN);
    if (frozen) layer->trainable = false;
    return layer;
}

static inline Wire *wire_call(Wiring *w, Layer *layer, Wire **in, int n)
{
    Call *call = graph_call(w->graph, layer, in, n, 0, NO_SPAN, w->diags);
    for (size_t i = 0; !call && i < diags_count(w->diags); i++) printf("%s\n", diag_message(diags_at(w->diags, i)));
    ENSURE(call != NULL);
    return call->out[0];
}

static inline Wire *wire_to(Wiring *w, Wire *from, const char *text)
{
    Layer *layer = wiring_layer(w, text);
    return layer ? wire_call(w, layer, &from, 1) : NULL;
}

static inline Wire *wire_join(Wiring *w, Wire *a, Wire *b, const char *text)
{
    return wire_call(w, wiring_layer(w, text), (Wire *[]){a, b}, 2);
}

/* "dense(4, tanh), dense(1)": one behind the other; NULL where a kind is not there. */
static inline Wire *wire_chain(Wiring *w, Wire *wire, const char *text)
{
    while (wire && *text) {
        int depth = 0;
        size_t n = 0;
        while (text[n] && !(text[n] == ',' && depth == 0)) {
            if (text[n] == '(' || text[n] == '[') depth++;
            if (text[n] == ')' || text[n] == ']') depth--;
            n++;
        }
        wire = wire_to(w, wire, arena_text(w->arena, text, n));
        text += n + (text[n] == ',');
        while (*text == ' ') text++;
    }
    return wire;
}

static inline void wiring_output(Wiring *w, const char *name, Wire *wire)
{
    ENSURE(graph_output(w->graph, name, wire, NO_SPAN));
}

static inline Model *wiring_model(Wiring *w, uint64_t seed)
{
    graph_name_layers(w->graph);
    return model_new(w->arena, w->graph, seed);
}

/* Numbers in -1 … 1, or whole ones below `below`. */
static inline void wiring_numbers(float *to, int64_t n, uint64_t seed, int64_t below)
{
    RngKey key = {.seed = seed, .stream = rng_stream("test numbers")};
    rng_uniform(&key, 0, 0, n, to);
    for (int64_t i = 0; i < n; i++) to[i] = below ? (float)(int64_t)(to[i] * (float)below) : 2 * to[i] - 1;
}

#endif
