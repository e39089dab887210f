/* Writing `.keras`: the graph and its compile settings as Keras's config.json, weights and optimizer state as HDF5. See keras.h. */
#include <math.h>
#include <string.h>

#include "runtime/base/bug.h"
#include "runtime/file/h5.h"
#include "runtime/file/keras_inside.h"
#include "runtime/file/keras_numbers.h"
#include "runtime/kinds/layers/model.h"

#define DIALECT "3.3.3" /* of Keras: what is written here loads from this version on, unless a kind is newer */

typedef struct {
    Arena *arena;
    JsonOut *o;
    const Graph *graph;
} Writer;

static void key_text(JsonOut *o, const char *key, const char *text)
{
    json_key(o, key);
    if (text) json_text(o, text);
    else json_null(o);
}

static void key_null(JsonOut *o, const char *key)
{
    json_key(o, key);
    json_null(o);
}

/* {"module": …, "class_name": …, "registered_name": null, "config": { */
static void open_object(JsonOut *o, const char *module, const char *class_name)
{
    json_object(o);
    key_text(o, "module", module);
    key_text(o, "class_name", class_name);
    key_null(o, "registered_name");
    json_key(o, "config");
    json_object(o);
}

static void open_model(JsonOut *o, bool sequential)
{
    json_object(o);
    key_text(o, "module", sequential ? "keras" : "keras.src.models.functional");
    key_text(o, "class_name", sequential ? "Sequential" : "Functional");
    key_text(o, "registered_name", sequential ? NULL : "Functional");
    json_key(o, "config");
    json_object(o);
}

static void close_object(JsonOut *o)
{
    json_object_end(o);
    json_object_end(o);
}

/* ---- Arguments ------------------------------------------------------------------------------------------------------------- */

static void write_layer(Writer *w, const Layer *layer);
static void write_functional(Writer *w);
static void write_sequential(Writer *w);
static void write_args(Writer *w, const Kind *kind, const void *args);

static bool all_defaults(Writer *w, const KindRef *ref)
{
    Buf text = buf_in(w->arena);
    kind_print_args(ref->kind, ref->args, &text);
    return text.n == 0;
}

/* A string where Keras takes one for the defaults, else an object. */
static void write_kind(Writer *w, const KindRef *ref)
{
    if (!ref->kind) {
        json_null(w->o);
    } else if (ref->kind->family == FAMILY_ACTIVATION) {
        json_text(w->o, keras_class(w->arena, ref->kind));
    } else if (ref->kind->family == FAMILY_INITIALIZER && all_defaults(w, ref)) {
        json_text(w->o, ref->kind->name);
    } else {
        open_object(w->o, keras_module(ref->kind->family), keras_class(w->arena, ref->kind));
        write_args(w, ref->kind, ref->args);
        close_object(w->o);
    }
}

static void write_value(Writer *w, const Value *value)
{
    switch (value->type) {
    case VALUE_NONE: json_null(w->o); break;
    case VALUE_INT: json_int(w->o, value->integer); break;
    case VALUE_FLOAT:
        if (isnan(value->number)) json_null(w->o);
        else json_double(w->o, value->number);
        break;
    case VALUE_BOOL: json_bool(w->o, value->boolean); break;
    case VALUE_NAME:
    case VALUE_TEXT: json_text(w->o, value->text); break;
    case VALUE_LIST:
        json_list(w->o);
        for (size_t i = 0; i < value->n; i++) write_value(w, &value->items[i]);
        json_list_end(w->o);
        break;
    case VALUE_KIND: write_kind(w, &value->kind); break;
    case VALUE_LAYER: write_layer(w, value->layer); break;
    case VALUE_WIRE: break;
    }
}

/* Every argument but wires, which stand among the calls, and those that are none where none is what Keras takes anyway. */
static void write_args(Writer *w, const Kind *kind, const void *args)
{
    for (const ArgSpec *spec = kind->args; spec && spec->name; spec++) {
        if (spec->type == ARG_WIRES) continue;
        Value value = kind_get(w->arena, kind, args, spec);
        bool none = value.type == VALUE_NONE || (value.type == VALUE_FLOAT && isnan(value.number)) || (value.type == VALUE_KIND && !value.kind.kind);
        if (none && spec->fallback && str_eq(spec->fallback, "none")) continue;
        json_key(w->o, spec->keras ? spec->keras : spec->name);
        if (none && spec->type == ARG_KIND && spec->family == FAMILY_ACTIVATION) json_text(w->o, "linear");
        else write_value(w, &value);
    }
}

