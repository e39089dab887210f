/* JSON: a strict reader into an arena and a writer with our key order and exact numbers. */
#ifndef NNL_BASE_JSON_H
#define NNL_BASE_JSON_H

#include "runtime/base/diag.h"

typedef enum { JSON_NULL, JSON_BOOL, JSON_NUMBER, JSON_TEXT, JSON_LIST, JSON_OBJECT } JsonType;

typedef struct Json {
    JsonType type;
    bool boolean;
    bool is_integer; /* a number written without point or exponent that fits `integer` */
    int64_t integer;
    double number;
    const char *text; /* JSON_TEXT; may hold no NUL */
    size_t n;         /* items of a list or object */
    struct Json *items;
    const char **keys; /* of an object */
    Span span;
} Json;

typedef enum { JSON_STRICT = 0, JSON_PYTHON = 1 /* NaN, Infinity and -Infinity are numbers */ } JsonFlags;

/* Reads a whole registered source. At most 4 million values, 512 deep; duplicate keys and trailing text are errors. NULL: reported. */
const Json *json_read(Arena *arena, uint32_t source, JsonFlags flags, Diags *diags);
/* The value of a key of an object, or NULL (also where json is no object). */
const Json *json_get(const Json *json, const char *key);

typedef struct {
    Buf *out;
    bool comma;
} JsonOut;

JsonOut json_out(Buf *buf);
void json_object(JsonOut *o);
void json_object_end(JsonOut *o);
void json_list(JsonOut *o);
void json_list_end(JsonOut *o);
void json_key(JsonOut *o, const char *key);
void json_text(JsonOut *o, const char *text);
void json_int(JsonOut *o, int64_t value);
void json_bool(JsonOut *o, bool value);
void json_null(JsonOut *o);
/* Shortest text that reads back to the same bits; NaN and infinities as the strings "nan", "inf", "-inf". */
void json_double(JsonOut *o, double value);
void json_float(JsonOut *o, float value);

#endif
