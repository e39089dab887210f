/* Objects of Keras's config.json and the arguments in them, read by the records of kinds alone. See keras_inside.h. */
#include <math.h>
#include <string.h>

#include "runtime/file/keras_inside.h"

bool keras_refuse(KerasReader *r, const char *layer, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    const char *what = arena_vprintf(r->arena, format, list);
    va_end(list);
    diag_file_fault(diag(r->diags, E0814, r->span, A("file", r->shown), A("layer", layer), A("what", what)));
    return false;
}

bool keras_broken(KerasReader *r, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    const char *what = arena_vprintf(r->arena, format, list);
    va_end(list);
    diag_file_fault(diag(r->diags, E0815, r->span, A("file", r->shown), A("what", what)));
    return false;
}

const char *keras_text(const Json *object, const char *key)
{
    const Json *value = json_get(object, key);
    return value && value->type == JSON_TEXT ? value->text : NULL;
}

static bool is_null(const Json *json)
{
    return !json || json->type == JSON_NULL;
}

const char *keras_shown(KerasReader *r, const Json *json)
{
    switch (json->type) {
    case JSON_NULL: return "null";
    case JSON_BOOL: return json->boolean ? "true" : "false";
    case JSON_NUMBER: return str_double(r->arena, json->number);
    case JSON_TEXT: return strlen(json->text) <= 60 ? arena_printf(r->arena, "\"%s\"", json->text) : "a long text";
    case JSON_LIST: {
        if (json->n > 6) return arena_printf(r->arena, "a list of %zu", json->n);
        Buf out = buf_in(r->arena);
        buf_char(&out, '[');
        for (size_t i = 0; i < json->n; i++) {
            const Json *item = &json->items[i];
            buf_printf(&out, "%s%s", i ? ", " : "", item->type == JSON_LIST || item->type == JSON_OBJECT ? "…" : keras_shown(r, item));
        }
        buf_char(&out, ']');
        return out.at;
    }
    case JSON_OBJECT: {
        const char *name = keras_text(json, "class_name");
        return name && strlen(name) <= 60 ? arena_printf(r->arena, "an object `%s`", name) : "an object";
    }
    }
    return "";
}

const char *keras_module(Family family)
{
    switch (family) {
    case FAMILY_INITIALIZER: return "keras.initializers";
    case FAMILY_REGULARIZER: return "keras.regularizers";
    case FAMILY_CONSTRAINT: return "keras.constraints";
    case FAMILY_LOSS: return "keras.losses";
    case FAMILY_METRIC: return "keras.metrics";
    case FAMILY_OPTIMIZER: return "keras.optimizers";
    case FAMILY_SCHEDULE: return "keras.optimizers.schedules";
    case FAMILY_LAYER:
    case FAMILY_ACTIVATION:
    case FAMILY_CALLBACK:
    case FAMILY_TRANSFORM:
    case FAMILY_BASELINE:
    case FAMILY_COUNT: return "keras.layers";
    }
    return "keras.layers";
}

/* ---- What an object is ---------------------------------------------------------------------------------------------------------- */

/* Inner modules that files of Keras's own name. */
static bool inner_module_is_known(const char *module)
{
    return str_eq(module, "keras.src.models.functional") || str_eq(module, "keras.src.models.sequential") ||
           (str_starts(module, "keras.src.backend.") && strstr(module, ".optimizers."));
}

/* Why a module's class is not loaded, or NULL. */
static const char *module_fault(KerasReader *r, const char *module, const char *class_name)
{
    if (!module) return arena_printf(r->arena, "`%s` is a class of its author's own, and code is never taken from a file", class_name);
    if (str_starts(module, "keras.src.ops.") || str_eq(module, "keras.ops") || str_starts(module, "keras.ops."))
        return arena_printf(r->arena, "`%s` is arithmetic on wires outside of any layer, which is not read here", class_name);
    if (str_starts(module, "keras.src.") && !inner_module_is_known(module))
        return arena_printf(r->arena, "`%s` is an inner class of Keras (`%s`)", class_name, module);
    if (str_eq(module, "keras") || str_starts(module, "keras.")) return NULL;
    return arena_printf(r->arena, "`%s` is of another package, `%s`", class_name, module);
}

