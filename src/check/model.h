/* The lines of a model → a Graph: names, wires, blocks, repeats, pending values; shapes are inferred on the way. */
#ifndef NNL_CHECK_MODEL_H
#define NNL_CHECK_MODEL_H

#include "runtime/graph/graph.h"
#include "src/check/scope.h"

/* What a data block tells a model: the shapes of its groups of features. */
typedef struct {
    const char *name;
    Shape shape;        /* unknown where the data could not be understood: nothing is said about what follows */
    int64_t categories; /* of whole numbers: how many, for an embedding; else 0 */
} ModelGroup;

typedef struct {
    const char *name; /* of the data block */
    const ModelGroup *groups;
    size_t n_groups;
} ModelData;

/* data NULL: none is used with the model. broken: the data has mistakes of its own, so an unknown shape is no new mistake.
 * Always returns a graph; whether it is whole tells diags_errors. */
Graph *check_model(Arena *arena, Scope *scope, const Named *model, const ModelData *data, bool broken, Diags *diags);

/* Reports blocks that share a name with a layer kind, and blocks no model uses whose layers are unknown. */
void check_blocks(Arena *arena, Scope *scope, Diags *diags);

#endif