void keras_put_args(Arena *arena, JsonOut *o, const Kind *kind, const void *args)
{
    Writer w = {arena, o, NULL};
    write_args(&w, kind, args);
}

/* Whether the layer says itself that it is not trained. Of a layer that stands in a wrapper as copies (bidirectional's), these may say it. */
static bool says_frozen(const Layer *layer)
{
    if (!layer->trainable) return layer->n_weights || layer->n_inner || layer->outer;
    size_t copies = 0;
    for (size_t i = 0; layer->outer && i < layer->outer->n_inner; i++) {
        const Layer *copy = layer->outer->inner[i];
        if (copy->outer != layer) continue;
        if (copy->trainable) return false;
        copies++;
    }
    return copies > 0;
}

static void write_config(Writer *w, const Layer *layer)
{
    key_text(w->o, "name", layer->name);
    /* Only where it says something: some layers without weights know no such key. */
    if (says_frozen(layer)) {
        json_key(w->o, "trainable");
        json_bool(w->o, false);
    }
    const ModelArgs *model = layer_model(layer);
    if (model) {
        Writer inner = {w->arena, w->o, model->graph};
        if (layer->kind == &layer_sequential) write_sequential(&inner);
        else write_functional(&inner);
        return;
    }
    write_args(w, &layer->kind->kind, layer->args);
}

static void open_layer(Writer *w, const Layer *layer)
{
    if (layer->kind == &layer_functional) open_model(w->o, false);
    else if (layer->kind == &layer_sequential) open_model(w->o, true);
    else open_object(w->o, "keras.layers", keras_class(w->arena, &layer->kind->kind));
}

/* A layer without its calls: in a Sequential, or inside a wrapper. */
static void write_layer(Writer *w, const Layer *layer)
{
    open_layer(w, layer);
    write_config(w, layer);
    close_object(w->o);
}

/* ---- Graphs ---------------------------------------------------------------------------------------------------------------- */

static void write_shape(JsonOut *o, const Shape *shape)
{
    json_list(o);
    json_null(o);
    for (int i = 0; i < shape->rank; i++) {
        if (shape->dim[i] == DIM_UNKNOWN) json_null(o);
        else json_int(o, shape->dim[i]);
    }
    json_list_end(o);
}

static void write_input(Writer *w, const GraphPort *input, bool functional)
{
    open_object(w->o, "keras.layers", "InputLayer");
    json_key(w->o, "batch_shape");
    write_shape(w->o, &input->wire->shape);
    key_text(w->o, "dtype", "float32");
    key_text(w->o, "name", input->name);
    json_object_end(w->o);
    if (functional) {
        key_text(w->o, "name", input->name);
        json_key(w->o, "inbound_nodes");
        json_list(w->o);
        json_list_end(w->o);
    }
    json_object_end(w->o);
}

/* [name of the layer, which call of it, which result]. Among outputs a functional model inside counts its calls from 1. */
static void write_history(Writer *w, const Wire *wire, bool as_output)
{
    int port;
    const Call *call = keras_maker(wire, &port);
    json_list(w->o);
    if (call) {
        json_text(w->o, call->layer->name);
        json_int(w->o, call->nth + (as_output && call->layer->kind == &layer_functional));
        json_int(w->o, port);
    } else {
        const char *name = "";
        for (size_t i = 0; i < w->graph->inputs.n; i++)
            if (w->graph->inputs.at[i].wire == wire) name = w->graph->inputs.at[i].name;
        json_text(w->o, name);
        json_int(w->o, 0);
        json_int(w->o, 0);
    }
    json_list_end(w->o);
}

static void write_wire(Writer *w, const Wire *wire)
{
    json_object(w->o);
    key_text(w->o, "class_name", "__keras_tensor__");
    json_key(w->o, "config");
    json_object(w->o);
    json_key(w->o, "shape");
    write_shape(w->o, &wire->shape);
    key_text(w->o, "dtype", "float32");
    json_key(w->o, "keras_history");
    write_history(w, wire, false);
    json_object_end(w->o);
    json_object_end(w->o);
}

