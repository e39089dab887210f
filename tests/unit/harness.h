/* tests/unit/harness.h: runs a graph's calls forward and backward without a plan: every wire has a buffer of its own, nothing shares
 * memory, hooks are called pass by pass and task by task in an order that the test chooses.
 *
 *   Rig *rig = rig_new();
 *   Wire *x = rig_input(rig, "x", "[3, 2]", false);
 *   Call *call = rig_call(rig, layer, &x, 1);              or rig_layer(rig, "dense", "3, relu") for the layer
 *   rig_prepare(rig, 4, MODE_TRAIN);                       buffers for 4 samples
 *   rig->value[x->index][i] = …; rig->weights[…] = …;
 *   rig_forward(rig); rig->up[call->out[0]->index][i] = …; rig_backward(rig);
 *   rig->grad[x->index], rig->dweights */
#ifndef NNL_TESTS_UNIT_HARNESS_H
#define NNL_TESTS_UNIT_HARNESS_H

#include "runtime/graph/graph.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef enum { TASKS_IN_ORDER, TASKS_REVERSED, TASKS_MIXED } TaskOrder;

typedef struct {
    Arena *arena;
    Sources *sources;
    Diags *diags;
    Graph *graph;
    int64_t samples, first_sample;
    uint32_t epoch;
    Mode mode;
    TaskOrder order;
    float **value, **grad, **up; /* by wire; up: a gradient that comes from outside, may be NULL where zero */
    uint8_t **mask;              /* by wire, where its maker makes one or the test gives one */
    float **before, **scratch;   /* by call: numbers before an epilogue; scratch */
    float *weights, *dweights;
    size_t n_values, n_trained;
    int most_tasks; /* seen */
} Rig;

static inline Rig *rig_new(void)
{
    Arena *arena = arena_new("test");
    Rig *rig = ARENA_NEW(arena, Rig);
    rig->arena = arena;
    rig->sources = sources_new(arena);
    rig->diags = diags_new(arena, rig->sources);
    rig->graph = graph_new(arena, "m", NO_SPAN);
    return rig;
}

static inline void rig_free(Rig *rig) { arena_free(rig->arena); }

/* The text of what was reported so far. */
static inline const char *rig_said(Rig *rig)
{
    Buf text = buf_in(rig->arena);
    for (size_t i = 0; i < diags_count(rig->diags); i++)
        buf_printf(&text, "%s: %s\n", diag_code_name(diag_code(diags_at(rig->diags, i))), diag_message(diags_at(rig->diags, i)));
    return text.at;
}

/* "[3, 2] [4]" → shapes; `?` is an unknown length. Returns how many. */
static inline int rig_shapes(const char *text, Shape *shapes, int most)
{
    int n = 0;
    while (*text) {
        while (*text && *text != '[') text++;
        if (!*text || n == most) break;
        text++;
        Shape shape = shape_of(0, NULL);
        while (*text && *text != ']') {
            if (isdigit((unsigned char)*text)) shape.dim[shape.rank++] = strtoll(text, (char **)&text, 10);
            else if (*text++ == '?') shape.dim[shape.rank++] = DIM_UNKNOWN;
        }
        shapes[n++] = shape;
    }
    return n;
}

static inline Wire *rig_input(Rig *rig, const char *name, const char *shape_text_, bool masked)
{
    Shape shape;
    rig_shapes(shape_text_, &shape, 1);
    Wire *wire = graph_input(rig->graph, arena_copy(rig->arena, name), shape, NO_SPAN);
    if (masked) wire->mask_of = wire;
    return wire;
}

static inline Layer *rig_make_layer(void *ctx, const LayerKind *kind, const void *args)
{
    Rig *rig = ctx;
    return graph_layer(rig->graph, kind, args, NULL, NO_SPAN);
}

/* A layer from arguments as a script writes them; NULL where they cannot be read. */
static inline Layer *rig_layer_of(Rig *rig, const LayerKind *kind, const char *args)
{
    KindReader reader = {.arena = rig->arena, .layer = rig_make_layer, .ctx = rig};
    void *own = kind_defaults(rig->arena, &kind->kind);
    if (!kind_read_args(&reader, &kind->kind, args, own)) return NULL;
    return graph_layer(rig->graph, kind, own, NULL, NO_SPAN);
}

static inline Layer *rig_layer(Rig *rig, const char *kind, const char *args)
{
    const Kind *found = kind_find(FAMILY_LAYER, kind);
    return found ? rig_layer_of(rig, (const LayerKind *)found, args) : NULL;
}

