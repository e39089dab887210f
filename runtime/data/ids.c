/* ids.c: numbers that a layer looks up, held against its table before anything runs; while running nobody could say whose they are. */
#include "runtime/data/ids.h"

#include <math.h>

/* The graph's input whose numbers reach this wire as they are, or -1. */
static int input_behind(const Graph *graph, const Wire *wire)
{
    while (wire->maker && wire->maker->layer->kind->is_view) wire = wire->maker->in[0];
    for (size_t i = 0; i < graph->inputs.n; i++)
        if (graph->inputs.at[i].wire == wire) return (int)i;
    return -1;
}

static bool group_fits(const Call *call, int64_t below, const Dataset *data, const DataGroup *group, Diags *diags)
{
    size_t n_rows = data->table->n_rows;
    for (size_t i = 0; i < n_rows * group->width; i++) {
        float id = group->block[i];
        if (id >= 0 && id < (float)below && id == floorf(id)) continue;
        Arena *arena = arena_new("a message");
        Diag *e = diag(diags, E0319, call->span, A("layer", call->layer->kind->kind.name), AI("last", below - 1),
                       A("column", group->columns[i % group->width]), A("value", str_float(arena, id)),
                       AI("line", table_line(data->table, i / group->width)));
        diag_primary(e, E0319_here);
        diag_note(e, E0319_note);
        diag_fix(e, E0319_index);
        arena_free(arena);
        return false;
    }
    return true;
}

bool ids_fit(const Graph *graph, const Dataset *data, const size_t *input_groups, Diags *diags)
{
    bool ok = true;
    for (size_t i = 0; i < graph->calls.n; i++) {
        const Call *call = graph->calls.at[i];
        if (!call->layer->kind->ids_below) continue;
        int input = input_behind(graph, call->in[0]);
        if (input >= 0 && !group_fits(call, call->layer->kind->ids_below(call), data, &data->groups[input_groups[input]], diags)) ok = false;
    }
    return ok;
}
