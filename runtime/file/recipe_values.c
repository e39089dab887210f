/* Values of nnl.json, read with distrust; see recipe_inside.h. */
#include "runtime/file/recipe_inside.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

bool read_fail(In *in, const char *format, ...)
{
    if (in->failed) return false;
    in->failed = true;
    va_list list;
    va_start(list, format);
    const char *what = arena_vprintf(in->arena, format, list);
    va_end(list);
    diag_file_fault(diag(in->r->diags, E0819, in->r->span, A("file", in->r->shown), A("what", what)));
    return false;
}

/* ---- Values. One that is not there or of another type fails; the caller goes on and asks at the end ----------------------------- */

const Json *read_list(In *in, const Json *object, const char *key)
{
    static const Json none = {.type = JSON_LIST};
    const Json *value = json_get(object, key);
    if (value && value->type == JSON_LIST) return value;
    read_fail(in, "`%s` is no list", key);
    return &none;
}

const char *read_text(In *in, const Json *object, const char *key, bool may_lack)
{
    const Json *value = json_get(object, key);
    if (value && value->type == JSON_TEXT) return value->text;
    if (!may_lack || (value && value->type != JSON_NULL)) read_fail(in, "`%s` is no text", key);
    return may_lack ? NULL : "";
}

bool read_bool(const Json *object, const char *key)
{
    const Json *value = json_get(object, key);
    return value && value->type == JSON_BOOL && value->boolean;
}

int64_t read_int(In *in, const Json *object, const char *key, int64_t least, int64_t most)
{
    const Json *value = json_get(object, key);
    if (value && value->type == JSON_NUMBER && value->is_integer && value->integer >= least && value->integer <= most) return value->integer;
    read_fail(in, "`%s` is no whole number that fits", key);
    return least;
}

/* NaN and infinities are texts. */
double read_number(In *in, const Json *value, const char *key)
{
    if (value && value->type == JSON_NUMBER) return value->number;
    if (value && value->type == JSON_TEXT && str_eq(value->text, "nan")) return (double)NAN;
    if (value && value->type == JSON_TEXT && str_eq(value->text, "inf")) return (double)INFINITY;
    if (value && value->type == JSON_TEXT && str_eq(value->text, "-inf")) return -(double)INFINITY;
    read_fail(in, "`%s` holds something that is no number", key);
    return 0.0;
}

double *read_numbers(In *in, const Json *object, const char *key, size_t *n)
{
    const Json *list = read_list(in, object, key);
    double *numbers = ARENA_ARRAY(in->arena, double, list->n + 1);
    for (size_t i = 0; i < list->n; i++) numbers[i] = read_number(in, &list->items[i], key);
    *n = list->n;
    return numbers;
}

const char **read_texts(In *in, const Json *object, const char *key, size_t *n)
{
    const Json *list = read_list(in, object, key);
    const char **texts = ARENA_ARRAY(in->arena, const char *, list->n + 1);
    for (size_t i = 0; i < list->n; i++) {
        if (list->items[i].type != JSON_TEXT) read_fail(in, "`%s` holds something that is no text", key);
        texts[i] = list->items[i].type == JSON_TEXT ? list->items[i].text : "";
    }
    *n = list->n;
    return texts;
}

size_t *read_places(In *in, const Json *object, const char *key, size_t below, size_t *n)
{
    const Json *list = read_list(in, object, key);
    size_t *places = ARENA_ARRAY(in->arena, size_t, list->n + 1);
    for (size_t i = 0; i < list->n; i++) {
        const Json *item = &list->items[i];
        bool fits = item->type == JSON_NUMBER && item->is_integer && item->integer >= 0 && (uint64_t)item->integer < below;
        if (!fits) read_fail(in, "`%s` points to something that is not there", key);
        places[i] = fits ? (size_t)item->integer : 0;
    }
    *n = list->n;
    return places;
}

int read_word(In *in, const Json *object, const char *key, int (*find)(const char *word))
{
    const char *word = read_text(in, object, key, false);
    int found = find(word);
    if (found < 0) read_fail(in, "`%s` is `%s`, which is not known", key, strlen(word) < 60 ? word : "a long text");
    return found < 0 ? 0 : found;
}

uint64_t read_seed(In *in, const Json *object, const char *key)
{
    const char *text = read_text(in, object, key, false);
    char *end;
    unsigned long long seed = strtoull(text, &end, 10);
    if (!text[0] || *end || text[0] == '-') read_fail(in, "`%s` is no seed", key);
    return (uint64_t)seed;
}
