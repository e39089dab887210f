/* The texts of diagnostics and the filling of their named places.
 *
 *     {x}                    the value named x
 *     {n|column|columns}     the first word where the value named n is 1, else the second
 *
 * A brace that no small letter follows is a brace: "`{`". */
#include "runtime/base/diag_inside.h"

#include "runtime/base/bug.h"

#include <string.h>

static const struct {
    const char *name, *message;
} codes[] = {
    {"", ""},
#define CODE(code, message) {#code, message},
#define TEXT(code, key, text)
#include "runtime/base/diag_codes.def"
#undef CODE
#undef TEXT
};

static const char *const texts[] = {
    "",
#define CODE(code, message)
#define TEXT(code, key, text) text,
#include "runtime/base/diag_codes.def"
#undef CODE
#undef TEXT
};

/* A value longer than this is cut: it came from a file. */
enum { VALUE_LIMIT = 300 };
/* A word without blanks (a name, a path) longer than this is shown by its beginning and its last letters. */
enum { WORD_LIMIT = 120, WORD_TAIL = 40 };

DiagCode diag_code_find(const char *name)
{
    for (size_t i = 1; i < DIAG_CODE_COUNT; i++) {
        if (str_eq_fold(name, codes[i].name)) {
            return (DiagCode)i;
        }
    }
    return DIAG_NONE;
}

const char *diag_code_name(DiagCode code)
{
    return codes[code].name;
}

const char *diag_code_message(DiagCode code)
{
    return codes[code].message;
}

const char *diag_text_of(DiagText text)
{
    return texts[text];
}

static bool turns_direction(uint32_t c)
{
    return (c >= 0x202A && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069) || c == 0x200E || c == 0x200F || c == 0x061C;
}

void diag_put_visible(Buf *out, const char *text, size_t n)
{
    for (size_t i = 0; i < n;) {
        size_t begin = i;
        uint32_t c = str_code_point(text, n, &i);
        if (c < 0x20) {
            buf_code_point(out, 0x2400 + c);
        } else if (c == 0x7F) {
            buf_code_point(out, 0x2421);
        } else if ((c >= 0x80 && c < 0xA0) || turns_direction(c) || (c == 0xFFFD && i - begin == 1)) {
            buf_code_point(out, 0xFFFD);
        } else {
            buf_put_n(out, text + begin, i - begin);
        }
    }
}

/* The bytes of the first `count` characters. */
static size_t bytes_of(const char *text, size_t n, size_t count)
{
    size_t i = 0;
    for (; count > 0 && i < n; count--) {
        str_code_point(text, n, &i);
    }
    return i;
}

static void put_value(Buf *out, const DiagArg *arg)
{
    switch (arg->type) {
    case DIAG_ARG_INT:
        buf_printf(out, "%lld", (long long)arg->integer);
        return;
    case DIAG_ARG_FIGURE:
        buf_put(out, str_figure(out->arena, arg->figure, 6));
        return;
    case DIAG_ARG_TEXT:
        break;
    }
    size_t n = strlen(arg->text), count = 0;
    for (size_t i = 0; i < n; count++) {
        str_code_point(arg->text, n, &i);
    }
    bool one_word = strcspn(arg->text, " \n") == n;
    if (one_word && count > WORD_LIMIT) {
        diag_put_visible(out, arg->text, bytes_of(arg->text, n, WORD_LIMIT - WORD_TAIL));
        buf_put(out, "…");
        size_t tail = bytes_of(arg->text, n, count - WORD_TAIL);
        diag_put_visible(out, arg->text + tail, n - tail);
        return;
    }
    size_t shown = bytes_of(arg->text, n, VALUE_LIMIT);
    diag_put_visible(out, arg->text, shown);
    if (shown < n) {
        buf_put(out, "…");
    }
}

static bool is_one(const DiagArg *arg)
{
    switch (arg->type) {
    case DIAG_ARG_INT:
        return arg->integer == 1;
    case DIAG_ARG_FIGURE:
        return arg->figure == 1.0;
    case DIAG_ARG_TEXT:
        break;
    }
    return str_eq(arg->text, "1");
}

static const DiagArg *find_arg(const char *name, size_t n, const DiagArg *args)
{
    for (; args && args->name; args++) {
        if (strlen(args->name) == n && memcmp(args->name, name, n) == 0) {
            return args;
        }
    }
    return NULL;
}

static bool is_name_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
}

/* Fills the place that begins at text (behind its brace) and returns where it ends, or NULL where this is no place. */
static const char *fill_place(Buf *out, const char *text, const DiagArg *args, const DiagArg *more)
{
    const char *end = text;
    while (is_name_letter(*end)) {
        end++;
    }
    if (end == text || *text < 'a' || *text > 'z' || (*end != '}' && *end != '|')) {
        return NULL;
    }
    const char *close = strchr(end, '}');
    if (!close) {
        return NULL;
    }
    const DiagArg *arg = find_arg(text, (size_t)(end - text), args);
    if (!arg) {
        arg = find_arg(text, (size_t)(end - text), more);
    }
    if (!arg) {
#ifdef NNL_DEBUG
        BUG(text);
#else
        buf_char(out, '?');
        return close + 1;
#endif
    }
    if (*end == '}') {
        put_value(out, arg);
        return close + 1;
    }
    const char *bar = strchr(end + 1, '|');
    ENSURE(bar && bar < close);
    if (is_one(arg)) {
        buf_put_n(out, end + 1, (size_t)(bar - end - 1));
    } else {
        buf_put_n(out, bar + 1, (size_t)(close - bar - 1));
    }
    return close + 1;
}

const char *diag_fill(Arena *arena, const char *text, const DiagArg *args, const DiagArg *more)
{
    Buf out = buf_in(arena);
    while (*text) {
        const char *brace = strchr(text, '{');
        if (!brace) {
            buf_put(&out, text);
            break;
        }
        buf_put_n(&out, text, (size_t)(brace - text));
        const char *behind = fill_place(&out, brace + 1, args, more);
        if (!behind) {
            buf_char(&out, '{');
            behind = brace + 1;
        }
        text = behind;
    }
    return out.at;
}
