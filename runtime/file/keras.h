/* Model files of Keras 3 (`.keras`): a zip of config.json, model.weights.h5 and, from us, nnl.json.
 *
 * Layers are read and written by their records alone: no list of layers stands here. What is written loads in Keras 3.3 to 3.15. */
#ifndef NNL_FILE_KERAS_H
#define NNL_FILE_KERAS_H

#include "runtime/base/json.h"
#include "runtime/file/zip.h"
#include "runtime/plan/model.h"

/* How a model was compiled. Parallel arrays by the graph's outputs. */
typedef struct {
    KindRef optimizer;  /* kind NULL: not compiled */
    KindRef *losses;    /* kind NULL: none */
    double *weights;    /* loss_weights */
    struct KerasMetric {
        KindRef ref;
        const char *name; /* the log key */
    } **metrics;
    size_t *n_metrics;
} KerasCompile;

/* ---- Writing --------------------------------------------------------------------------------------------------------------- */

/* A whole file, over the model's own numbers. recipe: the text of nnl.json, or NULL. */
Pieces keras_pieces(Arena *arena, const Model *model, const KerasCompile *compile, const Buf *recipe);
/* config.json. model (for the learning rate now) and compile may be NULL. */
void keras_config(Arena *arena, const Graph *graph, const Model *model, const KerasCompile *compile, Buf *out);
/* Weights (and optimizer state) alone, as `NAME.weights.h5`. */
Pieces keras_weights_pieces(Arena *arena, const Model *model);
/* Whether a file can hold the graph: Keras has every layer, and their arguments. Else reported (E0821). */
bool keras_can_save(const Graph *graph, Span span, Diags *diags);
/* N where only Keras 3.N and later know everything that the graph is made of; 0: every Keras 3 from 3.3 on does. */
int keras_since(const Graph *graph);

/* ---- Parts, shared by reader and writer -------------------------------------------------------------------------------------- */

/* One array of a weights file. */
typedef struct {
    const char *path; /* "layers/dense/vars/0" */
    Weight *weight;
} KerasArray;

typedef struct {
    const char *const *groups; /* `vars` groups that must be there, also empty ones */
    size_t n_groups;
    KerasArray *arrays;        /* in Keras's order */
    size_t n;
} KerasArrays;

/* Layers in the order that Keras works out for itself; an input has layer NULL. */
typedef struct {
    const Layer *layer;
    int input; /* place in graph->inputs, or -1 */
} KerasItem;
/* Whether the graph is written as a Sequential: a plain chain. */
bool keras_sequential(const Graph *graph);
size_t keras_order(Arena *arena, const Graph *graph, KerasItem **items);
KerasArrays keras_arrays(Arena *arena, const Graph *graph);
/* Snake case as Keras makes it from a class name: "SimpleRNN" → "simple_rnn", "ReLU" → "re_lu". */
const char *keras_snake(Arena *arena, const char *class_name);
/* The class name that is written, of "A|B" the first; and whether a name is one of them. */
const char *keras_class(Arena *arena, const Kind *kind);
/* The call of a script that makes a wire (wrappers count as one), and which of its results it is; NULL: an input. */
const Call *keras_maker(const Wire *wire, int *port);

#endif