static const char *wires_argument(const Layer *layer)
{
    for (const ArgSpec *spec = layer->kind->kind.args; spec && spec->name; spec++)
        if (spec->type == ARG_WIRES) return spec->keras ? spec->keras : spec->name;
    return "initial_state";
}

static void write_call(Writer *w, const Call *call)
{
    int n = call->n_in - call->n_args_in;
    const LayerKind *kind = call->layer->kind;
    bool list = (kind->max_inputs < 0 || kind->max_inputs > 1) && !kind->input_names && !(layer_model(call->layer) && n == 1);
    json_object(w->o);
    json_key(w->o, "args");
    json_list(w->o);
    if (list) json_list(w->o);
    for (int i = 0; i < n; i++) write_wire(w, call->in[i]);
    if (list) json_list_end(w->o);
    json_list_end(w->o);
    json_key(w->o, "kwargs");
    json_object(w->o);
    if (call->n_args_in) {
        json_key(w->o, wires_argument(call->layer));
        json_list(w->o);
        for (int i = n; i < call->n_in; i++) write_wire(w, call->in[i]);
        json_list_end(w->o);
    }
    json_object_end(w->o);
    json_object_end(w->o);
}

static void write_functional(Writer *w)
{
    KerasItem *items;
    size_t n = keras_order(w->arena, w->graph, &items);
    json_key(w->o, "layers");
    json_list(w->o);
    for (size_t i = 0; i < n; i++) {
        const Layer *layer = items[i].layer;
        if (!layer) {
            write_input(w, &w->graph->inputs.at[items[i].input], true);
            continue;
        }
        open_layer(w, layer);
        write_config(w, layer);
        json_object_end(w->o);
        key_text(w->o, "name", layer->name);
        json_key(w->o, "inbound_nodes");
        json_list(w->o);
        for (size_t c = 0; c < w->graph->shown.n; c++)
            if (w->graph->shown.at[c]->layer == layer) write_call(w, w->graph->shown.at[c]);
        json_list_end(w->o);
        json_object_end(w->o);
    }
    json_list_end(w->o);
    json_key(w->o, "input_layers");
    json_list(w->o);
    for (size_t i = 0; i < w->graph->inputs.n; i++) write_history(w, w->graph->inputs.at[i].wire, false);
    json_list_end(w->o);
    json_key(w->o, "output_layers");
    json_list(w->o);
    for (size_t i = 0; i < w->graph->outputs.n; i++) write_history(w, w->graph->outputs.at[i].wire, true);
    json_list_end(w->o);
}

static void write_sequential(Writer *w)
{
    json_key(w->o, "layers");
    json_list(w->o);
    write_input(w, &w->graph->inputs.at[0], false);
    for (size_t i = 0; i < w->graph->layers.n; i++) write_layer(w, w->graph->layers.at[i]);
    json_list_end(w->o);
}

/* ---- Compile settings -------------------------------------------------------------------------------------------------------- */

static void write_optimizer(Writer *w, const Model *model, const KindRef *ref)
{
    open_object(w->o, "keras.optimizers", keras_class(w->arena, ref->kind));
    key_text(w->o, "name", ref->kind->name);
    for (const ArgSpec *spec = ref->kind->args; spec && spec->name; spec++) {
        Value value = kind_get(w->arena, ref->kind, ref->args, spec);
        bool none = value.type == VALUE_NONE || (value.type == VALUE_FLOAT && isnan(value.number));
        if (none || spec->type == ARG_TEXTS) continue; /* exclusions are no part of Keras's config */
        bool now = model && spec->type == ARG_FLOAT_OR_KIND && value.type == VALUE_FLOAT && model->optimizer.ref.kind == ref->kind;
        if (now) value.number = model->optimizer.rate;
        if (str_eq(spec->name, "gradient_accumulation_steps") && value.integer <= 1) continue; /* none in Keras */
        json_key(w->o, spec->keras ? spec->keras : spec->name);
        write_value(w, &value);
    }
    close_object(w->o);
}

