/* Writing JSON: keys in the caller's order, numbers that read back to the same bits, never the locale's point. */
#include "runtime/base/json.h"

#include <math.h>
#include <string.h>

JsonOut json_out(Buf *buf)
{
    return (JsonOut){.out = buf};
}

/* Before a value: the comma that parts it from its predecessor. */
static void begin_value(JsonOut *o)
{
    if (o->comma) {
        buf_char(o->out, ',');
    }
    o->comma = true;
}

static void open(JsonOut *o, char bracket)
{
    begin_value(o);
    buf_char(o->out, bracket);
    o->comma = false;
}

static void close(JsonOut *o, char bracket)
{
    buf_char(o->out, bracket);
    o->comma = true;
}

void json_object(JsonOut *o)
{
    open(o, '{');
}

void json_object_end(JsonOut *o)
{
    close(o, '}');
}

void json_list(JsonOut *o)
{
    open(o, '[');
}

void json_list_end(JsonOut *o)
{
    close(o, ']');
}

void json_key(JsonOut *o, const char *key)
{
    json_text(o, key);
    buf_char(o->out, ':');
    o->comma = false;
}

void json_text(JsonOut *o, const char *text)
{
    begin_value(o);
    Buf *out = o->out;
    buf_char(out, '"');
    size_t n = strlen(text);
    for (size_t i = 0; i < n;) {
        size_t begin = i;
        uint32_t c = str_code_point(text, n, &i);
        if (c == '"' || c == '\\') {
            buf_char(out, '\\');
            buf_char(out, (char)c);
        } else if (c == '\n') {
            buf_put(out, "\\n");
        } else if (c == '\t') {
            buf_put(out, "\\t");
        } else if (c < 0x20 || c == 0x7F) {
            buf_printf(out, "\\u%04x", c);
        } else if (c == 0xFFFD) {
            buf_code_point(out, c);
        } else {
            buf_put_n(out, text + begin, i - begin);
        }
    }
    buf_char(out, '"');
}

void json_int(JsonOut *o, int64_t value)
{
    begin_value(o);
    buf_printf(o->out, "%lld", (long long)value);
}

void json_bool(JsonOut *o, bool value)
{
    begin_value(o);
    buf_put(o->out, value ? "true" : "false");
}

void json_null(JsonOut *o)
{
    begin_value(o);
    buf_put(o->out, "null");
}

void json_double(JsonOut *o, double value)
{
    const char *text = str_double(o->out->arena, value);
    if (isfinite(value)) {
        begin_value(o);
        buf_put(o->out, text);
    } else {
        json_text(o, text);
    }
}

void json_float(JsonOut *o, float value)
{
    const char *text = str_float(o->out->arena, value);
    if (isfinite(value)) {
        begin_value(o);
        buf_put(o->out, text);
    } else {
        json_text(o, text);
    }
}
