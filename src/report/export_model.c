/* The model of `nnl export`: layers and calls in Keras's functional style, compile settings. See export.h. */
#include "src/report/export.h"

#include <math.h>
#include <string.h>

#include "runtime/file/keras_inside.h"
#include "runtime/kinds/layers/model.h"

typedef struct {
    Arena *arena;
    Buf *out;
    const Graph *graph;
    const char **wires;   /* names of variables, by place in graph->wires */
    const char **layers;  /* of shared layers, by place in graph->layers */
    VEC(const char *) taken;
} Script;

/* ---- Names ------------------------------------------------------------------------------------------------------------------------ */

static bool is_taken(const Script *s, const char *name)
{
    static const char *const reserved[] = {"False", "None", "True", "and", "as", "assert", "async", "await", "break", "class", "continue", "def", "del",
                                           "elif", "else", "except", "finally", "for", "from", "global", "if", "import", "in", "is", "lambda",
                                           "nonlocal", "not", "or", "pass", "raise", "return", "try", "while", "with", "yield", "keras", "layers",
                                           "model", "np", "pd", "sys", "Path", "build", "read", "prepare", "answers", "main"};
    for (size_t i = 0; i < sizeof reserved / sizeof *reserved; i++)
        if (str_eq(reserved[i], name)) return true;
    for (size_t i = 0; i < s->taken.n; i++)
        if (str_eq(s->taken.at[i], name)) return true;
    return false;
}

/* A name of a variable, like `name` and not used before. */
static const char *variable(Script *s, const char *name)
{
    Buf plain = buf_in(s->arena);
    size_t n = strlen(name);
    for (size_t i = 0; i < n;) {
        uint32_t c = str_code_point(name, n, &i);
        bool good = plain.n ? str_xid_continue(c) : str_xid_start(c) || c == '_';
        if (!plain.n && !good && str_xid_continue(c)) buf_char(&plain, '_');
        if (good || (plain.n == 1 && str_xid_continue(c))) buf_code_point(&plain, c);
        else buf_char(&plain, '_');
    }
    const char *chosen = plain.n ? plain.at : "wire";
    for (int k = 2; is_taken(s, chosen); k++) chosen = arena_printf(s->arena, "%s_%d", plain.n ? plain.at : "wire", k);
    VEC_PUSH(s->arena, s->taken, chosen);
    return chosen;
}

/* ---- Values ------------------------------------------------------------------------------------------------------------------------ */

static void put_layer(Script *s, const Layer *layer);

static bool put_args(Script *s, const Kind *kind, const void *args, bool first);

static void put_kind(Script *s, const KindRef *ref)
{
    if (!ref->kind) {
        buf_put(s->out, "None");
        return;
    }
    Buf args = buf_in(s->arena);
    kind_print_args(ref->kind, ref->args, &args);
    if (ref->kind->family == FAMILY_ACTIVATION) {
        export_text(s->out, keras_class(s->arena, ref->kind));
    } else if (ref->kind->family == FAMILY_INITIALIZER && !args.n) {
        export_text(s->out, ref->kind->name);
    } else {
        buf_printf(s->out, "%s.%s(", keras_module(ref->kind->family), keras_class(s->arena, ref->kind));
        put_args(s, ref->kind, ref->args, true);
        buf_char(s->out, ')');
    }
}

static void put_value(Script *s, const Value *value)
{
    switch (value->type) {
    case VALUE_NONE: buf_put(s->out, "None"); break;
    case VALUE_INT: buf_printf(s->out, "%lld", (long long)value->integer); break;
    case VALUE_FLOAT:
        if (isnan(value->number)) buf_put(s->out, "None");
        else export_number(s->out, value->number);
        break;
    case VALUE_BOOL: buf_put(s->out, value->boolean ? "True" : "False"); break;
    case VALUE_NAME:
    case VALUE_TEXT: export_text(s->out, value->text); break;
    case VALUE_LIST:
        buf_char(s->out, '[');
        for (size_t i = 0; i < value->n; i++) {
            if (i) buf_put(s->out, ", ");
            put_value(s, &value->items[i]);
        }
        buf_char(s->out, ']');
        break;
    case VALUE_KIND: put_kind(s, &value->kind); break;
    case VALUE_LAYER: put_layer(s, value->layer); break;
    case VALUE_WIRE: break;
    }
}

