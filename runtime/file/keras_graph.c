/* The wiring in Keras's config.json → a graph: Sequential and Functional. See keras_inside.h. */
#include <stdlib.h>
#include <string.h>

#include "runtime/file/keras_inside.h"
#include "runtime/kinds/layers/model.h"

/* ---- Inputs -------------------------------------------------------------------------------------------------------------------- */

static bool input_shape(KerasReader *r, const char *who, const Json *list, bool with_batch, Shape *shape)
{
    if (!list || list->type != JSON_LIST || (with_batch && list->n == 0)) return keras_refuse(r, who, "it has no shape");
    size_t skip = with_batch ? 1 : 0;
    if (list->n - skip > SHAPE_MAX_RANK) return keras_refuse(r, who, "its shape has %zu axes, at most %d are read", list->n - skip, SHAPE_MAX_RANK);
    *shape = (Shape){.rank = (int)(list->n - skip), .rows = 1};
    double size = 4;
    for (size_t i = skip; i < list->n; i++) {
        const Json *item = &list->items[i];
        int64_t length = DIM_UNKNOWN;
        if (item->type != JSON_NULL) {
            if (item->type != JSON_NUMBER || !item->is_integer || item->integer < 1 || item->integer > INT32_MAX)
                return keras_refuse(r, who, "a length of its shape is %s", keras_shown(r, item));
            length = item->integer;
            size *= (double)length;
        }
        shape->dim[i - skip] = length;
    }
    return size <= 1e12 ? true : keras_refuse(r, who, "one sample of it would take %s", str_bytes(r->arena, size));
}

static bool input_dtype_fits(KerasReader *r, const char *who, const Json *config)
{
    const Json *dtype = json_get(config, "dtype");
    if (!dtype || dtype->type == JSON_NULL || dtype->type == JSON_OBJECT) return true;
    if (dtype->type == JSON_TEXT && !strstr(dtype->text, "string") && !strstr(dtype->text, "complex") && strlen(dtype->text) < 20) return true;
    return keras_refuse(r, who, "its `dtype` is %s, which is not read here", keras_shown(r, dtype));
}

/* An InputLayer's shape. */
static bool read_input(KerasReader *r, const char *name, const Json *config, Shape *shape)
{
    static const char *const flags[] = {"sparse", "ragged"};
    for (size_t i = 0; i < sizeof flags / sizeof *flags; i++) {
        const Json *flag = json_get(config, flags[i]);
        if (flag && flag->type == JSON_BOOL && flag->boolean) return keras_refuse(r, name, "`%s` inputs are not read here", flags[i]);
    }
    if (!input_dtype_fits(r, name, config)) return false;
    const Json *batch = json_get(config, "batch_shape");
    if (!batch || batch->type == JSON_NULL) batch = json_get(config, "batch_input_shape");
    if (batch && batch->type != JSON_NULL) return input_shape(r, name, batch, true, shape);
    return input_shape(r, name, json_get(config, "shape"), false, shape);
}

/* ---- Calls ---------------------------------------------------------------------------------------------------------------------- */

static Call *call_layer(KerasReader *r, Layer *layer, Wire **in, int n_in, int n_args)
{
    if (++r->n_layers > KERAS_MOST_LAYERS) {
        keras_broken(r, "its layers are called more than %d times", KERAS_MOST_LAYERS);
        return NULL;
    }
    Diags *judged = diags_new(r->arena, diags_sources(r->diags));
    Call *call = graph_call(r->graph, layer, in, n_in, n_args, r->span, judged);
    if (call && !diags_errors(judged)) return call;
    const char *reason = "its inputs do not fit";
    for (size_t i = 0; i < diags_count(judged); i++) {
        if (diag_code_name(diag_code(diags_at(judged, i)))[0] != 'E') continue;
        reason = diag_message(diags_at(judged, i));
        break;
    }
    keras_refuse(r, layer->name, "%s", reason);
    return NULL;
}

/* ---- Sequential ----------------------------------------------------------------------------------------------------------------- */

