/* graph_dump.c: a graph as text, for --dump=graph and its tests: inputs, layers with their weights, what runs, outputs. */
#include "runtime/graph/graph.h"

static void dump_wire(const Wire *wire, Buf *out)
{
    if (wire->maker) buf_printf(out, "%%%d", wire->index);
    else buf_put(out, wire->name ? wire->name : "?");
}

static void dump_weights(const Layer *layer, const char *indent, Buf *out)
{
    for (size_t i = 0; i < layer->n_weights; i++) {
        const Weight *weight = &layer->weights[i];
        buf_printf(out, "%s  %s %s", indent, weight->spec.name, shape_text(out->arena, &weight->spec.shape));
        if (weight->spec.initializer.kind) buf_printf(out, " %s", weight->spec.initializer.kind->name);
        if (weight->spec.regularizer.kind) buf_printf(out, " regularized by %s", weight->spec.regularizer.kind->name);
        if (weight->spec.constraint.kind) buf_printf(out, " held by %s", weight->spec.constraint.kind->name);
        if (weight->spec.fixed || layer_frozen(layer)) buf_put(out, " not trained");
        buf_char(out, '\n');
    }
}

static void dump_layer(const Layer *layer, const char *indent, Buf *out)
{
    buf_printf(out, "%s%s = %s", indent, layer->name ? layer->name : "?", layer->kind->kind.name);
    Buf args = buf_in(out->arena);
    kind_print_args(&layer->kind->kind, layer->args, &args);
    if (args.n) buf_printf(out, "(%s)", args.at);
    buf_char(out, '\n');
    dump_weights(layer, indent, out);
    const char *inside = arena_printf(out->arena, "%s  ", indent);
    for (size_t i = 0; i < layer->n_inner; i++) dump_layer(layer->inner[i], inside, out);
}

void graph_dump(const Graph *graph, Buf *out)
{
    buf_printf(out, "model %s\n", graph->name ? graph->name : "?");
    for (size_t i = 0; i < graph->inputs.n; i++)
        buf_printf(out, "input %s %s\n", graph->inputs.at[i].name, shape_text(out->arena, &graph->inputs.at[i].wire->shape));
    buf_put(out, "layers\n");
    for (size_t i = 0; i < graph->layers.n; i++) dump_layer(graph->layers.at[i], "  ", out);
    buf_put(out, "calls\n");
    for (size_t i = 0; i < graph->calls.n; i++) {
        const Call *call = graph->calls.at[i];
        buf_put(out, "  ");
        for (int j = 0; j < call->n_out; j++) {
            if (j) buf_put(out, ", ");
            dump_wire(call->out[j], out);
            buf_printf(out, " %s", shape_text(out->arena, &call->out[j]->shape));
            if (call->out[j]->shape.rows > 1) buf_printf(out, " x %lld", (long long)call->out[j]->shape.rows);
            if (call->out[j]->mask_of) buf_put(out, " masked");
        }
        buf_printf(out, " = %s", call->layer->name ? call->layer->name : "?");
        for (int j = 0; j < call->n_in; j++) {
            buf_put(out, j ? ", " : " of ");
            dump_wire(call->in[j], out);
        }
        buf_char(out, '\n');
    }
    for (size_t i = 0; i < graph->outputs.n; i++) {
        buf_printf(out, "output %s = ", graph->outputs.at[i].name ? graph->outputs.at[i].name : "?");
        dump_wire(graph->outputs.at[i].wire, out);
        buf_char(out, '\n');
    }
    buf_printf(out, "%s parameters, %s trained\n", str_thousands(out->arena, graph_parameters(graph)),
               str_thousands(out->arena, graph_trainable(graph)));
}
