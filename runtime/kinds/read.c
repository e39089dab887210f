/* read.c: arguments read from a text of ours: defaults of schemas and cases of tests. A small reader by the schema; scripts and
 * model files have readers of their own, so what is wrong here is a mistake in this program and is answered by false. */
#include "runtime/kinds/kind.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    const KindReader *reader;
    const char *at;
    Diags *diags;
} Reading;

static bool read_list(Reading *r, const Kind *kind, void *args);

static void skip_blanks(Reading *r)
{
    while (isspace((unsigned char)*r->at)) r->at++;
}

static bool take(Reading *r, char c)
{
    skip_blanks(r);
    if (*r->at != c) return false;
    r->at++;
    return true;
}

static bool is_word(char c) { return isalnum((unsigned char)c) || c == '_' || (unsigned char)c >= 0x80; }

/* A name at the reading place, or NULL. */
static const char *take_name(Reading *r)
{
    skip_blanks(r);
    size_t n = 0;
    if (!isdigit((unsigned char)*r->at))
        while (is_word(r->at[n])) n++;
    if (n == 0) return NULL;
    const char *name = arena_text(r->reader->arena, r->at, n);
    r->at += n;
    return name;
}

static bool read_number(Reading *r, Value *value)
{
    char *end;
    value->number = strtod(r->at, &end);
    if (end == r->at) return false;
    bool whole = true;
    for (const char *c = r->at; c < end; c++) whole &= isdigit((unsigned char)*c) || *c == '-';
    value->type = whole ? VALUE_INT : VALUE_FLOAT;
    value->integer = whole ? strtoll(r->at, NULL, 10) : 0;
    r->at = end;
    return true;
}

static bool read_named(Reading *r, const ArgSpec *spec, const char *name, Value *value)
{
    if (str_eq(name, "none")) {
        value->type = VALUE_NONE;
        return true;
    }
    if (str_eq(name, "true") || str_eq(name, "false")) {
        *value = (Value){.type = VALUE_BOOL, .boolean = str_eq(name, "true")};
        return true;
    }
    *value = (Value){.type = VALUE_NAME, .text = name};
    bool layer = spec->type == ARG_LAYER;
    skip_blanks(r);
    if (*r->at != '(' && !layer) return true;
    const Kind *kind = kind_find(layer ? FAMILY_LAYER : spec->family, name);
    if (!kind) return false;
    void *args = kind_defaults(r->reader->arena, kind);
    if (take(r, '(') && (!read_list(r, kind, args) || !take(r, ')'))) return false;
    if (!layer) {
        *value = (Value){.type = VALUE_KIND, .kind = {kind, args}};
        return true;
    }
    if (!r->reader->layer) return false;
    *value = (Value){.type = VALUE_LAYER, .layer = r->reader->layer(r->reader->ctx, (const LayerKind *)kind, args)};
    return value->layer != NULL;
}

static bool read_value(Reading *r, const ArgSpec *spec, Value *value)
{
    *value = (Value){0};
    skip_blanks(r);
    if (take(r, '[')) {
        enum { ITEMS = 16 };
        Value *items = ARENA_ARRAY(r->reader->arena, Value, ITEMS);
        size_t n = 0;
        while (!take(r, ']')) {
            if (n == ITEMS || (n > 0 && !take(r, ',')) || !read_value(r, spec, &items[n])) return false;
            n++;
        }
        *value = (Value){.type = VALUE_LIST, .items = items, .n = n};
        return true;
    }
    if (take(r, '"')) {
        size_t n = strcspn(r->at, "\"");
        if (r->at[n] != '"') return false;
        *value = (Value){.type = VALUE_TEXT, .text = arena_text(r->reader->arena, r->at, n)};
        r->at += n + 1;
        return true;
    }
    const char *name = take_name(r);
    return name ? read_named(r, spec, name, value) : read_number(r, value);
}

static bool read_list(Reading *r, const Kind *kind, void *args)
{
    for (int position = 0;; position++) {
        skip_blanks(r);
        if (*r->at == 0 || *r->at == ')') return true;
        if (position > 0 && !take(r, ',')) return false;
        const char *before = (skip_blanks(r), r->at);
        const char *name = take_name(r);
        int index = position;
        if (name && take(r, '=')) index = kind_arg_index(kind, name);
        else r->at = before;
        int n = 0;
        while (kind->args && kind->args[n].name) n++;
        if (index < 0 || index >= n) return false;
        const ArgSpec *spec = &kind->args[index];
        Value value;
        if (!read_value(r, spec, &value)) return false;
        if (!kind_set(r->reader->arena, kind, args, spec, &value, r->diags)) return false;
    }
}

bool kind_read_args(const KindReader *reader, const Kind *kind, const char *text, void *args)
{
    Sources *sources = sources_new(reader->arena);
    Reading r = {reader, text, diags_new(reader->arena, sources)};
    return read_list(&r, kind, args) && *r.at == 0;
}
