/* What the parts of the model checker share: frames of names, pending values, layers that wait for their names. */
#ifndef NNL_CHECK_MODEL_BUILD_H
#define NNL_CHECK_MODEL_BUILD_H

#include "src/check/args.h"
#include "src/check/model.h"

/* A name inside a model: a wire or a layer declared for sharing. */
typedef struct {
    const char *name;
    Wire *wire;
    Layer *layer;
    Span span;
    const char *what; /* "wire" or "input": for the warning that nothing uses it; NULL: no warning */
} Bound;

typedef struct {
    Wire *wire;
    const char *name; /* the wire's, or the kind of the layer that made it */
    Span span;
} PendingValue;

typedef struct {
    VEC(PendingValue) values;
} Pending;

/* Where lines stand: the model, a turn of a repeat, a use of a block. */
typedef struct Frame {
    struct Frame *parent;    /* whose names are seen; NULL for the model and for blocks */
    const struct Frame *from; /* the frame the block was called from, for recursion */
    const Ast *block;        /* the block's statement, or NULL */
    const Env *env;          /* arguments of the block */
    const char *prefix;      /* of layer names: "", "B_", "A_B_" */
    VEC(Bound) names;
    Pending *pending;
    VEC(Wire *) inputs;      /* given to the block, in order */
    size_t next_input;       /* the input line that comes next */
    VEC(Wire *) outputs;     /* of a block */
} Frame;

/* How a layer got its name. */
typedef struct {
    Layer *layer;
    const char *base;
    enum { NAMED_BY_KIND, NAMED_BY_WIRE, NAMED_BY_ARGUMENT } by;
    Span span;
} LayerName;

typedef struct {
    Arena *arena;
    Diags *diags;
    Scope *scope;
    Graph *graph;
    const Named *model;
    const ModelData *data;
    bool broken;
    VEC(LayerName) names;
    size_t n_calls;
    bool too_large;
    bool unknown_wires; /* something was not understood: then a wire may seem unused only because of that */
    bool unknown_group; /* an input has no group of features: then a group may seem to have no input only because of that */
    bool has_input;     /* the model has an input line */
    Wire *last; /* the value made last */
} Build;

/* A chain's end: its values (NULL where reported). */
typedef struct {
    Wire **wires;
    size_t n;
    size_t n_layers;  /* layers written in the chain itself */
    bool direct;      /* the last item is a layer of its own, not a block, a shared layer or a wire */
    size_t name_at;   /* its place in build->names */
    const char *label; /* what made it, for messages */
} Result;

/* Lines (model.c). */
void build_lines(Build *build, Frame *frame, const AstList *lines);
Bound *frame_find(Frame *frame, const char *name);
void frame_bind(Build *build, Frame *frame, Bound bound);
void pending_add(Build *build, Frame *frame, Wire *wire, const char *name, Span span);
void pending_use(Frame *frame, const Wire *wire);
/* The one pending value, used now; NULL: none or several, reported at span. */
Wire *pending_take(Build *build, Frame *frame, const char *layer, Span span);
/* A wire that stands for what could not be understood. */
Wire *unknown_wire(Build *build);

/* Chains and layers (model_chain.c). */
Result build_chain(Build *build, Frame *frame, const Ast *chain);
Layer *build_declared(Build *build, Frame *frame, const Ast *ast, const Env *env, const char *name, Span name_span);

/* Blocks (model_block.c). in: wires given before the block's own arguments. */
Result build_block(Build *build, Frame *frame, const Named *block, const Ast *call, Wire **in, size_t n_in, size_t n_skip);

/* Names (model_names.c): records a new layer, then names all. */
size_t name_layer(Build *build, const Frame *frame, Layer *layer, const char *kind, Span span);
void name_layers(Build *build);

#endif
