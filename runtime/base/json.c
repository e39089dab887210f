/* Reading JSON, strictly as RFC 8259 has it, into an arena, each value with its place.
 *
 * Refused beyond that: nesting above 512, more than 4 million values, a key given twice, numbers beyond a double, `\u0000` (texts end in NUL), lone
 * surrogates, bad UTF-8. Whole numbers within 64 bits are kept exactly. */
#include "runtime/base/json.h"

#include "runtime/base/vec.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { DEPTH_LIMIT = 512, VALUES_LIMIT = 4000000, NUMBER_LIMIT = 1000 };

typedef struct {
    Arena *arena;
    Diags *diags;
    uint32_t source;
    JsonFlags flags;
    const char *text;
    size_t n, at, n_values;
    int depth;
} Reader;

typedef VEC(Json) JsonVec;
typedef VEC(const char *) KeyVec;

static bool read_value(Reader *r, Json *value);

static bool fail(Reader *r, size_t begin, size_t end, const char *what, const char *expected)
{
    Span span = {.source = r->source, .begin = begin < r->n ? begin : r->n, .end = end < r->n ? end : r->n};
    Diag *e = diag(r->diags, E0901, span, A("file", sources_path(diags_sources(r->diags), r->source)), A("what", what));
    diag_primary(e, E0901_here, A("expected", expected));
    diag_file_fault(e);
    return false;
}

static void skip_space(Reader *r)
{
    while (r->at < r->n &&
           (r->text[r->at] == ' ' || r->text[r->at] == '\t' || r->text[r->at] == '\n' || r->text[r->at] == '\r')) {
        r->at++;
    }
}

static bool is_next(const Reader *r, char c)
{
    return r->at < r->n && r->text[r->at] == c;
}

static bool take(Reader *r, char c)
{
    if (is_next(r, c)) {
        r->at++;
        return true;
    }
    return false;
}

static bool is_digit_next(const Reader *r)
{
    return r->at < r->n && r->text[r->at] >= '0' && r->text[r->at] <= '9';
}

static bool take_word(Reader *r, const char *word)
{
    size_t n = strlen(word);
    if (r->n - r->at >= n && memcmp(r->text + r->at, word, n) == 0) {
        r->at += n;
        return true;
    }
    return false;
}

static void skip_digits(Reader *r)
{
    while (is_digit_next(r)) {
        r->at++;
    }
}

static bool read_number(Reader *r, Json *value)
{
    size_t begin = r->at;
    bool whole = true;
    take(r, '-');
    if (!take(r, '0')) {
        if (!is_digit_next(r)) {
            return fail(r, begin, r->at + 1, "a number has no digits", "expected a digit after the minus");
        }
        skip_digits(r);
    } else if (is_digit_next(r)) {
        return fail(r, begin, r->at + 1, "a number begins with a superfluous 0", "expected no digit after the 0");
    }
    if (take(r, '.')) {
        whole = false;
        if (!is_digit_next(r)) {
            return fail(r, begin, r->at + 1, "a number ends in a point", "expected a digit after the point");
        }
        skip_digits(r);
    }
    if (take(r, 'e') || take(r, 'E')) {
        whole = false;
        if (!take(r, '+')) {
            take(r, '-');
        }
        if (!is_digit_next(r)) {
            return fail(r, begin, r->at + 1, "a number has no exponent", "expected a digit after the e");
        }
        skip_digits(r);
    }
    if (r->at - begin > NUMBER_LIMIT) {
        return fail(r, begin, r->at, "a number is too long", "expected at most 1000 digits");
    }
    char digits[NUMBER_LIMIT + 1];
    memcpy(digits, r->text + begin, r->at - begin);
    digits[r->at - begin] = '\0';
    value->type = JSON_NUMBER;
    value->number = strtod(digits, NULL);
    if (!isfinite(value->number)) {
        return fail(r, begin, r->at, "a number is too large", "expected a number below 1.8e308");
    }
    if (whole) {
        errno = 0;
        long long integer = strtoll(digits, NULL, 10);
        value->is_integer = errno == 0;
        value->integer = value->is_integer ? integer : 0;
    }
    return true;
}

/* Four hexadecimal digits, or -1. */
static int32_t read_hex(Reader *r)
{
    int32_t value = 0;
    for (int i = 0; i < 4; i++) {
        if (r->at >= r->n) {
            return -1;
        }
        char c = r->text[r->at];
        int digit = c >= '0' && c <= '9'   ? c - '0'
                    : c >= 'a' && c <= 'f' ? c - 'a' + 10
                    : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                           : -1;
        if (digit < 0) {
            return -1;
        }
        value = value * 16 + digit;
        r->at++;
    }
    return value;
}

