/* Layers of Keras's config.json: plain ones, and whole models as layers of others. See keras_inside.h. */
#include <string.h>

#include "runtime/file/keras_inside.h"
#include "runtime/kinds/layers/model.h"

static const char *const own_keys[] = {"name", "trainable", "dtype", NULL};

/* float32, or another type of floats, which becomes float32. */
static bool dtype_fits(KerasReader *r, const char *who, const Json *dtype)
{
    static const char *const good[] = {"float32", "float64", "float16", "bfloat16", "mixed_float16", "mixed_bfloat16"};
    if (!dtype || dtype->type == JSON_NULL) return true;
    const char *name = dtype->type == JSON_TEXT ? dtype->text : NULL;
    if (dtype->type == JSON_OBJECT) {
        KerasObject object;
        if (!keras_object(r, dtype, who, "its `dtype`", &object)) return false;
        if (!str_eq(object.class_name, "DTypePolicy") && !str_eq(object.class_name, "FloatDTypePolicy"))
            return keras_refuse(r, who, "its numbers are stored as `%s`, which is not read here", object.class_name);
        name = object.config ? keras_text(object.config, "name") : NULL;
        if (!name && object.config) name = keras_text(object.config, "policy");
    }
    for (size_t i = 0; name && i < sizeof good / sizeof *good; i++)
        if (str_eq(name, good[i])) return true;
    return keras_refuse(r, who, "its `dtype` is %s, which is not read here", keras_shown(r, dtype));
}

static bool good_name(const char *name)
{
    return name && name[0] && strlen(name) <= 500 && !strchr(name, '/');
}

/* The activation that a layer is, for logs. */
static void set_shown_kind(Layer *layer)
{
    for (const ArgSpec *spec = layer->kind->kind.args; layer->kind->hidden && spec && spec->name; spec++) {
        if (spec->type != ARG_KIND || spec->family != FAMILY_ACTIVATION) continue;
        const KindRef *ref = (const KindRef *)((const char *)layer->args + spec->offset);
        if (ref->kind) layer->shown_kind = ref->kind->name;
    }
}

static bool is_model(const KerasObject *object)
{
    const char *class_name = object->class_name, *module = object->module;
    bool functional = str_eq(class_name, "Functional") || str_eq(class_name, "Model"), sequential = str_eq(class_name, "Sequential");
    return (functional || sequential) && (str_eq(module, "keras") || str_eq(module, "keras.models") || str_starts(module, "keras.src.models."));
}

/* ---- Models inside ------------------------------------------------------------------------------------------------------------- */

static void forget_calls(const Graph *graph)
{
    for (size_t i = 0; i < graph->made.n; i++) {
        Layer *layer = graph->made.at[i];
        layer->n_calls = 0;
        const ModelArgs *inner = layer_model(layer);
        if (inner) forget_calls(inner->graph);
    }
}

static size_t value_of(const Wire *wire, Wire *const *values, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (values[i] == wire) return i;
    return 0;
}

/* The calls of a graph as steps that can be played again. */
static ModelArgs *record(Arena *arena, Graph *graph)
{
    ModelArgs *args = ARENA_NEW(arena, ModelArgs);
    args->graph = graph;
    args->layers = graph->layers.at;
    args->n_layers = graph->layers.n;
    args->n_inputs = graph->inputs.n;
    VEC(Wire *) values = {0};
    for (size_t i = 0; i < graph->inputs.n; i++) VEC_PUSH(arena, values, graph->inputs.at[i].wire);
    ModelStep *steps = ARENA_ARRAY(arena, ModelStep, graph->shown.n);
    for (size_t s = 0; s < graph->shown.n; s++) {
        const Call *call = graph->shown.at[s];
        size_t *in = ARENA_ARRAY(arena, size_t, call->n_in);
        for (int i = 0; i < call->n_in; i++) in[i] = value_of(call->in[i], values.at, values.n);
        steps[s] = (ModelStep){call->layer, in, call->n_in};
        for (int i = 0; i < call->n_out; i++) VEC_PUSH(arena, values, call->out[i]);
    }
    size_t *outputs = ARENA_ARRAY(arena, size_t, graph->outputs.n);
    for (size_t k = 0; k < graph->outputs.n; k++) outputs[k] = value_of(graph->outputs.at[k].wire, values.at, values.n);
    args->steps = steps;
    args->n_steps = graph->shown.n;
    args->n_values = values.n;
    args->outputs = outputs;
    args->n_outputs = graph->outputs.n;
    return args;
}