static const char *value_text(Script *s, const Kind *kind, const void *args, const ArgSpec *spec)
{
    Buf text = buf_in(s->arena);
    Script quiet = *s;
    quiet.out = &text;
    Value value = kind_get(s->arena, kind, args, spec);
    put_value(&quiet, &value);
    return text.at ? text.at : "";
}

/* The arguments that differ from the defaults, as `key=value`. False: there were none. */
static bool put_args(Script *s, const Kind *kind, const void *args, bool first)
{
    const void *defaults = kind->args ? kind_defaults(s->arena, kind) : NULL;
    bool any = false;
    for (const ArgSpec *spec = kind->args; spec && spec->name; spec++) {
        if (spec->type == ARG_WIRES) continue;
        const char *text = value_text(s, kind, args, spec);
        if (!spec->required && spec->type != ARG_LAYER && str_eq(text, value_text(s, kind, defaults, spec))) continue;
        buf_printf(s->out, "%s%s=%s", first && !any ? "" : ", ", spec->keras ? spec->keras : spec->name, text);
        any = true;
    }
    return any;
}

/* ---- Layers ------------------------------------------------------------------------------------------------------------------------ */

static bool frozen(const Layer *layer)
{
    return !layer->trainable && (layer->n_weights || layer->n_inner);
}

static void put_layer(Script *s, const Layer *layer)
{
    buf_printf(s->out, "layers.%s(", keras_class(s->arena, &layer->kind->kind));
    bool any = put_args(s, &layer->kind->kind, layer->args, true);
    if (layer->name) {
        buf_put(s->out, any ? ", name=" : "name=");
        export_text(s->out, layer->name);
        any = true;
    }
    if (frozen(layer)) buf_put(s->out, any ? ", trainable=False" : "trainable=False");
    buf_char(s->out, ')');
}

/* "(None, 5)" without the batch: "(5,)". */
static void put_shape(Buf *out, const Shape *shape)
{
    buf_char(out, '(');
    for (int i = 0; i < shape->rank; i++) {
        if (i) buf_char(out, ' ');
        if (shape->dim[i] == DIM_UNKNOWN) buf_put(out, "None");
        else buf_printf(out, "%lld", (long long)shape->dim[i]);
        if (i + 1 < shape->rank || shape->rank == 1) buf_char(out, ',');
    }
    buf_char(out, ')');
}

/* A line that is too wide is broken at the commas of its first pair of parentheses. */
static void put_line(Script *s, const char *line)
{
    enum { WIDEST = 110 };
    size_t open = strcspn(line, "("), depth = 0;
    bool quoted = false, broken = strlen(line) > WIDEST && line[open];
    for (size_t i = 0; line[i]; i++) {
        char c = line[i];
        if (c == '"' && (i == 0 || line[i - 1] != '\\')) quoted = !quoted;
        bool inner = depth > 1 || quoted || !broken;
        if (!quoted && (c == ')' || c == ']')) depth--;
        if (broken && !quoted && depth == 0 && c == ')') {
            buf_put(s->out, ",\n    ");
            broken = false; /* the rest follows in one line */
        }
        if (!inner && c == ',' && line[i + 1] == ' ') {
            buf_put(s->out, ",\n        ");
            i++;
            continue;
        }
        buf_char(s->out, c);
        if (!quoted && (c == '(' || c == '[')) depth++;
        if (broken && i == open) buf_put(s->out, "\n        ");
    }
    buf_char(s->out, '\n');
}

static void put_graph(Script *s, const char *made);

/* A model inside: its layers stand in a function of their own, which is called here. */
static void put_inner(Script *s, const Layer *layer, const char *name)
{
    const ModelArgs *inner = layer_model(layer);
    Script own = {.arena = s->arena, .out = s->out, .graph = inner->graph};
    buf_printf(s->out, "    def make_%s():\n", name);
    Buf lines = buf_in(s->arena);
    own.out = &lines;
    if (layer->kind == &layer_sequential) {
        buf_put(&lines, "    return keras.Sequential([\n");
        const GraphPort *input = &inner->graph->inputs.at[0];
        buf_put(&lines, "        keras.Input(");
        put_shape(&lines, &input->wire->shape);
        buf_put(&lines, ", name=");
        export_text(&lines, input->name);
        buf_put(&lines, "),\n");
        for (size_t i = 0; i < inner->graph->layers.n; i++) {
            buf_put(&lines, "        ");
            put_layer(&own, inner->graph->layers.at[i]);
            buf_put(&lines, ",\n");
        }
        buf_put(&lines, "    ], name=");
        export_text(&lines, layer->name);
        buf_put(&lines, ")\n");
    } else {
        put_graph(&own, layer->name);
    }
    /* One step further in. */
    for (const char *at = lines.at; at && *at;) {
        size_t n = strcspn(at, "\n");
        if (n) buf_printf(s->out, "    %.*s", (int)n, at);
        buf_char(s->out, '\n');
        at += n + (at[n] == '\n');
    }
    buf_printf(s->out, "\n    %s = make_%s()\n", name, name);
    if (frozen(layer)) buf_printf(s->out, "    %s.trainable = False\n", name);
}

