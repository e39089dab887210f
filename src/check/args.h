/* Arguments of a call, judged by a kind's schema: `dense(64, relu, kernel_regularizer=l2(0.001))` → a filled DenseArgs. */
#ifndef NNL_CHECK_ARGS_H
#define NNL_CHECK_ARGS_H

#include "src/check/scope.h"

/* What a model lends where arguments can be wires or layers. All NULL elsewhere. */
typedef struct {
    void *model;
    Wire *(*wire)(void *model, const Ast *name);                        /* NULL: reported */
    bool (*is_wire)(void *model, const char *name);
    Layer *(*layer)(void *model, const Ast *ast, const Env *env);       /* a layer inside a wrapper; NULL: reported */
} ArgModel;

typedef struct {
    Arena *arena;
    Diags *diags;
    Scope *scope;
    const Env *env;
    const ArgModel *model;
} ArgContext;

/* The kind that `ast` (AST_NAME or AST_CALL) names in a family, with its arguments. kind NULL: reported. */
KindRef args_kind(const ArgContext *context, const Ast *ast, Family family);

/* The arguments of a call of that kind. Every argument named like one of `generic` (NULL-terminated: "name", "trainable",
 * "dtype" of layers) is left out and handed back in generic_values, parallel to it (NULL: not given). The first n_skip
 * positional arguments are not this schema's (wires of a merge). NULL: reported. *spans is parallel to the schema. */
void *args_fill(const ArgContext *context, const Kind *kind, const Ast *call, const char *const *generic,
                const Ast **generic_values, size_t n_skip, Span **spans);

#endif