static const char *short_name(KerasReader *r, const char *name)
{
    return strlen(name) <= 60 ? name : arena_printf(r->arena, "%.57s…", name);
}

bool keras_object(KerasReader *r, const Json *json, const char *who, const char *what, KerasObject *out)
{
    *out = (KerasObject){0};
    if (json->type != JSON_OBJECT) return keras_refuse(r, who, "%s is no object", what);
    const char *class_name = keras_text(json, "class_name");
    if (!class_name) return keras_refuse(r, who, "%s has no class", what);
    class_name = short_name(r, class_name);
    if (str_eq(class_name, "__lambda__") || str_eq(class_name, "Lambda"))
        return keras_refuse(r, who, "%s holds Python code, which is never run", what);
    if (str_starts(class_name, "__")) return keras_refuse(r, who, "%s is a constant of the model (`%s`), which is not read here", what, class_name);
    const char *module = keras_text(json, "module");
    const char *registered = keras_text(json, "registered_name");
    const Json *config = json_get(json, "config");
    bool is_function = str_eq(class_name, "function") && config && config->type == JSON_TEXT;
    if (is_function && module && (str_eq(module, "builtins") || str_starts(module, "keras.")) && !str_starts(module, "keras.src.") &&
        (!registered || str_eq(registered, "function") || str_eq(registered, config->text))) {
        *out = (KerasObject){module, class_name, config, config->text};
        return true;
    }
    if (is_function) return keras_refuse(r, who, "%s is a function of its author's own, and code is never taken from a file", what);
    const char *fault = module_fault(r, module, class_name);
    if (!fault && registered && !str_eq(registered, class_name))
        fault = arena_printf(r->arena, "`%s` is registered as `%s`: a class of its author's own, and code is never taken from a file", class_name,
                             short_name(r, registered));
    if (fault) return keras_refuse(r, who, "%s", fault);
    if (config && config->type != JSON_OBJECT && config->type != JSON_NULL) return keras_refuse(r, who, "the config of %s is no object", what);
    *out = (KerasObject){module, class_name, config, NULL};
    return true;
}

/* ---- Kinds ----------------------------------------------------------------------------------------------------------------------- */

static const Kind *by_name(Family family, const char *name)
{
    const Kind *kind = kind_find_keras(family, name);
    return kind ? kind : kind_find(family, name);
}

static const char *const no_keys[] = {NULL};
static const char *const layer_keys[] = {"name", "trainable", "dtype", NULL};
static const char *const named_keys[] = {"name", "dtype", "reduction", "fn", NULL};

/* An activation given as a layer: the activation of the layer's name, with the arguments they share. */
static bool activation_layer(KerasReader *r, const char *who, const KerasObject *object, KindRef *out)
{
    const Kind *layer = kind_find_keras(FAMILY_LAYER, object->class_name);
    const Kind *kind = layer ? kind_find(FAMILY_ACTIVATION, layer->name) : NULL;
    if (!kind) return keras_refuse(r, who, "its activation is the layer `%s`, which is not read as an activation", object->class_name);
    void *args = kind_defaults(r->arena, kind);
    if (object->config && !keras_args(r, who, kind, object->config, layer_keys, args)) return false;
    *out = (KindRef){kind, args};
    return true;
}

static bool module_fits(const char *module, Family family)
{
    if (str_eq(module, keras_module(family))) return true;
    return family == FAMILY_OPTIMIZER && inner_module_is_known(module) && strstr(module, ".optimizers.");
}