static void write_loss(Writer *w, const KindRef *ref)
{
    if (!ref->kind) {
        json_null(w->o);
    } else if (all_defaults(w, ref)) {
        json_text(w->o, ref->kind->name);
    } else {
        open_object(w->o, "keras.losses", keras_class(w->arena, ref->kind));
        key_text(w->o, "name", ref->kind->name);
        key_text(w->o, "reduction", "sum_over_batch_size");
        write_args(w, ref->kind, ref->args);
        close_object(w->o);
    }
}

static void write_metric(Writer *w, const struct KerasMetric *metric)
{
    const Kind *kind = metric->ref.kind;
    if (!kind->keras || str_starts(metric->name, "acc")) {
        /* `accuracy` means what the shapes say, in Keras too; what Keras has no class for is left to its nearest. */
        json_text(w->o, kind->keras ? "accuracy" : kind->name);
        return;
    }
    open_object(w->o, "keras.metrics", keras_class(w->arena, kind));
    key_text(w->o, "name", metric->name);
    write_args(w, kind, metric->ref.args);
    close_object(w->o);
}

static void write_compile(Writer *w, const Model *model, const KerasCompile *compile)
{
    size_t n = w->graph->outputs.n;
    json_key(w->o, "compile_config");
    json_object(w->o);
    json_key(w->o, "optimizer");
    write_optimizer(w, model, &compile->optimizer);
    json_key(w->o, "loss");
    if (n > 1) json_list(w->o);
    for (size_t k = 0; k < n; k++) write_loss(w, &compile->losses[k]);
    if (n > 1) json_list_end(w->o);
    json_key(w->o, "loss_weights");
    if (n > 1) {
        json_list(w->o);
        for (size_t k = 0; k < n; k++) json_double(w->o, compile->weights[k]);
        json_list_end(w->o);
    } else {
        json_null(w->o);
    }
    json_key(w->o, "metrics");
    json_list(w->o);
    for (size_t k = 0; k < n; k++) {
        if (n > 1) json_list(w->o);
        for (size_t m = 0; m < compile->n_metrics[k]; m++)
            if (compile->metrics[k][m].ref.kind->keras) write_metric(w, &compile->metrics[k][m]);
        if (n > 1) json_list_end(w->o);
    }
    json_list_end(w->o);
    key_null(w->o, "weighted_metrics");
    json_object_end(w->o);
}

void keras_config(Arena *arena, const Graph *graph, const Model *model, const KerasCompile *compile, Buf *out)
{
    JsonOut o = json_out(out);
    Writer w = {arena, &o, graph};
    bool sequential = keras_sequential(graph);
    open_model(&o, sequential);
    key_text(&o, "name", graph->name);
    if (sequential) write_sequential(&w);
    else write_functional(&w);
    json_object_end(&o);
    if (compile && compile->optimizer.kind) write_compile(&w, model, compile);
    json_object_end(&o);
}

/* ---- Numbers ----------------------------------------------------------------------------------------------------------------- */

static void put_array(H5Out *out, const char *path, const Shape *shape, const float *data)
{
    h5_out_floats(out, path, shape->rank, shape->dim, data);
}

/* iterations, learning rate, then the state's arrays. */
static void put_optimizer(Arena *arena, H5Out *out, const Model *model, const KerasArrays *arrays)
{
    const OptimizerState *s = &model->optimizer;
    if (!s->ref.kind) return;
    h5_out_int(out, "optimizer/vars/0", (int32_t)model_updates(model));
    size_t at = 1;
    if (!model_has_schedule(model)) {
        float *rate = ARENA_NEW(arena, float);
        *rate = (float)s->rate;
        h5_out_floats(out, "optimizer/vars/1", 0, NULL, rate);
        at = 2;
    }
    KerasPlace *places;
    size_t n = keras_state_places(arena, model, arrays, &places);
    for (size_t i = 0; i < n; i++) put_array(out, arena_printf(arena, "optimizer/vars/%zu", at + i), &places[i].weight->spec.shape, places[i].numbers);
}