static void put_wires(Script *s, Wire *const *wires, int n, bool list)
{
    if (list) buf_char(s->out, '[');
    for (int i = 0; i < n; i++) buf_printf(s->out, "%s%s", i ? ", " : "", s->wires[wires[i]->index]);
    if (list) buf_char(s->out, ']');
}

static const char *wires_argument(const Layer *layer)
{
    for (const ArgSpec *spec = layer->kind->kind.args; spec && spec->name; spec++)
        if (spec->type == ARG_WIRES) return spec->keras ? spec->keras : spec->name;
    return "initial_state";
}

static void put_call(Script *s, const Call *call)
{
    const Layer *layer = call->layer;
    const LayerKind *kind = layer->kind;
    const ModelArgs *model = layer_model(layer);
    bool kept = layer->n_calls > 1 || model;
    if (kept && !s->layers[layer->index]) {
        const char *name = s->layers[layer->index] = variable(s, model ? layer->name : arena_printf(s->arena, "%s_layer", layer->name));
        if (model) {
            put_inner(s, layer, name);
        } else {
            Buf line = buf_in(s->arena);
            Script whole = *s;
            whole.out = &line;
            buf_printf(&line, "    %s = ", name);
            put_layer(&whole, layer);
            put_line(s, line.at);
        }
    }
    Buf line = buf_in(s->arena), *out = s->out;
    s->out = &line;
    buf_put(s->out, "    ");
    for (int i = 0; i < call->n_out; i++) {
        s->wires[call->out[i]->index] = variable(s, layer->name);
        buf_printf(s->out, "%s%s", i ? ", " : "", s->wires[call->out[i]->index]);
    }
    buf_put(s->out, " = ");
    if (kept) buf_put(s->out, s->layers[layer->index]);
    else put_layer(s, layer);
    int n = call->n_in - call->n_args_in;
    bool list = (kind->max_inputs < 0 || kind->max_inputs > 1) && !kind->input_names && !(model && n == 1);
    buf_char(s->out, '(');
    put_wires(s, call->in, n, list);
    if (call->n_args_in) {
        buf_printf(s->out, ", %s=", wires_argument(layer));
        put_wires(s, call->in + n, call->n_args_in, true);
    }
    buf_char(s->out, ')');
    s->out = out;
    put_line(s, line.at);
}

/* The lines of a function that makes a model called `made`. */
static void put_graph(Script *s, const char *made)
{
    const Graph *graph = s->graph;
    s->wires = ARENA_ARRAY(s->arena, const char *, graph->wires.n + 1);
    s->layers = ARENA_ARRAY(s->arena, const char *, graph->layers.n + 1);
    for (size_t i = 0; i < graph->inputs.n; i++) {
        const GraphPort *input = &graph->inputs.at[i];
        const char *name = s->wires[input->wire->index] = variable(s, input->name);
        buf_printf(s->out, "    %s = keras.Input(", name);
        put_shape(s->out, &input->wire->shape);
        buf_put(s->out, ", name=");
        export_text(s->out, input->name);
        buf_put(s->out, ")\n");
    }
    for (size_t i = 0; i < graph->shown.n; i++) put_call(s, graph->shown.at[i]);
    buf_put(s->out, "    return keras.Model([");
    for (size_t i = 0; i < graph->inputs.n; i++) buf_printf(s->out, "%s%s", i ? ", " : "", s->wires[graph->inputs.at[i].wire->index]);
    buf_put(s->out, "], [");
    for (size_t k = 0; k < graph->outputs.n; k++) buf_printf(s->out, "%s%s", k ? ", " : "", s->wires[graph->outputs.at[k].wire->index]);
    buf_put(s->out, "], name=");
    export_text(s->out, made);
    buf_put(s->out, ")\n");
}

