/* Names of layers: those the script gives come first, then the others are numbered as in Keras: dense, dense_1, … */
#include "src/check/model_build.h"

size_t name_layer(Build *build, const Frame *frame, Layer *layer, const char *kind, Span span)
{
    LayerName name = {.layer = layer, .base = arena_printf(build->arena, "%s%s", frame->prefix, kind), .by = NAMED_BY_KIND, .span = span};
    VEC_PUSH(build->arena, build->names, name);
    return build->names.n - 1;
}

/* Names in use, and how often each base was numbered: a small open hash, since a graph may hold 100,000 layers. */
typedef struct {
    const char *name;
    LayerName *by;
    size_t next;
} Slot;

typedef struct {
    Slot *at;
    size_t cap;
} Table;

static Slot *slot_of(const Table *table, const char *name)
{
    uint64_t hash = 1469598103934665603u;
    for (const char *c = name; *c; c++) hash = (hash ^ (unsigned char)*c) * 1099511628211u;
    for (size_t i = (size_t)hash % table->cap;; i = (i + 1) % table->cap)
        if (!table->at[i].name || str_eq(table->at[i].name, name)) return &table->at[i];
}

/* base, or base_1, base_2, … : the first that is free. */
static const char *free_name(Build *build, Table *taken, const char *base)
{
    Slot *slot = slot_of(taken, base);
    if (!slot->name) return base;
    for (;;) {
        const char *name = arena_printf(build->arena, "%s_%zu", base, ++slot->next);
        if (!slot_of(taken, name)->name) return name;
    }
}

static void take(Table *taken, LayerName *layer, const char *name)
{
    Slot *slot = slot_of(taken, name);
    *slot = (Slot){.name = name, .by = layer};
    if (layer) layer->layer->name = name;
}

void name_layers(Build *build)
{
    Table taken = {.cap = 2 * (build->names.n + build->graph->inputs.n) + 16};
    taken.at = ARENA_ARRAY(build->arena, Slot, taken.cap);
    for (size_t i = 0; i < build->graph->inputs.n; i++) take(&taken, NULL, build->graph->inputs.at[i].name);
    for (size_t i = 0; i < build->names.n; i++) {
        LayerName *layer = &build->names.at[i];
        if (layer->by == NAMED_BY_KIND) continue;
        Slot *slot = slot_of(&taken, layer->base);
        bool same_line = slot->by && slot->by->span.begin == layer->span.begin && slot->by->span.source == layer->span.source;
        if (slot->name && layer->by == NAMED_BY_ARGUMENT && slot->by && !same_line) {
            Diag *e = diag(build->diags, E0262, layer->span, A("name", layer->base));
            diag_label(e, slot->by->span, E0262_first);
        }
        take(&taken, layer, free_name(build, &taken, layer->base));
    }
    for (size_t i = 0; i < build->names.n; i++) {
        LayerName *layer = &build->names.at[i];
        if (layer->by == NAMED_BY_KIND) take(&taken, layer, free_name(build, &taken, layer->base));
    }
    graph_name_layers(build->graph);
    for (size_t i = 0; i < build->graph->outputs.n; i++) {
        GraphPort *port = &build->graph->outputs.at[i];
        if (!port->name) port->name = port->wire->maker ? port->wire->maker->layer->name : port->wire->name;
        if (!port->name) port->name = "output";
    }
}