static bool is_input(const Json *object)
{
    const char *class_name = keras_text(object, "class_name");
    return class_name && str_eq(class_name, "InputLayer");
}

/* The shape of a Sequential without InputLayer: its own, or the first layer's. */
static const Json *shape_elsewhere(const Json *config, const Json *first)
{
    const Json *shape = json_get(config, "build_input_shape");
    if (shape && shape->type == JSON_LIST) return shape;
    const Json *inner = json_get(first, "config");
    shape = json_get(inner, "batch_input_shape");
    if (!shape || shape->type != JSON_LIST) shape = json_get(inner, "batch_shape");
    if (!shape || shape->type != JSON_LIST) shape = json_get(json_get(first, "build_config"), "input_shape");
    return shape && shape->type == JSON_LIST ? shape : NULL;
}

static bool read_sequential(KerasReader *r, const Json *config, const Json *layers)
{
    Wire *wire = NULL;
    size_t at = 0;
    Shape shape;
    if (layers->n && is_input(&layers->items[0])) {
        const Json *input = json_get(&layers->items[0], "config");
        const char *name = keras_text(input, "name");
        if (!name) return keras_broken(r, "its input has no name");
        if (!read_input(r, name, input, &shape)) return false;
        wire = graph_input(r->graph, name, shape, r->span);
        at = 1;
    } else {
        const Json *given = layers->n ? shape_elsewhere(config, &layers->items[0]) : NULL;
        if (!given) return keras_broken(r, "the model was saved before it was built, so it has neither an input nor weights");
        if (!input_shape(r, "the input", given, true, &shape)) return false;
        wire = graph_input(r->graph, "input_layer", shape, r->span);
    }
    for (; at < layers->n; at++) {
        Layer *layer = keras_layer(r, &layers->items[at]);
        if (!layer) return false;
        for (size_t i = 0; i < r->graph->layers.n; i++)
            if (str_eq(r->graph->layers.at[i]->name, layer->name)) return keras_broken(r, "two layers are called `%s`", layer->name);
        Layer *behind = r->behind;
        Call *call = call_layer(r, layer, &wire, 1, 0);
        if (call && behind) call = call_layer(r, behind, &call->out[0], 1, 0);
        if (!call) return false;
        if (call->n_out != 1) return keras_refuse(r, layer->name, "it gives %d results in a chain", call->n_out);
        wire = call->out[0];
    }
    const char *name = r->graph->layers.n ? r->graph->layers.at[r->graph->layers.n - 1]->name : r->graph->inputs.at[0].name;
    return graph_output(r->graph, name, wire, r->span);
}

/* ---- Functional ------------------------------------------------------------------------------------------------------------------ */

typedef struct {
    const char *name;
    const Json *object;
    Layer *layer;   /* NULL: an input */
    Layer *behind;  /* called on each result of the layer; NULL: none */
    Wire *input;    /* of an InputLayer that is an input of the model */
    bool is_input;
    Shape shape;    /* of an InputLayer */
    const Json *nodes;
    Call **calls;   /* made so far */
    size_t n_done;
} Entry;

typedef struct {
    KerasReader *r;
    Entry *at;
    size_t n;
    size_t *hash; /* open, of places + 1 */
    size_t cap;
} Entries;

static Entry *find_entry(const Entries *e, const char *name)
{
    for (size_t i = (size_t)(rng_stream(name) % e->cap); e->hash[i]; i = (i + 1) % e->cap)
        if (str_eq(e->at[e->hash[i] - 1].name, name)) return &e->at[e->hash[i] - 1];
    return NULL;
}