static bool read_unicode_escape(Reader *r, Buf *out, size_t begin)
{
    int32_t unit = read_hex(r);
    if (unit < 0) {
        return fail(r, begin, r->at + 1, "a \\u is not followed by four digits", "expected four hexadecimal digits");
    }
    if (unit == 0) {
        return fail(r, begin, r->at, "a text holds the character 0", "expected another character");
    }
    uint32_t code_point = (uint32_t)unit;
    if (unit >= 0xD800 && unit < 0xDC00 && take_word(r, "\\u")) {
        int32_t low = read_hex(r);
        if (low >= 0xDC00 && low < 0xE000) {
            code_point = 0x10000u + ((uint32_t)(unit - 0xD800) << 10) + (uint32_t)(low - 0xDC00);
        }
    }
    if (code_point >= 0xD800 && code_point < 0xE000) {
        return fail(r, begin, r->at, "a text holds half a character", "expected both halves of a surrogate pair");
    }
    buf_code_point(out, code_point);
    return true;
}

static bool read_escape(Reader *r, Buf *out)
{
    static const char written[] = "\"\\/bfnrt", meant[] = "\"\\/\b\f\n\r\t";
    size_t begin = r->at++;
    const char *found = r->at < r->n && r->text[r->at] ? strchr(written, r->text[r->at]) : NULL;
    if (found) {
        r->at++;
        buf_char(out, meant[found - written]);
        return true;
    }
    if (take(r, 'u')) {
        return read_unicode_escape(r, out, begin);
    }
    return fail(r, begin, r->at + 1, "a text holds an unknown \\ sequence",
                "expected one of \\\" \\\\ \\/ \\b \\f \\n \\r \\t \\u");
}

