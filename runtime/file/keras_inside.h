/* Inside of file/keras_*.c: what the parts of the reader share. */
#ifndef NNL_FILE_KERAS_INSIDE_H
#define NNL_FILE_KERAS_INSIDE_H

#include "runtime/file/keras.h"

#define KERAS_MOST_DEPTH 24     /* of models and wrappers inside each other */
#define KERAS_MOST_LAYERS 20000 /* of one file, calls counted too */

typedef struct {
    Arena *arena;
    Diags *diags;
    Span span;         /* of the file's name in the script */
    const char *shown; /* the file, as messages call it */
    Graph *graph;      /* that is being read */
    int depth;
    size_t n_layers;
    bool in_wrapper;   /* the layer being read stands inside another */
    Layer *behind;     /* by keras_layer: what must follow each call of the layer (an activation that is a layer); NULL: nothing */
} KerasReader;

/* ---- Saying no. Each reports once and returns false ------------------------------------------------------------------------- */

/* A layer that cannot be loaded, and why. */
bool keras_refuse(KerasReader *r, const char *layer, const char *format, ...) __attribute__((format(printf, 3, 4)));
/* A file whose form is not understood. */
bool keras_broken(KerasReader *r, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* ---- Objects ------------------------------------------------------------------------------------------------------------------ */

/* {"module": …, "class_name": …, "config": …}, judged: nothing of a user's own, no code, no inner classes. */
typedef struct {
    const char *module, *class_name;
    const Json *config;   /* an object; of a function its name */
    const char *function; /* of a function: its name; else NULL */
} KerasObject;

/* who: the layer, for messages; what: "its activation". */
bool keras_object(KerasReader *r, const Json *json, const char *who, const char *what, KerasObject *out);
/* A text of an object, or NULL. */
const char *keras_text(const Json *object, const char *key);
/* A value as a short text, for messages. */
const char *keras_shown(KerasReader *r, const Json *json);

/* A kind of a family, by name or as an object; null gives kind NULL. */
bool keras_kind(KerasReader *r, const char *who, const char *key, Family family, const Json *json, KindRef *out);
/* Arguments of a kind over its defaults. Keys of `but` (ended by NULL) are left to the caller. */
bool keras_args(KerasReader *r, const char *who, const Kind *kind, const Json *config, const char *const *but, void *args);
/* The same written: keys into an object that is open. Layers and wires have no place there. */
void keras_put_args(Arena *arena, JsonOut *o, const Kind *kind, const void *args);
/* Module of a family's classes. */
const char *keras_module(Family family);

/* ---- Layers and graphs -------------------------------------------------------------------------------------------------------- */

/* A layer object, also a model inside (not yet called). NULL: reported. */
Layer *keras_layer(KerasReader *r, const Json *json);
/* config.json → r->graph. false: reported. */
bool keras_graph(KerasReader *r, const Json *config);
/* compile_config; what is not known there leaves the model uncompiled, which is no mistake. false: reported (code in it). */
bool keras_compile(KerasReader *r, const Json *config, KerasCompile *out);

#endif