static bool add_entry(Entries *e, const Json *object)
{
    KerasReader *r = e->r;
    const Json *config = json_get(object, "config");
    const char *name = keras_text(object, "name");
    if (!name) name = keras_text(config, "name");
    if (!name || !name[0] || strlen(name) > 500) return keras_broken(r, "a layer has no usable name");
    if (find_entry(e, name)) return keras_broken(r, "two layers are called `%s`", name);
    Entry *entry = &e->at[e->n];
    *entry = (Entry){.name = name, .object = object, .is_input = is_input(object)};
    size_t i = (size_t)(rng_stream(name) % e->cap);
    while (e->hash[i]) i = (i + 1) % e->cap;
    e->hash[i] = ++e->n;
    if (entry->is_input) {
        KerasObject judged;
        if (!keras_object(r, object, name, "it", &judged)) return false;
        if (!str_eq(judged.module, "keras.layers")) return keras_refuse(r, name, "`InputLayer` is of another module, `%s`", judged.module);
        return read_input(r, name, config, &entry->shape);
    }
    entry->layer = keras_layer(r, object);
    if (!entry->layer) return false;
    entry->behind = r->behind;
    entry->layer->name = name;
    entry->nodes = json_get(object, "inbound_nodes");
    if (!entry->nodes || entry->nodes->type != JSON_LIST) return keras_refuse(r, name, "it has no list of its calls (`inbound_nodes`)");
    entry->calls = ARENA_ARRAY(r->arena, Call *, entry->nodes->n + 1);
    return true;
}

/* The wire of [layer, call, result]. false with *later where its call was not made yet; else reported. */
static bool find_wire(Entries *e, const char *who, const Json *history, bool as_output, Wire **wire, bool *later)
{
    KerasReader *r = e->r;
    if (history->type != JSON_LIST || history->n < 3 || history->items[0].type != JSON_TEXT || !history->items[1].is_integer || !history->items[2].is_integer)
        return keras_refuse(r, who, "a wire is spelt in an unknown way: %s", keras_shown(r, history));
    const char *name = history->items[0].text;
    int64_t call = history->items[1].integer, port = history->items[2].integer;
    Entry *entry = find_entry(e, name);
    if (!entry) return keras_refuse(r, who, "it takes a wire of `%s`, which is no layer of the model", name);
    if (entry->is_input) {
        if (call != 0 || port != 0 || !entry->input) return keras_refuse(r, who, "it takes a wire of `%s`, which is no input of the model", name);
        *wire = entry->input;
        return true;
    }
    /* A functional model inside counts its calls from 1 there. */
    if (as_output && entry->layer->kind == &layer_functional) call--;
    if (call < 0 || (uint64_t)call >= entry->nodes->n) return keras_refuse(r, who, "it takes a wire of call %lld of `%s`, which has %zu", (long long)call, name, entry->nodes->n);
    if ((uint64_t)call >= entry->n_done) {
        *later = true;
        return false;
    }
    const Call *made = entry->calls[call];
    if (port < 0 || port >= made->n_out) return keras_refuse(r, who, "it takes result %lld of `%s`, which gives %d", (long long)port, name, made->n_out);
    *wire = made->out[port];
    return true;
}

typedef struct {
    VEC(Wire *) wires;
    VEC(Wire *) args; /* given by name, as arguments (initial_state) */
    Wire **named;     /* by the kind's input_names */
    int n_named;
    bool by_name;
    bool later;
} Inputs;

static const Json *tensor_history(const Json *json)
{
    const char *class_name = keras_text(json, "class_name");
    if (!class_name || !str_eq(class_name, "__keras_tensor__")) return NULL;
    const Json *history = json_get(json_get(json, "config"), "keras_history");
    return history ? history : json_get(json, "config");
}

/* Places of an object's keys in sorted order. */
static size_t *sorted_keys(Arena *arena, const Json *object)
{
    size_t *order = ARENA_ARRAY(arena, size_t, object->n + 1);
    for (size_t i = 0; i < object->n; i++) {
        size_t at = i;
        while (at > 0 && strcmp(object->keys[order[at - 1]], object->keys[i]) > 0) {
            order[at] = order[at - 1];
            at--;
        }
        order[at] = i;
    }
    return order;
}