static inline Call *rig_call(Rig *rig, Layer *layer, Wire **in, int n_in)
{
    return graph_call(rig->graph, layer, in, n_in, 0, NO_SPAN, rig->diags);
}

static inline int64_t rig_rows(const Rig *rig, const Call *call) { return rig->samples * (call->n_in ? call->in[0]->shape.rows : 1); }
static inline size_t rig_floats(const Rig *rig, const Wire *wire)
{
    return (size_t)(rig->samples * wire->shape.rows * shape_size(&wire->shape));
}
static inline size_t rig_mask_bytes(const Rig *rig, const Wire *wire)
{
    return (size_t)(rig->samples * wire->shape.rows * (wire->shape.rank > 0 ? wire->shape.dim[0] : 1));
}
static inline float *rig_block(Rig *rig, size_t n) { return ARENA_ARRAY(rig->arena, float, n < 16 ? 16 : n); }

static inline void rig_prepare(Rig *rig, int64_t samples, Mode mode)
{
    Graph *g = rig->graph;
    rig->samples = samples;
    rig->mode = mode;
    rig->value = ARENA_ARRAY(rig->arena, float *, g->wires.n);
    rig->grad = ARENA_ARRAY(rig->arena, float *, g->wires.n);
    rig->up = ARENA_ARRAY(rig->arena, float *, g->wires.n);
    rig->mask = ARENA_ARRAY(rig->arena, uint8_t *, g->wires.n);
    for (size_t i = 0; i < g->wires.n; i++) {
        Wire *wire = g->wires.at[i];
        if (wire->shape.rank == SHAPE_UNKNOWN) continue; /* an expanded wrapper's own, replaced by what is inside */
        rig->value[i] = rig_block(rig, rig_floats(rig, wire));
        rig->grad[i] = rig_block(rig, rig_floats(rig, wire));
        rig->up[i] = rig_block(rig, rig_floats(rig, wire));
        if (wire->mask_of == wire) rig->mask[i] = ARENA_ARRAY(rig->arena, uint8_t, rig_mask_bytes(rig, wire));
    }
    rig->before = ARENA_ARRAY(rig->arena, float *, g->calls.n);
    rig->scratch = ARENA_ARRAY(rig->arena, float *, g->calls.n);
    for (size_t i = 0; i < g->calls.n; i++) {
        const Call *call = g->calls.at[i];
        if (layer_epilogue(call->layer).kind) rig->before[i] = rig_block(rig, rig_floats(rig, call->out[0]));
        if (call->layer->kind->scratch) rig->scratch[i] = rig_block(rig, call->layer->kind->scratch(call, rig_rows(rig, call)));
    }
    graph_name_layers(g);
    graph_place_weights(g, &rig->n_values, &rig->n_trained);
    rig->weights = rig_block(rig, rig->n_values);
    rig->dweights = rig_block(rig, rig->n_values);
}

/* Runs all passes of a hook. */
static inline void rig_run_hook(Rig *rig, Work *work, bool backward)
{
    const LayerKind *kind = work->layer->kind;
    int passes = backward ? kind->passes_backward : kind->passes_forward;
    for (work->pass = 0; work->pass < (passes ? passes : 1); work->pass++) {
        int n = kind->tasks ? kind->tasks(work->call, work->rows, backward, work->pass) : 1;
        work->n_tasks = n;
        if (n > rig->most_tasks) rig->most_tasks = n;
        for (int i = 0; i < n; i++) {
            int odd_first = i < n / 2 ? 2 * i + 1 : 2 * (i - n / 2);
            work->task = rig->order == TASKS_IN_ORDER ? i : rig->order == TASKS_REVERSED ? n - 1 - i : odd_first;
            (backward ? kind->backward : kind->forward)(work);
        }
    }
}

typedef struct {
    Work work;
    const float *x[80], *dy[8];
    float *y[8], *dx[80], *w[16], *dw[16];
    const uint8_t *mask[80];
    uint8_t *mask_out[8];
    RngKey keys[8];
} RigWork;