bool keras_kind(KerasReader *r, const char *who, const char *key, Family family, const Json *json, KindRef *out)
{
    *out = (KindRef){0};
    const char *name = json->type == JSON_TEXT ? json->text : NULL;
    KerasObject object = {0};
    if (is_null(json)) return true;
    if (!name) {
        if (!keras_object(r, json, who, arena_printf(r->arena, "its `%s`", key), &object)) return false;
        name = object.function ? object.function : object.class_name;
    }
    const char *word = kind_family_name(family);
    if (!object.module || object.function) {
        const Kind *kind = by_name(family, name);
        if (!kind) return keras_refuse(r, who, "there is no %s `%s` here (its `%s`)", word, short_name(r, name), key);
        *out = (KindRef){kind, kind_defaults(r->arena, kind)};
        return true;
    }
    if (family == FAMILY_ACTIVATION && str_eq(object.module, "keras.layers")) return activation_layer(r, who, &object, out);
    const Kind *kind = module_fits(object.module, family) ? kind_find_keras(family, name) : NULL;
    if (!kind) return keras_refuse(r, who, "there is no %s `%s` here (its `%s`)", word, name, key);
    void *args = kind_defaults(r->arena, kind);
    bool named = family == FAMILY_LOSS || family == FAMILY_METRIC || family == FAMILY_OPTIMIZER || family == FAMILY_SCHEDULE;
    if (object.config && object.config->type == JSON_OBJECT && !keras_args(r, who, kind, object.config, named ? named_keys : no_keys, args)) return false;
    *out = (KindRef){kind, args};
    return true;
}

/* ---- Arguments ------------------------------------------------------------------------------------------------------------------- */

/* Keys whose usual value changes nothing here; value NULL: any. A value is compared as it is shown. */
static bool harmless(KerasReader *r, const char *key, const Json *value)
{
    static const struct {
        const char *key, *value;
    } list[] = {
        {"data_format", "\"channels_last\""}, {"unroll", NULL},          {"seed", NULL},           {"implementation", NULL}, {"input_length", NULL},
        {"renorm_momentum", "0.99"},          {"axis", "-1"},            {"batch_shape", NULL},    {"batch_input_shape", NULL},
        {"build_input_shape", NULL},          {"ema_momentum", "0.99"},  {"jit_compile", NULL},    {"is_legacy_optimizer", NULL},
        {"groups", "1"},                      {"dilation_rate", "[1]"},  {"dilation_rate", "1"},   {"from_logits", "false"},
        {"mode", "\"fan_avg\""},              {"autocast", NULL},
    };
    bool zero = value->type == JSON_NULL || (value->type == JSON_BOOL && !value->boolean);
    if (zero) return true;
    for (size_t i = 0; i < sizeof list / sizeof *list; i++)
        if (str_eq(list[i].key, key) && (!list[i].value || str_eq(list[i].value, keras_shown(r, value)))) return true;
    return false;
}

static bool plain_value(KerasReader *r, const ArgSpec *spec, const Json *json, Value *value)
{
    *value = (Value){.type = VALUE_NONE, .written = keras_shown(r, json)};
    switch (json->type) {
    case JSON_NULL: return true;
    case JSON_BOOL:
        value->type = VALUE_BOOL;
        value->boolean = json->boolean;
        return true;
    case JSON_NUMBER:
        value->type = json->is_integer ? VALUE_INT : VALUE_FLOAT;
        value->integer = json->integer;
        value->number = json->number;
        return true;
    case JSON_TEXT:
        value->type = spec->type == ARG_TEXT || spec->type == ARG_TEXTS ? VALUE_TEXT : VALUE_NAME;
        value->text = json->text;
        return true;
    case JSON_LIST: {
        Value *items = ARENA_ARRAY(r->arena, Value, json->n);
        for (size_t i = 0; i < json->n; i++)
            if (json->items[i].type == JSON_LIST || !plain_value(r, spec, &json->items[i], &items[i])) return false;
        value->type = VALUE_LIST;
        value->items = items;
        value->n = json->n;
        return true;
    }
    case JSON_OBJECT: return false;
    }
    return false;
}

/* Hands a value to the schema; what the schema says against it becomes the reason. */
static bool set_value(KerasReader *r, const char *who, const Kind *kind, const ArgSpec *spec, const Json *json, const Value *value, void *args)
{
    Diags *judged = diags_new(r->arena, diags_sources(r->diags));
    if (kind_set(r->arena, kind, args, spec, value, judged)) return true;
    const char *reason = diags_count(judged) ? diag_message(diags_at(judged, 0)) : "it does not fit";
    return keras_refuse(r, who, "its `%s` is %s: %s", spec->keras ? spec->keras : spec->name, keras_shown(r, json), reason);
}

