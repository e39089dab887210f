/* A model as a layer of another one: its calls, played again on other wires each time it is called. Made by the reader of model files. */
#ifndef NNL_KINDS_LAYERS_MODEL_H
#define NNL_KINDS_LAYERS_MODEL_H

#include "runtime/kinds/kind.h"

/* One call inside. Values are numbered: first the inputs, then the results of each step in order. */
typedef struct {
    Layer *layer;
    const size_t *in;
    int n_in;
} ModelStep;

typedef struct {
    Graph *graph;  /* the model for itself: its order, names and wires */
    Layer **layers; /* of the graph, in order of their first call */
    size_t n_layers;
    size_t n_inputs;
    const ModelStep *steps;
    size_t n_steps;
    size_t n_values;
    const size_t *outputs; /* values */
    size_t n_outputs;
} ModelArgs;

extern const LayerKind layer_functional, layer_sequential;

/* The model inside a layer of such a kind; NULL for other kinds. */
const ModelArgs *layer_model(const Layer *layer);

#endif