static inline void rig_work(Rig *rig, const Call *call, RigWork *r)
{
    const Layer *layer = call->layer;
    bool frozen = layer_frozen(layer);
    memset(r, 0, sizeof *r);
    for (int i = 0; i < call->n_in; i++) {
        r->x[i] = rig->value[call->in[i]->index];
        r->mask[i] = call->in[i]->mask_of ? rig->mask[call->in[i]->mask_of->index] : NULL;
    }
    for (int i = 0; i < call->n_out; i++) {
        r->y[i] = rig->value[call->out[i]->index];
        r->mask_out[i] = rig->mask[call->out[i]->index];
    }
    if (rig->before[call->index]) r->y[0] = rig->before[call->index];
    for (size_t i = 0; i < layer->n_weights; i++) {
        r->w[i] = rig->weights + layer->weights[i].offset;
        r->dw[i] = layer->weights[i].trainable ? rig->dweights + layer->weights[i].offset : NULL;
    }
    for (int i = 0; i < layer->kind->n_streams; i++) {
        const char *stream = arena_printf(rig->arena, "m/%s/%d/%d", layer->name ? layer->name : "layer", call->nth, i);
        r->keys[i] = (RngKey){.seed = 7, .stream = rng_stream(stream), .epoch = rig->epoch};
    }
    r->work = (Work){.call = call, .layer = layer, .args = layer->args, .mode = rig->mode == MODE_TRAIN && frozen ? MODE_FROZEN : rig->mode,
                     .samples = rig->samples, .rows = rig_rows(rig, call), .x = r->x, .y = r->y, .w = r->w, .mask = r->mask,
                     .mask_out = r->mask_out, .scratch = rig->scratch[call->index], .streams = r->keys, .first_sample = rig->first_sample};
}

static inline int64_t rig_width(const Wire *wire) { return shape_last(&wire->shape); }

static inline void rig_forward(Rig *rig)
{
    for (size_t c = 0; c < rig->graph->calls.n; c++) {
        const Call *call = rig->graph->calls.at[c];
        const LayerKind *kind = call->layer->kind;
        RigWork r;
        rig_work(rig, call, &r);
        if (kind->is_view) {
            memcpy(r.y[0], r.x[0], rig_floats(rig, call->out[0]) * sizeof(float));
        } else {
            if (kind->mask_forward && call->out[0]->mask_of == call->out[0]) kind->mask_forward(&r.work);
            rig_run_hook(rig, &r.work, false);
        }
        KindRef end = layer_epilogue(call->layer);
        if (!end.kind) continue;
        int64_t width = rig_width(call->out[0]);
        ((const ActivationKind *)end.kind)->forward(end.args, rig->before[c], rig->value[call->out[0]->index],
                                                    (int64_t)rig_floats(rig, call->out[0]) / width, width);
    }
}

/* Gradients of everything, from `up` of the wires. */
static inline void rig_backward(Rig *rig)
{
    Graph *g = rig->graph;
    for (size_t i = 0; i < g->wires.n; i++)
        if (rig->value[i]) memcpy(rig->grad[i], rig->up[i], rig_floats(rig, g->wires.at[i]) * sizeof(float));
    memset(rig->dweights, 0, rig->n_values * sizeof(float));
    for (size_t c = g->calls.n; c-- > 0;) {
        const Call *call = g->calls.at[c];
        const LayerKind *kind = call->layer->kind;
        RigWork r;
        rig_work(rig, call, &r);
        for (int i = 0; i < call->n_out; i++) r.dy[i] = rig->grad[call->out[i]->index];
        KindRef end = layer_epilogue(call->layer);
        if (end.kind) {
            size_t n = rig_floats(rig, call->out[0]);
            int64_t width = rig_width(call->out[0]);
            float *dz = rig_block(rig, n);
            ((const ActivationKind *)end.kind)->backward(end.args, rig->before[c], rig->value[call->out[0]->index], r.dy[0], dz, (int64_t)n / width, width);
            r.dy[0] = dz;
        }
        for (int i = 0; i < call->n_in; i++) r.dx[i] = rig_block(rig, rig_floats(rig, call->in[i]));
        r.work.dy = r.dy;
        r.work.dx = r.dx;
        r.work.dw = r.dw;
        r.work.dw_add = true; /* dweights start at 0: a shared layer's calls add up */
        if (kind->is_view) memcpy(r.dx[0], r.dy[0], rig_floats(rig, call->in[0]) * sizeof(float));
        else rig_run_hook(rig, &r.work, true);
        for (int i = 0; i < call->n_in; i++) {
            float *into = rig->grad[call->in[i]->index];
            for (size_t j = 0; j < rig_floats(rig, call->in[i]); j++) into[j] += r.dx[i][j];
        }
    }
}

/* A figure that looks random and is the same each time: in [-1.6, -0.35] or [0.35, 1.6], away from 0. */
static inline float rig_figure(uint64_t *state)
{
    *state = *state * 6364136223846793005u + 1442695040888963407u;
    double u = (double)(*state >> 40) / 16777216.0;
    return (float)(u < 0.5 ? -0.35 - 2.5 * u : 0.35 + 2.5 * (u - 0.5));
}

#endif