Pieces keras_weights_pieces(Arena *arena, const Model *model)
{
    H5Out *out = h5_out_new(arena);
    KerasArrays arrays = keras_arrays(arena, model->graph);
    for (size_t i = 0; i < arrays.n_groups; i++) h5_out_group(out, arrays.groups[i]);
    for (size_t i = 0; i < arrays.n; i++)
        put_array(out, arrays.arrays[i].path, &arrays.arrays[i].weight->spec.shape, model_value(model, arrays.arrays[i].weight));
    put_optimizer(arena, out, model, &arrays);
    return h5_out_pieces(out);
}

/* An activation with arguments of its own has no spelling in Keras. */
static bool arguments_have_spelling(const Graph *graph, const Layer *layer, Span span, Diags *diags)
{
    for (const ArgSpec *spec = layer->kind->kind.args; spec && spec->name; spec++) {
        if (spec->type != ARG_KIND || spec->family != FAMILY_ACTIVATION) continue;
        const KindRef *ref = (const KindRef *)((const char *)layer->args + spec->offset);
        if (!ref->kind) continue;
        Buf text = buf_in(graph->arena);
        kind_print_args(ref->kind, ref->args, &text);
        if (text.n == 0 && ref->kind->keras) continue;
        const char *what = arena_printf(graph->arena, "the activation `%s%s%s%s`", ref->kind->name, text.n ? "(" : "", text.n ? text.at : "", text.n ? ")" : "");
        diag(diags, E0821, span, A("model", graph->name), A("layer", layer->name), A("what", what));
        return false;
    }
    return true;
}

static bool can_save_layer(const Graph *graph, const Layer *layer, Span span, Diags *diags)
{
    ENSURE(layer->kind->kind.keras != NULL); /* every kind that a script may write has one */
    bool ok = arguments_have_spelling(graph, layer, span, diags);
    for (size_t i = 0; i < layer->n_inner; i++) ok = can_save_layer(graph, layer->inner[i], span, diags) && ok;
    return ok;
}

bool keras_can_save(const Graph *graph, Span span, Diags *diags)
{
    bool ok = true;
    for (size_t i = 0; i < graph->layers.n; i++) ok = can_save_layer(graph, graph->layers.at[i], span, diags) && ok;
    return ok;
}

static int layer_since(const Layer *layer)
{
    int since = layer->kind->kind.keras_since;
    for (const ArgSpec *spec = layer->kind->kind.args; spec && spec->name; spec++) {
        if (spec->type != ARG_KIND) continue;
        const KindRef *ref = (const KindRef *)((const char *)layer->args + spec->offset);
        if (ref->kind && ref->kind->keras_since > since) since = ref->kind->keras_since;
    }
    for (size_t i = 0; i < layer->n_inner; i++) {
        int inner = layer_since(layer->inner[i]);
        if (inner > since) since = inner;
    }
    return since;
}

int keras_since(const Graph *graph)
{
    int since = 0;
    for (size_t i = 0; i < graph->layers.n; i++) {
        int own = layer_since(graph->layers.at[i]);
        if (own > since) since = own;
    }
    return since;
}

static ZipEntry text_entry(Arena *arena, const char *name, const char *text, size_t n)
{
    ZipEntry entry = {.name = name};
    pieces_add(arena, &entry.content, text, n);
    return entry;
}

Pieces keras_pieces(Arena *arena, const Model *model, const KerasCompile *compile, const Buf *recipe)
{
    int since = keras_since(model->graph);
    const char *version = since ? arena_printf(arena, "3.%d.0", since) : DIALECT;
    const char *metadata = arena_printf(arena, "{\"keras_version\": \"%s\", \"date_saved\": \"1980-01-01@00:00:00\"}", version);
    Buf config = buf_in(arena);
    keras_config(arena, model->graph, model, compile, &config);
    ZipEntry entries[4];
    size_t n = 0;
    entries[n++] = text_entry(arena, "metadata.json", metadata, strlen(metadata));
    entries[n++] = text_entry(arena, "config.json", config.at, config.n);
    entries[n++] = (ZipEntry){"model.weights.h5", keras_weights_pieces(arena, model)};
    if (recipe) entries[n++] = text_entry(arena, "nnl.json", recipe->at, recipe->n);
    Pieces out = {0};
    zip_pieces(arena, entries, n, &out);
    return out;
}