static bool read_text(Reader *r, const char **text)
{
    size_t open = r->at++;
    Buf out = buf_in(r->arena);
    while (!is_next(r, '"')) {
        if (r->at >= r->n) {
            return fail(r, open, open + 1, "a text does not end", "this quote is not closed");
        }
        size_t begin = r->at;
        unsigned char c = (unsigned char)r->text[begin];
        if (c < 0x20) {
            return fail(r, begin, begin + 1, "a text holds a control character", "expected an escape such as \\n");
        }
        if (c == '\\') {
            if (!read_escape(r, &out)) {
                return false;
            }
            continue;
        }
        uint32_t code_point = str_code_point(r->text, r->n, &r->at);
        if (code_point == 0xFFFD && r->at - begin == 1) {
            return fail(r, begin, r->at, "a text is not UTF-8", "this byte cannot be read as UTF-8");
        }
        buf_put_n(&out, r->text + begin, r->at - begin);
    }
    r->at++;
    *text = out.at;
    return true;
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Sorted copies find a key given twice without comparing each with each. */
static const char *repeated_key(Arena *arena, const KeyVec *keys)
{
    if (keys->n < 2) {
        return NULL;
    }
    const char **sorted = ARENA_ARRAY(arena, const char *, keys->n);
    memcpy(sorted, keys->at, keys->n * sizeof *sorted);
    qsort(sorted, keys->n, sizeof *sorted, by_text);
    for (size_t i = 1; i < keys->n; i++) {
        if (str_eq(sorted[i - 1], sorted[i])) {
            return sorted[i];
        }
    }
    return NULL;
}

static bool read_list(Reader *r, Json *value)
{
    size_t open = r->at++;
    JsonVec items = {0};
    skip_space(r);
    if (!take(r, ']')) {
        for (;;) {
            Json item = {0};
            if (!read_value(r, &item)) {
                return false;
            }
            VEC_PUSH(r->arena, items, item);
            skip_space(r);
            if (take(r, ']')) {
                break;
            }
            if (!take(r, ',')) {
                return r->at >= r->n ? fail(r, open, open + 1, "a list does not end", "this bracket is not closed")
                                     : fail(r, r->at, r->at + 1, "a list goes on without a comma", "expected , or ]");
            }
        }
    }
    value->type = JSON_LIST;
    value->items = items.at;
    value->n = items.n;
    return true;
}

static bool read_object(Reader *r, Json *value)
{
    size_t open = r->at++;
    JsonVec items = {0};
    KeyVec keys = {0};
    skip_space(r);
    if (!take(r, '}')) {
        for (;;) {
            const char *key = NULL;
            Json item = {0};
            skip_space(r);
            if (!is_next(r, '"')) {
                return r->at >= r->n ? fail(r, open, open + 1, "an object does not end", "this brace is not closed")
                                     : fail(r, r->at, r->at + 1, "an object has no key here", "expected a key in quotes");
            }
            if (!read_text(r, &key)) {
                return false;
            }
            skip_space(r);
            if (!take(r, ':')) {
                return fail(r, r->at, r->at + 1, "a key has no value", "expected :");
            }
            if (!read_value(r, &item)) {
                return false;
            }
            VEC_PUSH(r->arena, keys, key);
            VEC_PUSH(r->arena, items, item);
            skip_space(r);
            if (take(r, '}')) {
                break;
            }
            if (!take(r, ',')) {
                return r->at >= r->n ? fail(r, open, open + 1, "an object does not end", "this brace is not closed")
                                     : fail(r, r->at, r->at + 1, "an object goes on without a comma", "expected , or }");
            }
        }
    }
    const char *twice = repeated_key(r->arena, &keys);
    if (twice) {
        return fail(r, open, r->at, arena_printf(r->arena, "the key `%s` is given twice", twice), "in this object");
    }
    value->type = JSON_OBJECT;
    value->items = items.at;
    value->keys = keys.at;
    value->n = items.n;
    return true;
}

static bool read_word(Reader *r, Json *value)
{
    static const struct {
        const char *word;
        JsonType type;
        bool boolean;
        double number;
    } words[] = {{"null", JSON_NULL, false, 0},
                 {"true", JSON_BOOL, true, 0},
                 {"false", JSON_BOOL, false, 0},
                 {"NaN", JSON_NUMBER, false, (double)NAN},
                 {"Infinity", JSON_NUMBER, false, HUGE_VAL},
                 {"-Infinity", JSON_NUMBER, false, -HUGE_VAL}};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if ((words[i].type != JSON_NUMBER || r->flags == JSON_PYTHON) && take_word(r, words[i].word)) {
            value->type = words[i].type;
            value->boolean = words[i].boolean;
            value->number = words[i].number;
            return true;
        }
    }
    if (is_next(r, '-') || is_digit_next(r)) {
        return read_number(r, value);
    }
    if (r->at >= r->n) {
        return fail(r, r->n, r->n, "it ends before its value does", "expected a value");
    }
    return fail(r, r->at, r->at + 1, "there is no value where one belongs", "expected a value");
}

static bool read_value(Reader *r, Json *value)
{
    skip_space(r);
    size_t begin = r->at;
    bool ok;
    /* A value takes many times the memory of its two or three letters. */
    if (++r->n_values > VALUES_LIMIT) {
        return fail(r, begin, begin + 1, "it holds more than 4 million values", "one too many");
    }
    if (is_next(r, '{') || is_next(r, '[')) {
        if (r->depth >= DEPTH_LIMIT) {
            return fail(r, begin, begin + 1, "it is nested more than 512 deep", "too deep");
        }
        r->depth++;
        ok = is_next(r, '{') ? read_object(r, value) : read_list(r, value);
        r->depth--;
    } else if (is_next(r, '"')) {
        value->type = JSON_TEXT;
        ok = read_text(r, &value->text);
    } else {
        ok = read_word(r, value);
    }
    value->span = (Span){.source = r->source, .begin = begin, .end = r->at};
    return ok;
}

const Json *json_read(Arena *arena, uint32_t source, JsonFlags flags, Diags *diags)
{
    Reader r = {.arena = arena, .diags = diags, .source = source, .flags = flags};
    r.text = sources_text(diags_sources(diags), source, &r.n);
    Json *value = ARENA_NEW(arena, Json);
    if (!read_value(&r, value)) {
        return NULL;
    }
    skip_space(&r);
    if (r.at < r.n) {
        fail(&r, r.at, r.at + 1, "something follows behind its value", "expected the end of the file");
        return NULL;
    }
    return value;
}

const Json *json_get(const Json *json, const char *key)
{
    if (!json || json->type != JSON_OBJECT) {
        return NULL;
    }
    for (size_t i = 0; i < json->n; i++) {
        if (str_eq(json->keys[i], key)) {
            return &json->items[i];
        }
    }
    return NULL;
}