static Layer *model_layer(KerasReader *r, const Json *json, const KerasObject *object)
{
    const char *name = keras_text(object->config, "name");
    KerasReader inner = *r;
    inner.depth = r->depth + 1;
    inner.in_wrapper = false;
    inner.graph = graph_new(r->arena, name, r->span);
    bool ok = keras_graph(&inner, json);
    r->n_layers = inner.n_layers;
    r->behind = NULL;
    if (!ok) return NULL;
    ModelArgs *args = record(r->arena, inner.graph);
    forget_calls(inner.graph);
    const LayerKind *kind = str_eq(object->class_name, "Sequential") ? &layer_sequential : &layer_functional;
    inner.graph->sequential = kind == &layer_sequential; /* it is written as it was read */
    return graph_layer(r->graph, kind, args, name, r->span);
}

/* An activation with arguments of its own (Dense(activation=LeakyReLU(0.1))) becomes a layer behind: no version of Keras can read it back
 * as an argument. Inside a wrapper it stays. */
static bool split_activation(KerasReader *r, const char *name, const Kind *kind, const Json *config, void *args)
{
    for (const ArgSpec *spec = kind->args; spec && spec->name; spec++) {
        if (!spec->epilogue) continue;
        KindRef *ref = (KindRef *)((char *)args + spec->offset);
        const Json *given = json_get(config, spec->keras ? spec->keras : spec->name);
        const char *class_name = keras_text(given, "class_name");
        const Kind *layer = class_name && ref->kind ? kind_find_keras(FAMILY_LAYER, class_name) : NULL;
        Buf text = buf_in(r->arena);
        if (layer) kind_print_args(ref->kind, ref->args, &text);
        if (!layer || text.n == 0) continue;
        void *layer_args = kind_defaults(r->arena, layer);
        const Json *layer_config = json_get(given, "config");
        if (layer_config && !keras_args(r, name, layer, layer_config, own_keys, layer_args)) return false;
        r->behind = graph_layer(r->graph, (const LayerKind *)layer, layer_args, arena_printf(r->arena, "%s_activation", name), r->span);
        *ref = (KindRef){kind_find(FAMILY_ACTIVATION, "linear"), NULL};
    }
    return true;
}

/* The kind of a layer that its arguments alone make: none for a model's class under the module of layers. */
static const Kind *plain_kind(const KerasObject *object)
{
    const Kind *kind = str_eq(object->module, "keras.layers") ? kind_find_keras(FAMILY_LAYER, object->class_name) : NULL;
    bool model = kind == &layer_functional.kind || kind == &layer_sequential.kind;
    return model ? NULL : kind;
}

/* ---- A layer --------------------------------------------------------------------------------------------------------------------- */

Layer *keras_layer(KerasReader *r, const Json *json)
{
    const Json *given = json_get(json, "config");
    const char *name = keras_text(given, "name");
    if (!name) name = keras_text(json, "name");
    if (!good_name(name)) {
        keras_broken(r, "a layer has no usable name");
        return NULL;
    }
    KerasObject object;
    if (!keras_object(r, json, name, "it", &object)) return NULL;
    if (r->depth >= KERAS_MOST_DEPTH) {
        keras_refuse(r, name, "layers stand inside each other more than %d deep", KERAS_MOST_DEPTH);
        return NULL;
    }
    if (++r->n_layers > KERAS_MOST_LAYERS) {
        keras_broken(r, "it has more than %d layers", KERAS_MOST_LAYERS);
        return NULL;
    }
    if (!object.config || object.config->type != JSON_OBJECT) {
        keras_refuse(r, name, "it has no config");
        return NULL;
    }
    const Json *trainable = json_get(object.config, "trainable");
    bool trains = !trainable || trainable->type != JSON_BOOL || trainable->boolean;
    Layer *layer = NULL;
    if (is_model(&object)) {
        layer = model_layer(r, json, &object);
    } else {
        const Kind *kind = plain_kind(&object);
        const char *waits = kind ? NULL : word_waiting(FAMILY_LAYER, keras_snake(r->arena, object.class_name)) ? " yet" : "";
        if (!kind) {
            keras_refuse(r, name, "there is no layer `%s` here%s", object.class_name, waits);
            return NULL;
        }
        if (!dtype_fits(r, name, json_get(object.config, "dtype"))) return NULL;
        void *args = kind_defaults(r->arena, kind);
        r->depth++;
        bool ok = keras_args(r, name, kind, object.config, own_keys, args);
        r->depth--;
        r->behind = NULL;
        if (!ok || (!r->in_wrapper && !split_activation(r, name, kind, object.config, args))) return NULL;
        layer = graph_layer(r->graph, (const LayerKind *)kind, args, name, r->span);
        size_t n_specs = 0;
        while (kind->args && kind->args[n_specs].name) n_specs++;
        layer->arg_spans = ARENA_ARRAY(r->arena, Span, n_specs + 1);
        set_shown_kind(layer);
    }
    if (layer) layer->trainable = trains;
    return layer;
}