static bool set_arg(KerasReader *r, const char *who, const Kind *kind, const ArgSpec *spec, const Json *json, void *args)
{
    const char *key = spec->keras ? spec->keras : spec->name;
    void *into = (char *)args + spec->offset;
    bool words_none = spec->type == ARG_WORD && spec->words && strstr(spec->words, "none");
    if (json->type == JSON_NULL && !spec->none && !words_none) {
        if (spec->required) return keras_refuse(r, who, "its `%s` is missing", key);
        return true; /* the default stands */
    }
    if (spec->type == ARG_KIND || (spec->type == ARG_FLOAT_OR_KIND && json->type == JSON_OBJECT)) {
        KindRef ref;
        if (!keras_kind(r, who, key, spec->family, json, &ref)) return false;
        if (spec->type == ARG_KIND) *(KindRef *)into = ref;
        else *(ArgRate *)into = (ArgRate){.kind = ref};
        return true;
    }
    Value value;
    if (spec->type == ARG_LAYER) {
        bool before = r->in_wrapper;
        r->in_wrapper = true;
        if (json->type == JSON_NULL) value = (Value){.type = VALUE_NONE};
        else value = (Value){.type = VALUE_LAYER, .layer = keras_layer(r, json)};
        r->in_wrapper = before;
        if (value.type == VALUE_LAYER && !value.layer) return false;
        return set_value(r, who, kind, spec, json, &value, args);
    }
    const Json *plain = json;
    bool single = spec->type == ARG_INT || spec->type == ARG_FLOAT;
    if (single && json->type == JSON_LIST && json->n == 1) plain = &json->items[0]; /* Keras makes lists of some single numbers */
    if (!plain_value(r, spec, plain, &value)) return keras_refuse(r, who, "its `%s` is %s, which is not read here", key, keras_shown(r, json));
    return set_value(r, who, kind, spec, json, &value, args);
}

static const ArgSpec *find_spec(const Kind *kind, const char *key)
{
    for (const ArgSpec *spec = kind->args; spec && spec->name; spec++)
        if (spec->type != ARG_WIRES && str_eq(spec->keras ? spec->keras : spec->name, key)) return spec;
    for (const ArgSpec *spec = kind->args; spec && spec->name; spec++)
        if (spec->type != ARG_WIRES && str_eq(spec->name, key)) return spec;
    return NULL;
}

bool keras_args(KerasReader *r, const char *who, const Kind *kind, const Json *config, const char *const *but, void *args)
{
    size_t n_specs = 0;
    while (kind->args && kind->args[n_specs].name) n_specs++;
    bool *given = ARENA_ARRAY(r->arena, bool, n_specs + 1);
    for (size_t i = 0; i < config->n; i++) {
        const char *key = config->keys[i];
        bool skip = false;
        for (size_t k = 0; but[k]; k++) skip = skip || str_eq(but[k], key);
        const ArgSpec *spec = skip ? NULL : find_spec(kind, key);
        if (skip) continue;
        if (!spec && !harmless(r, key, &config->items[i]))
            return keras_refuse(r, who, "`%s` is %s, which `%s` does not know here", short_name(r, key), keras_shown(r, &config->items[i]), kind->name);
        if (!spec) continue;
        given[spec - kind->args] = true;
        if (!set_arg(r, who, kind, spec, &config->items[i], args)) return false;
    }
    for (size_t i = 0; i < n_specs; i++)
        if (kind->args[i].required && !given[i] && kind->args[i].type != ARG_WIRES)
            return keras_refuse(r, who, "its `%s` is missing", kind->args[i].keras ? kind->args[i].keras : kind->args[i].name);
    if (!kind->check) return true;
    Diags *judged = diags_new(r->arena, diags_sources(r->diags));
    if (kind->check(args, ARENA_ARRAY(r->arena, Span, n_specs + 1), NO_SPAN, judged)) return true;
    return keras_refuse(r, who, "%s", diags_count(judged) ? diag_message(diags_at(judged, 0)) : "its arguments do not fit together");
}
