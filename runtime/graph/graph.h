/* A model's wiring: wires, layers and calls in the order they run, shapes inferred as it is built.
 *
 * The checker builds a Graph from a script, the file reader from a saved model, by the same functions. Expansion of wrappers
 * stands in `calls` (what runs) while `layers` and `shown` keep what the user wrote (what summary, file and picture show). */
#ifndef NNL_GRAPH_GRAPH_H
#define NNL_GRAPH_GRAPH_H

#include "runtime/kinds/kind.h"

typedef struct {
    const char *name; /* what logs and `loss NAME:` call it */
    Wire *wire;
    Span span;
} GraphPort;

struct Graph {
    Arena *arena;
    const char *name;
    VEC(Wire *) wires;
    VEC(Layer *) layers; /* as the user wrote them, in order of their first call; those inside wrappers hang on them */
    VEC(Layer *) made;   /* every layer that was made, called or not, inner ones too: the order in which they are numbered */
    VEC(Call *) shown;   /* calls of `layers`, in order */
    VEC(Call *) calls;   /* what runs, in order: leaves only, wrappers expanded */
    VEC(GraphPort) inputs;
    VEC(GraphPort) outputs;
    bool sequential; /* one input, a plain chain: summary leaves the input out */
    Span span;
    uint32_t walks;  /* of layers, for Layer.mark */
    bool too_large;  /* said already */
};

Graph *graph_new(Arena *arena, const char *name, Span span);
Wire *graph_input(Graph *graph, const char *name, Shape shape, Span span);
/* A layer with its arguments, not yet called; name NULL: numbered as in Keras from the kind's name, skipping names that are taken
 * (decided by graph_name_layers, so that explicit names win). A layer that is only an argument of another is made like this too. */
Layer *graph_layer(Graph *graph, const LayerKind *kind, const void *args, const char *name, Span span);
/* Calls the layer: checks the number of inputs, infers shapes and masks, asks for the weights (and holds later calls to
 * them), expands wrappers. NULL: reported. A wire of unknown shape gives outputs of unknown shape without a word.
 * n_args of the last wires came as arguments (initial_state). */
Call *graph_call(Graph *graph, Layer *layer, Wire **in, int n_in, int n_args, Span span, Diags *diags);
bool graph_output(Graph *graph, const char *name, Wire *wire, Span span);
/* Numbers the layers that have no name yet, in order. */
void graph_name_layers(Graph *graph);
/* Puts all weights one behind the other: values first those trained, then those fixed. Sets n_values and n_trained (floats),
 * and each Weight's `trainable` anew from its layer's. */
void graph_place_weights(Graph *graph, size_t *n_values, size_t *n_trained);

/* Parameters of a layer: all, and those that are trained. A layer's inner layers count. */
int64_t layer_parameters(const Layer *layer);
int64_t layer_trainable(const Layer *layer);
int64_t graph_parameters(const Graph *graph);
int64_t graph_trainable(const Graph *graph);
/* Whether the layer, or one it lies inside, is not to be trained: its calls run in MODE_FROZEN. */
bool layer_frozen(const Layer *layer);
/* Every layer that a call runs or that holds weights, inner ones after the one they belong to, each once. */
Layer *const *graph_all_layers(Graph *graph, Arena *arena, size_t *n);

/* The activation that the plan runs behind the layer (an argument marked .epilogue); kind NULL: none, or linear. */
KindRef layer_epilogue(const Layer *layer);
/* The regularizer of its outputs (an argument marked .activity), or kind NULL. Layers inside others have none. */
KindRef layer_activity(const Layer *layer);
/* The call as the user wrote it: the outermost one around it. */
const Call *call_shown(const Call *call);

/* The activation that ends an output (a layer's epilogue, or a layer that is nothing but an activation), or kind NULL. */
KindRef graph_output_ref(const Graph *graph, int output);
const ActivationKind *graph_output_activation(const Graph *graph, int output);

/* --dump=graph; stable. */
void graph_dump(const Graph *graph, Buf *out);

#endif