/* Every wire of a value, lists and objects flattened. */
static bool gather(Entries *e, const Entry *entry, const Json *json, int depth, Inputs *in, bool as_args)
{
    KerasReader *r = e->r;
    const Json *history = tensor_history(json);
    if (history) {
        Wire *wire = NULL;
        if (!find_wire(e, entry->name, history, false, &wire, &in->later)) return false;
        if (as_args) VEC_PUSH(r->arena, in->args, wire);
        else VEC_PUSH(r->arena, in->wires, wire);
        return true;
    }
    if (json->type == JSON_NULL) return true;
    if (depth < 4 && json->type == JSON_LIST) {
        for (size_t i = 0; i < json->n; i++)
            if (!gather(e, entry, &json->items[i], depth + 1, in, as_args)) return false;
        return true;
    }
    if (depth < 4 && json->type == JSON_OBJECT && !keras_text(json, "class_name") && json->n <= 1000) {
        const size_t *order = sorted_keys(r->arena, json);
        for (size_t i = 0; i < json->n; i++)
            if (!gather(e, entry, &json->items[order[i]], depth + 1, in, as_args)) return false;
        return true;
    }
    return keras_refuse(r, entry->name, "it takes %s among its wires, which is not read here", keras_shown(r, json));
}

static int input_place(const LayerKind *kind, const char *name)
{
    for (int i = 0; kind->input_names && kind->input_names[i]; i++)
        if (str_eq(kind->input_names[i], name)) return i;
    return -1;
}

static bool is_wires_argument(const LayerKind *kind, const char *name)
{
    for (const ArgSpec *spec = kind->kind.args; spec && spec->name; spec++)
        if (spec->type == ARG_WIRES && (str_eq(spec->name, name) || (spec->keras && str_eq(spec->keras, name)))) return true;
    return false;
}

/* Whether a value holds no wire and says nothing: null, false, lists of such. */
static bool says_nothing(const Json *json)
{
    if (json->type == JSON_NULL || (json->type == JSON_BOOL && !json->boolean)) return true;
    if (json->type != JSON_LIST) return false;
    for (size_t i = 0; i < json->n; i++)
        if (!says_nothing(&json->items[i])) return false;
    return true;
}

/* An argument of the layer that Keras gives with the call (use_causal_mask). */
static bool call_argument(Entries *e, const Entry *entry, const char *key, const Json *json)
{
    const Kind *kind = &entry->layer->kind->kind;
    for (const ArgSpec *spec = kind->args; spec && spec->name; spec++) {
        if (spec->type != ARG_BOOL || json->type != JSON_BOOL || !str_eq(spec->keras ? spec->keras : spec->name, key)) continue;
        bool *into = (bool *)((char *)(uintptr_t)entry->layer->args + spec->offset);
        if (entry->n_done > 0 && *into != json->boolean) return keras_refuse(e->r, entry->name, "its calls differ in `%s`", key);
        *into = json->boolean;
        return true;
    }
    return keras_refuse(e->r, entry->name, "it is called with `%s` = %s, which is not read here", key, keras_shown(e->r, json));
}

static bool keyword(Entries *e, const Entry *entry, const char *key, const Json *json, Inputs *in)
{
    const LayerKind *kind = entry->layer->kind;
    if (says_nothing(json)) return true;
    int place = input_place(kind, key);
    if (place >= 0) {
        Inputs one = {0};
        if (!gather(e, entry, json, 0, &one, false)) {
            in->later = one.later;
            return false;
        }
        if (one.wires.n != 1) return keras_refuse(e->r, entry->name, "its input `%s` is no single wire", key);
        in->named[place] = one.wires.at[0];
        in->by_name = true;
        return true;
    }
    if (is_wires_argument(kind, key)) return gather(e, entry, json, 0, in, true);
    if (str_eq(key, "inputs")) return gather(e, entry, json, 0, in, false);
    if (str_eq(key, "training") && json->type == JSON_BOOL) return keras_refuse(e->r, entry->name, "it is fixed in training mode (`training` is true)");
    if (strstr(key, "mask") && json->type != JSON_BOOL) return keras_refuse(e->r, entry->name, "it takes its mask from a wire, which is not read here");
    return call_argument(e, entry, key, json);
}

