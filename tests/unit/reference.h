/* tests/unit/reference.h: reading files of reference figures (tests/fixtures/keras/units, tests/oracles): numbers and nested lists of them,
 * Keras's arguments into a kind's struct, and comparing within the tolerances that the fixtures' page gives. */
#ifndef NNL_TESTS_UNIT_REFERENCE_H
#define NNL_TESTS_UNIT_REFERENCE_H

#include "runtime/base/json.h"
#include "tests/unit/harness.h"
#include "tests/unit/test.h"

/* The file as JSON, or NULL with a failed check. Paths are from the root of the tree, where tests run. */
static inline const Json *reference_read(Rig *rig, const char *path)
{
    FILE *f = fopen(path, "rb");
    if (!f) {
        printf("cannot open %s\n", path);
        OK(f != NULL);
        return NULL;
    }
    Buf text = buf_in(rig->arena);
    char block[65536];
    for (size_t n; (n = fread(block, 1, sizeof block, f)) > 0;) buf_put_n(&text, block, n);
    fclose(f);
    const Json *json = json_read(rig->arena, sources_add(rig->sources, path, text.at, text.n), JSON_PYTHON, rig->diags);
    OK(json != NULL);
    return json;
}

static inline double reference_number(const Json *json)
{
    if (json->type == JSON_BOOL) return json->boolean;
    if (json->type == JSON_NUMBER) return json->number;
    if (json->type == JSON_TEXT && str_eq(json->text, "inf")) return (double)INFINITY;
    if (json->type == JSON_TEXT && str_eq(json->text, "-inf")) return -(double)INFINITY;
    return (double)NAN;
}

/* A nested list: its lengths, then its numbers one after another. */
typedef struct {
    int rank;
    int64_t dim[8];
    size_t n;
    double *at;
} Numbers;

static inline void reference_flatten(const Json *json, Numbers *numbers)
{
    if (json->type != JSON_LIST) {
        numbers->at[numbers->n++] = reference_number(json);
        return;
    }
    for (size_t i = 0; i < json->n; i++) reference_flatten(&json->items[i], numbers);
}

static inline Numbers reference_numbers(Arena *arena, const Json *json)
{
    Numbers numbers = {0};
    size_t n = 1;
    for (const Json *at = json; at->type == JSON_LIST && numbers.rank < 8; at = at->n ? &at->items[0] : json) {
        numbers.dim[numbers.rank++] = (int64_t)at->n;
        n *= at->n;
        if (!at->n) break;
    }
    numbers.at = ARENA_ARRAY(arena, double, n + 1);
    reference_flatten(json, &numbers);
    return numbers;
}

/* How many of n figures lie outside the tolerance; says the first. */
static inline int reference_compare(const char *what, const float *got, const Numbers *expected, double relative, double absolute)
{
    int wrong = 0;
    for (size_t i = 0; i < expected->n; i++) {
        double a = (double)got[i], b = expected->at[i];
        if (a == b || (isnan(a) && isnan(b)) || fabs(a - b) <= absolute + relative * fabs(b)) continue;
        if (wrong++ == 0) printf("  %s: number %zu is %.9g, not %.9g\n", what, i, a, b);
    }
    return wrong;
}

/* A JSON value as a script would give it. */
static inline Value reference_value(Arena *arena, const Json *json)
{
    Value value = {.type = VALUE_NONE};
    if (json->type == JSON_BOOL) value = (Value){.type = VALUE_BOOL, .boolean = json->boolean};
    if (json->type == JSON_NUMBER)
        value = (Value){.type = json->is_integer ? VALUE_INT : VALUE_FLOAT, .integer = json->integer, .number = json->number};
    if (json->type == JSON_TEXT) value = (Value){.type = VALUE_NAME, .text = json->text};
    if (json->type == JSON_LIST) {
        Value *items = ARENA_ARRAY(arena, Value, json->n);
        for (size_t i = 0; i < json->n; i++) items[i] = reference_value(arena, &json->items[i]);
        value = (Value){.type = VALUE_LIST, .items = items, .n = json->n};
    }
    return value;
}

/* "Dense(3, activation=tanh)" → a layer; NULL where the class is not there yet. */
static inline Layer *reference_layer(Rig *rig, const char *text)
{
    size_t n = strcspn(text, "(");
    const Kind *kind = kind_find_keras(FAMILY_LAYER, arena_text(rig->arena, text, n));
    if (!kind) return NULL;
    const char *args = text[n] == '(' ? arena_text(rig->arena, text + n + 1, strlen(text + n) - 2) : "";
    return rig_layer_of(rig, (const LayerKind *)kind, args);
}

/* An argument that is none of a wrapper's, set in the layer inside it. */
static inline bool reference_inner(Rig *rig, const Kind *kind, const char *name, const Json *json, void *args)
{
    for (const ArgSpec *spec = kind->args; spec && spec->name; spec++) {
        const Layer *inner = spec->type == ARG_LAYER ? *(Layer **)((char *)args + spec->offset) : NULL;
        int index = inner ? kind_arg_index(&inner->kind->kind, name) : -1;
        if (index < 0) continue;
        Value value = reference_value(rig->arena, json);
        return kind_set(rig->arena, &inner->kind->kind, (void *)(uintptr_t)inner->args, &inner->kind->kind.args[index], &value, rig->diags);
    }
    return false;
}

/* Keras's arguments set in args; what the schema lacks is left to the caller, by name. */
static inline bool reference_args(Rig *rig, const Kind *kind, const Json *given, void *args, const char **left)
{
    for (size_t i = 0; given && i < given->n; i++) {
        const ArgSpec *spec = kind->args;
        while (spec && spec->name && !str_eq(spec->keras ? spec->keras : spec->name, given->keys[i])) spec++;
        if (!spec || !spec->name) { /* of the layer inside, or the caller's */
            if (!reference_inner(rig, kind, given->keys[i], &given->items[i], args)) *left = given->keys[i];
            continue;
        }
        Value value = reference_value(rig->arena, &given->items[i]);
        if (spec->type == ARG_LAYER) value = (Value){.type = VALUE_LAYER, .layer = reference_layer(rig, given->items[i].text)};
        if (value.type == VALUE_LAYER && !value.layer) return false;
        if (!kind_set(rig->arena, kind, args, spec, &value, rig->diags)) return false;
    }
    return true;
}

#endif
