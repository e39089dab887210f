/* tests/unit/fixture.h: reading the reference figures of tests/fixtures/keras, and kinds' arguments as Keras writes them. */
#ifndef NNL_TESTS_UNIT_FIXTURE_H
#define NNL_TESTS_UNIT_FIXTURE_H

#include "runtime/base/bug.h"
#include "runtime/base/json.h"
#include "runtime/kinds/kind.h"

#include <math.h>
#include <stdio.h>

/* Reads a whole file of figures; the test ends where it is not there. */
static inline const Json *fixture_read(Arena *arena, const char *path)
{
    FILE *file = fopen(path, "rb");
    if (!file) BUG("a file of reference figures is missing; tests run in the folder of the Makefile");
    fseek(file, 0, SEEK_END);
    size_t n = (size_t)ftell(file);
    rewind(file);
    char *text = arena_alloc(arena, n + 1);
    ENSURE(fread(text, 1, n, file) == n);
    fclose(file);
    Sources *sources = sources_new(arena);
    Diags *diags = diags_new(arena, sources);
    const Json *json = json_read(arena, sources_add(sources, path, text, n), JSON_PYTHON, diags);
    ENSURE(json != NULL);
    return json;
}

/* A number; "nan", "inf" and "-inf" stand for what JSON cannot write. */
static inline double fixture_number(const Json *json)
{
    if (json->type == JSON_NUMBER) return json->number;
    if (json->type == JSON_TEXT && str_eq(json->text, "inf")) return (double)INFINITY;
    if (json->type == JSON_TEXT && str_eq(json->text, "-inf")) return -(double)INFINITY;
    return (double)NAN;
}

/* Numbers of nested lists, one behind the other. */
typedef struct {
    float *at;
    size_t n;
} Numbers;

static inline size_t fixture_count(const Json *json)
{
    if (json->type != JSON_LIST) return 1;
    size_t n = 0;
    for (size_t i = 0; i < json->n; i++) n += fixture_count(&json->items[i]);
    return n;
}

static inline void fixture_flatten(const Json *json, Numbers *out)
{
    if (json->type != JSON_LIST) out->at[out->n++] = (float)fixture_number(json);
    else
        for (size_t i = 0; i < json->n; i++) fixture_flatten(&json->items[i], out);
}

static inline Numbers fixture_numbers(Arena *arena, const Json *json)
{
    Numbers out = {0};
    if (!json) return out;
    out.at = ARENA_ARRAY(arena, float, fixture_count(json) + 1);
    fixture_flatten(json, &out);
    return out;
}

static inline void *fixture_args(Arena *arena, const Kind *kind, const Json *json);

static inline Value fixture_value(Arena *arena, const Json *json)
{
    Value value = {.written = "a fixture's value"};
    switch (json->type) {
    case JSON_NULL: value.type = VALUE_NONE; break;
    case JSON_BOOL:
        value.type = VALUE_BOOL;
        value.boolean = json->boolean;
        break;
    case JSON_NUMBER:
        value.type = json->is_integer ? VALUE_INT : VALUE_FLOAT;
        value.integer = json->integer;
        value.number = json->number;
        break;
    case JSON_TEXT:
        value.type = VALUE_NAME;
        value.text = json->text;
        break;
    case JSON_LIST: {
        Value *items = ARENA_ARRAY(arena, Value, json->n);
        for (size_t i = 0; i < json->n; i++) {
            items[i] = fixture_value(arena, &json->items[i]);
            if (items[i].type == VALUE_NAME) items[i].type = VALUE_TEXT;
        }
        value.type = VALUE_LIST;
        value.items = items;
        value.n = json->n;
        break;
    }
    case JSON_OBJECT: { /* {"schedule": "ExponentialDecay", …} */
        value.type = VALUE_KIND;
        value.kind.kind = kind_find_keras(FAMILY_SCHEDULE, json_get(json, "schedule")->text);
        ENSURE(value.kind.kind != NULL);
        value.kind.args = fixture_args(arena, value.kind.kind, json);
        break;
    }
    }
    return value;
}

/* A kind's arguments from an object of Keras's names; those missing have their defaults. */
static inline void *fixture_args(Arena *arena, const Kind *kind, const Json *json)
{
    Diags *diags = diags_new(arena, sources_new(arena));
    void *args = kind_defaults(arena, kind);
    for (size_t i = 0; json && i < json->n; i++) {
        if (str_eq(json->keys[i], "schedule")) continue;
        const ArgSpec *found = NULL;
        for (const ArgSpec *spec = kind->args; spec && spec->name; spec++)
            if (str_eq(spec->keras ? spec->keras : spec->name, json->keys[i])) found = spec;
        if (!found) printf("%s has no argument %s\n", kind->name, json->keys[i]);
        ENSURE(found != NULL);
        Value value = fixture_value(arena, &json->items[i]);
        ENSURE(kind_set(arena, kind, args, found, &value, diags));
    }
    return args;
}

/* Within relative and absolute tolerance. */
static inline double fixture_within(double expected, double relative, double absolute)
{
    return absolute + relative * (isfinite(expected) ? fabs(expected) : 0);
}

#endif