/* The wires of a call: by name first where the layer's inputs have names. */
static bool call_inputs(Entries *e, const Entry *entry, const Json *node, Inputs *in)
{
    KerasReader *r = e->r;
    const LayerKind *kind = entry->layer->kind;
    while (kind->input_names && kind->input_names[in->n_named]) in->n_named++;
    in->named = ARENA_ARRAY(r->arena, Wire *, in->n_named + 1);
    if (node->type != JSON_OBJECT) return keras_refuse(r, entry->name, "its calls are spelt as in Keras 2: open the file in Keras 3 and save it again");
    const Json *args = json_get(node, "args"), *kwargs = json_get(node, "kwargs");
    if (!args || args->type != JSON_LIST) return keras_refuse(r, entry->name, "a call of it has no inputs (`args`)");
    for (size_t i = 0; i < args->n; i++) {
        if (i > 0 && says_nothing(&args->items[i])) continue;
        if (!gather(e, entry, &args->items[i], 0, in, false)) return false;
    }
    for (size_t i = 0; kwargs && kwargs->type == JSON_OBJECT && i < kwargs->n; i++)
        if (!keyword(e, entry, kwargs->keys[i], &kwargs->items[i], in)) return false;
    if (!in->by_name) return true;
    /* Positional ones stand before those by name. */
    VEC(Wire *) all = {0};
    for (size_t i = 0; i < in->wires.n; i++) VEC_PUSH(r->arena, all, in->wires.at[i]);
    for (int i = (int)in->wires.n; i < in->n_named; i++)
        if (in->named[i]) VEC_PUSH(r->arena, all, in->named[i]);
    in->wires.n = 0;
    for (size_t i = 0; i < all.n; i++) VEC_PUSH(r->arena, in->wires, all.at[i]);
    return true;
}

/* Makes the next call of a layer where its wires are there. *made tells. */
static bool next_call(Entries *e, Entry *entry, bool *made)
{
    Inputs in = {0};
    *made = false;
    if (!call_inputs(e, entry, &entry->nodes->items[entry->n_done], &in)) return in.later;
    size_t n_args = in.args.n;
    for (size_t i = 0; i < n_args; i++) VEC_PUSH(e->r->arena, in.wires, in.args.at[i]);
    Call *call = call_layer(e->r, entry->layer, in.wires.at, (int)in.wires.n, (int)n_args);
    if (call && entry->behind) call = call_layer(e->r, entry->behind, &call->out[0], 1, 0);
    if (!call) return false;
    entry->calls[entry->n_done++] = call;
    *made = true;
    return true;
}

/* In repeated passes, since layers may stand in any order; a pass that makes nothing means a circle. */
static bool make_calls(Entries *e)
{
    for (bool progress = true; progress;) {
        progress = false;
        const Entry *left = NULL;
        for (size_t i = 0; i < e->n; i++) {
            Entry *entry = &e->at[i];
            while (!entry->is_input && entry->n_done < entry->nodes->n) {
                bool made;
                if (!next_call(e, entry, &made)) return false;
                if (!made) break;
                progress = true;
            }
            if (!entry->is_input && entry->n_done < entry->nodes->n) left = entry;
        }
        if (!left) return true;
        if (!progress) return keras_refuse(e->r, left->name, "its wires go round in a circle");
    }
    return true;
}

static bool is_leaf(const Json *json)
{
    return json->type == JSON_LIST && json->n >= 3 && json->items[0].type == JSON_TEXT && json->items[1].type == JSON_NUMBER;
}

static bool add_input(Entries *e, const Json *leaf)
{
    Entry *entry = find_entry(e, leaf->items[0].text);
    if (!entry || !entry->is_input) return keras_broken(e->r, "its input `%s` is no input layer", leaf->items[0].text);
    if (entry->input) return keras_broken(e->r, "its input `%s` stands twice", entry->name);
    entry->input = graph_input(e->r->graph, entry->name, entry->shape, e->r->span);
    return true;
}

