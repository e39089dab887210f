/* Warnings about a graph; see lint.h. The usual range of an argument is judged where the argument is read (args.c). */
#include "src/check/lint.h"

/* The activation among a layer's arguments, or NULL. */
static const ActivationKind *activation_of(const Layer *layer)
{
    for (const ArgSpec *spec = layer->kind->kind.args; spec && spec->name; spec++) {
        if (spec->type != ARG_KIND || spec->family != FAMILY_ACTIVATION) continue;
        const KindRef *ref = (const KindRef *)((const char *)layer->args + spec->offset);
        if (ref->kind) return (const ActivationKind *)ref->kind;
    }
    return NULL;
}

void lint_graph(const Graph *graph, Diags *diags)
{
    for (size_t i = 0; i < graph->shown.n; i++) {
        const Call *call = graph->shown.at[i];
        const ActivationKind *activation = activation_of(call->layer);
        if (!activation || activation->link != LINK_SOFTMAX || call->n_out == 0) continue;
        const Shape *shape = &call->out[0]->shape;
        if (shape->rank < 1 || shape_last(shape) != 1) continue;
        Diag *w = diag(diags, W0202, call->span, A("layer", call->layer->name));
        diag_fix(w, W0202_help);
    }
    for (size_t i = 0; i < graph->outputs.n; i++) {
        const Wire *wire = graph->outputs.at[i].wire;
        if (!wire->maker || !wire->maker->layer->kind->only_in_training) continue;
        Diag *w = diag(diags, W0203, wire->maker->span, A("layer", wire->maker->layer->kind->kind.name));
        diag_edit(diag_fix(w, W0203_help), wire->maker->span, "");
    }
}
