/* model.c: a whole model as one layer of another; see model.h. Two kinds, by Keras's two classes: they differ in name only. */
#include "runtime/kinds/layers/model.h"

#include "runtime/base/bug.h"
#include "runtime/kinds/layers/layer.h"

const ModelArgs *layer_model(const Layer *layer)
{
    return layer->kind == &layer_functional || layer->kind == &layer_sequential ? layer->args : NULL;
}

static int model_outputs(const Layer *layer)
{
    return (int)((const ModelArgs *)layer->args)->n_outputs;
}

/* Shapes come from the calls inside. */
static bool model_infer(const Infer *infer, Call *call)
{
    const ModelArgs *a = call->layer->args;
    if ((size_t)call->n_in == a->n_inputs) return true;
    const char *wanted = a->n_inputs == 1 ? "one input" : arena_printf(infer->arena, "%zu inputs", a->n_inputs);
    diag(infer->diags, E0301, infer->span, A("layer", call->layer->shown_kind), A("wanted", wanted), AI("found", call->n_in));
    return false;
}

static bool model_inner(GraphBuilder *builder, Layer *layer)
{
    const ModelArgs *a = layer->args;
    layer->inner = ARENA_ARRAY(builder->arena, Layer *, a->n_layers);
    for (size_t i = 0; i < a->n_layers; i++) {
        layer->inner[i] = a->layers[i];
        layer->inner[i]->outer = layer;
    }
    layer->n_inner = a->n_layers;
    return true;
}

static bool model_expand(GraphBuilder *builder, Call *call, Wire **out)
{
    const ModelArgs *a = call->layer->args;
    Wire **values = ARENA_ARRAY(builder->arena, Wire *, a->n_values);
    size_t n = 0;
    for (; n < a->n_inputs; n++) values[n] = call->in[n];
    for (size_t s = 0; s < a->n_steps; s++) {
        const ModelStep *step = &a->steps[s];
        Wire **in = ARENA_ARRAY(builder->arena, Wire *, step->n_in);
        for (int i = 0; i < step->n_in; i++) in[i] = values[step->in[i]];
        Call *made = builder->call(builder, call, step->layer, in, step->n_in);
        if (!made) return false;
        for (int i = 0; i < made->n_out; i++) values[n++] = made->out[i];
    }
    ENSURE(n == a->n_values);
    for (size_t k = 0; k < a->n_outputs; k++) out[k] = values[a->outputs[k]];
    return true;
}

static const LayerCase no_cases[] = {{0}};

#define MODEL_KIND(variable, word, class_name)                                                                                  \
    const LayerKind variable = {                                                                                               \
        .kind = {.name = word, .keras = class_name, .family = FAMILY_LAYER, .help = "a model inside another", .args_size = 0}, \
        .min_inputs = 1,                                                                                                       \
        .max_inputs = -1,                                                                                                      \
        .n_outputs = model_outputs,                                                                                            \
        .infer = model_infer,                                                                                                  \
        .mask = MASK_STOP, /* masks are those of the calls inside */                                                           \
        .hidden = true,                                                                                                        \
        .inner = model_inner,                                                                                                  \
        .expand = model_expand,                                                                                                \
        .cases = no_cases,                                                                                                     \
    }

MODEL_KIND(layer_functional, "functional", "Functional");
MODEL_KIND(layer_sequential, "sequential", "Sequential");