static bool add_output(Entries *e, const Json *leaf, const char *key)
{
    Wire *wire = NULL;
    bool later = false;
    if (!find_wire(e, "the output", leaf, true, &wire, &later)) return later ? keras_broken(e->r, "an output has no wire") : false;
    const char *base = key ? key : leaf->items[0].text, *name = base;
    for (size_t again = 1;; again++) {
        bool taken = false;
        for (size_t i = 0; i < e->r->graph->outputs.n; i++) taken = taken || str_eq(e->r->graph->outputs.at[i].name, name);
        if (!taken) break;
        name = arena_printf(e->r->arena, "%s_%zu", base, again);
    }
    return graph_output(e->r->graph, name, wire, e->r->span);
}

/* Leaves of input_layers or output_layers, however they are wrapped. */
static bool ports(Entries *e, const Json *json, const char *key, int depth, bool outputs)
{
    if (is_leaf(json)) return outputs ? add_output(e, json, key) : add_input(e, json);
    if (depth > 4 || (json->type != JSON_LIST && json->type != JSON_OBJECT) || json->n > 1000)
        return keras_broken(e->r, "its %s are spelt in an unknown way", outputs ? "outputs" : "inputs");
    const size_t *order = json->type == JSON_OBJECT ? sorted_keys(e->r->arena, json) : NULL;
    for (size_t i = 0; i < json->n; i++)
        if (!ports(e, &json->items[order ? order[i] : i], order ? json->keys[order[i]] : NULL, depth + 1, outputs)) return false;
    return true;
}

static bool read_functional(KerasReader *r, const Json *config, const Json *layers)
{
    Entries e = {.r = r, .cap = 2 * layers->n + 16};
    e.at = ARENA_ARRAY(r->arena, Entry, layers->n + 1);
    e.hash = ARENA_ARRAY(r->arena, size_t, e.cap);
    const Json *inputs = json_get(config, "input_layers"), *outputs = json_get(config, "output_layers");
    if (!inputs || !outputs) return keras_broken(r, "the model `%s` tells no inputs or outputs", r->graph->name);
    for (size_t i = 0; i < layers->n; i++)
        if (!add_entry(&e, &layers->items[i])) return false;
    if (!ports(&e, inputs, NULL, 0, false) || !make_calls(&e) || !ports(&e, outputs, NULL, 0, true)) return false;
    if (!r->graph->inputs.n || !r->graph->outputs.n) return keras_broken(r, "the model `%s` has no inputs or no outputs", r->graph->name);
    return true;
}

/* ---- The model ------------------------------------------------------------------------------------------------------------------- */

bool keras_graph(KerasReader *r, const Json *json)
{
    KerasObject object;
    if (!keras_object(r, json, r->graph->name ? r->graph->name : "the model", "it", &object)) return false;
    bool sequential = str_eq(object.class_name, "Sequential");
    bool functional = str_eq(object.class_name, "Functional") || str_eq(object.class_name, "Model");
    if (!sequential && !functional) return keras_broken(r, "it holds `%s`, which is no Sequential and no Functional model", object.class_name);
    if (!object.config || object.config->type != JSON_OBJECT) return keras_broken(r, "the model has no config");
    const char *name = keras_text(object.config, "name");
    if (name && name[0] && strlen(name) <= 500) r->graph->name = arena_copy(r->arena, name);
    const Json *layers = json_get(object.config, "layers");
    if (!layers || layers->type != JSON_LIST) return keras_broken(r, "the model has no list of layers");
    if (layers->n > KERAS_MOST_LAYERS) return keras_broken(r, "it has more than %d layers", KERAS_MOST_LAYERS);
    if (r->depth >= KERAS_MOST_DEPTH) return keras_broken(r, "models stand inside each other more than %d deep", KERAS_MOST_DEPTH);
    bool ok = sequential ? read_sequential(r, object.config, layers) : read_functional(r, object.config, layers);
    if (!ok) return false;
    graph_name_layers(r->graph);
    const Json *trainable = json_get(object.config, "trainable");
    if (trainable && trainable->type == JSON_BOOL && !trainable->boolean)
        for (size_t i = 0; i < r->graph->layers.n; i++) r->graph->layers.at[i]->trainable = false;
    return true;
}