/* ---- Compile settings -------------------------------------------------------------------------------------------------------------- */

static void put_optimizer(Script *s, const KindRef *ref)
{
    buf_printf(s->out, "keras.optimizers.%s(", keras_class(s->arena, ref->kind));
    bool any = false;
    for (const ArgSpec *spec = ref->kind->args; spec && spec->name; spec++) {
        Value value = kind_get(s->arena, ref->kind, ref->args, spec);
        if (value.type == VALUE_NONE || (value.type == VALUE_FLOAT && isnan(value.number)) || spec->type == ARG_TEXTS) continue;
        if (str_eq(spec->name, "gradient_accumulation_steps") && value.integer <= 1) continue; /* none in Keras */
        const char *text = value_text(s, ref->kind, ref->args, spec);
        bool rate = spec->type == ARG_FLOAT_OR_KIND;
        /* The rate is a float32: 0.005, not the digits of its double. */
        if (rate && value.type == VALUE_FLOAT && (double)(float)value.number == value.number) text = str_float(s->arena, (float)value.number);
        if (!rate && str_eq(text, value_text(s, ref->kind, kind_defaults(s->arena, ref->kind), spec))) continue;
        buf_printf(s->out, "%s%s=%s", any ? ", " : "", spec->keras ? spec->keras : spec->name, text);
        any = true;
    }
    buf_char(s->out, ')');
}

static void put_loss(Script *s, const KindRef *ref)
{
    Buf args = buf_in(s->arena);
    if (ref->kind) kind_print_args(ref->kind, ref->args, &args);
    if (ref->kind && !args.n) export_text(s->out, ref->kind->name);
    else put_kind(s, ref);
}

static void put_metrics(Script *s, const KerasCompile *compile, size_t k)
{
    buf_char(s->out, '[');
    bool any = false;
    for (size_t m = 0; m < compile->n_metrics[k]; m++) {
        const struct KerasMetric *metric = &compile->metrics[k][m];
        if (any) buf_put(s->out, ", ");
        any = true;
        if (!metric->ref.kind->keras || str_starts(metric->name, "acc")) {
            export_text(s->out, metric->ref.kind->keras ? "accuracy" : metric->ref.kind->name);
            continue;
        }
        buf_printf(s->out, "keras.metrics.%s(", keras_class(s->arena, metric->ref.kind));
        if (put_args(s, metric->ref.kind, metric->ref.args, true)) buf_put(s->out, ", ");
        buf_put(s->out, "name=");
        export_text(s->out, metric->name);
        buf_char(s->out, ')');
    }
    buf_char(s->out, ']');
}

static void put_compile(Script *s, const KerasCompile *compile)
{
    size_t n = s->graph->outputs.n;
    buf_put(s->out, "    model.compile(\n        optimizer=");
    put_optimizer(s, &compile->optimizer);
    buf_put(s->out, n > 1 ? ",\n        loss=[" : ",\n        loss=");
    for (size_t k = 0; k < n; k++) {
        if (k) buf_put(s->out, ", ");
        put_loss(s, &compile->losses[k]);
    }
    if (n > 1) {
        buf_put(s->out, "],\n        loss_weights=");
        export_numbers(s->out, compile->weights, n);
    }
    buf_put(s->out, n > 1 ? ",\n        metrics=[" : ",\n        metrics=");
    for (size_t k = 0; k < n; k++) {
        if (k) buf_put(s->out, ", ");
        put_metrics(s, compile, k);
    }
    buf_put(s->out, n > 1 ? "],\n    )\n" : ",\n    )\n");
}

void export_model(Arena *arena, const SavedModel *saved, Buf *out)
{
    Script s = {.arena = arena, .out = out, .graph = saved->graph};
    buf_put(out, "def wire():\n    \"\"\"The layers, one a line, as they are connected.\"\"\"\n");
    put_graph(&s, saved->graph->name);
    buf_put(out, "\n\ndef build():\n    \"\"\"The model with its numbers, ready to predict or to be trained further.\"\"\"\n    model = wire()\n");
    if (saved->compile.optimizer.kind) put_compile(&s, &saved->compile);
    buf_put(out, "    model.load_weights(MODEL)\n    return model\n");
}
