/* Texts with places for figures; see template.h. */
#include "runtime/base/template.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { WIDEST = 200, PRECISION_MOST = 60 };

/* Python's format specification. */
typedef struct {
    char fill, align, sign; /* align 0: not given */
    bool alternate;
    char grouping;          /* ',' or '_'; 0: none */
    int width, precision;   /* -1: not given */
    char type;              /* 0: not given */
} Format;

const char *template_number(Arena *arena, double value)
{
    if (isnan(value)) return "nan";
    if (isinf(value)) return value < 0 ? "-inf" : "inf";
    /* Python changes to an exponent at 1e16, the shortest text of C already at 1e15. */
    if (fabs(value) >= 1e15 && fabs(value) < 1e16) return arena_printf(arena, "%.1f", value);
    const char *text = str_double(arena, value);
    return strpbrk(text, ".en") ? text : arena_printf(arena, "%s.0", text);
}

/* ---- Reading a format ------------------------------------------------------------------------------------------------------- */

static bool is_align(char c)
{
    return c == '<' || c == '>' || c == '^' || c == '=';
}

static int read_count(const char **at, int most)
{
    int n = 0;
    for (; isdigit((unsigned char)**at); (*at)++) n = n > most ? n : n * 10 + (**at - '0');
    return n;
}

static const char *read_format(const char *text, Format *f)
{
    *f = (Format){.fill = ' ', .width = -1, .precision = -1};
    const char *at = text;
    if (at[0] && is_align(at[1])) {
        f->fill = at[0];
        f->align = at[1];
        at += 2;
    } else if (is_align(at[0])) {
        f->align = *at++;
    }
    if (*at == '+' || *at == '-' || *at == ' ') f->sign = *at++;
    if (*at == '#') {
        f->alternate = true;
        at++;
    }
    if (*at == '0') {
        if (!f->align) {
            f->fill = '0';
            f->align = '=';
        }
        at++;
    }
    if (isdigit((unsigned char)*at)) f->width = read_count(&at, WIDEST);
    if (f->width > WIDEST) return "its width is more than a file name can have";
    if (*at == ',' || *at == '_') f->grouping = *at++;
    if (*at == '.') {
        at++;
        if (!isdigit((unsigned char)*at)) return "a point without the number of digits behind it";
        f->precision = read_count(&at, PRECISION_MOST);
        if (f->precision > PRECISION_MOST) return "it asks for more digits than a number has";
    }
    if (*at) f->type = *at++;
    if (*at) return "its format has more than one letter";
    if (f->type && !strchr("bdoxXeEfFgGn%", f->type)) return "its format has a letter that numbers do not know";
    return NULL;
}

/* ---- Writing a number -------------------------------------------------------------------------------------------------------- */

static const char *without_zeros(Arena *arena, const char *text)
{
    const char *e = strpbrk(text, "eE");
    size_t n = e ? (size_t)(e - text) : strlen(text);
    if (!memchr(text, '.', n)) return text;
    while (n && text[n - 1] == '0') n--;
    if (n && text[n - 1] == '.') n--;
    return arena_printf(arena, "%s%s", arena_text(arena, text, n), e ? e : "");
}

/* Digits without a sign. */
static const char *float_digits(Arena *arena, const Format *f, double value)
{
    double size = fabs(value);
    bool upper = f->type && isupper((unsigned char)f->type);
    if (isnan(value)) return upper ? "NAN" : f->type == '%' ? "nan%" : "nan";
    if (isinf(value)) return upper ? "INF" : f->type == '%' ? "inf%" : "inf";
    int precision = f->precision < 0 ? 6 : f->precision;
    switch (f->type) {
    case 'e': return arena_printf(arena, f->alternate ? "%#.*e" : "%.*e", precision, size);
    case 'E': return arena_printf(arena, f->alternate ? "%#.*E" : "%.*E", precision, size);
    case 'f':
    case 'F': return arena_printf(arena, f->alternate ? "%#.*f" : "%.*f", precision, size);
    case 'G': return arena_printf(arena, f->alternate ? "%#.*G" : "%.*G", precision, size);
    case 'g':
    case 'n': return arena_printf(arena, f->alternate ? "%#.*g" : "%.*g", precision, size);
    case '%': return arena_printf(arena, "%.*f%%", precision, size * 100.0);
    default: break;
    }
    if (f->precision < 0) return template_number(arena, size);
    /* Without a letter: as g, but one digit less before the exponent comes, and never without a point. */
    if (precision == 0) precision = 1;
    const char *scientific = arena_printf(arena, "%.*e", precision - 1, size);
    int exponent = (int)strtol(strchr(scientific, 'e') + 1, NULL, 10);
    if (size != 0.0 && exponent + 1 > precision - 1) return without_zeros(arena, scientific);
    const char *plain = arena_printf(arena, "%.*g", precision, size);
    return strpbrk(plain, ".e") ? plain : arena_printf(arena, "%s.0", plain);
}

static const char *whole_digits(Arena *arena, const Format *f, uint64_t size)
{
    const char *prefix = !f->alternate ? "" : f->type == 'b' ? "0b" : f->type == 'o' ? "0o" : f->type == 'x' ? "0x" : f->type == 'X' ? "0X" : "";
    switch (f->type) {
    case 'o': return arena_printf(arena, "%s%llo", prefix, (unsigned long long)size);
    case 'x': return arena_printf(arena, "%s%llx", prefix, (unsigned long long)size);
    case 'X': return arena_printf(arena, "%s%llX", prefix, (unsigned long long)size);
    case 'b': {
        char digits[65];
        size_t at = sizeof digits - 1;
        digits[at] = 0;
        do digits[--at] = (char)('0' + (size & 1));
        while (size >>= 1);
        return arena_printf(arena, "%s%s", prefix, digits + at);
    }
    default: return arena_printf(arena, "%llu", (unsigned long long)size);
    }
}

static const char *grouped(Arena *arena, const char *digits, char mark)
{
    size_t n = strspn(digits, "0123456789");
    Buf out = buf_in(arena);
    for (size_t i = 0; i < n; i++) {
        if (i && (n - i) % 3 == 0) buf_char(&out, mark);
        buf_char(&out, digits[i]);
    }
    buf_put(&out, digits + n);
    return out.at ? out.at : "";
}

static void put_number(Arena *arena, const Format *f, const char *digits, bool negative, Buf *out)
{
    if (f->grouping) digits = grouped(arena, digits, f->grouping);
    const char *sign = negative ? "-" : f->sign == '+' ? "+" : f->sign == ' ' ? " " : "";
    size_t length = strlen(sign) + strlen(digits), width = f->width > 0 ? (size_t)f->width : 0;
    size_t pad = width > length ? width - length : 0;
    size_t before = f->align == '<' || f->align == '=' ? 0 : f->align == '^' ? pad / 2 : pad;
    size_t inside = f->align == '=' ? pad : 0;
    for (size_t i = 0; i < before; i++) buf_char(out, f->fill);
    buf_put(out, sign);
    for (size_t i = 0; i < inside; i++) buf_char(out, f->fill);
    buf_put(out, digits);
    for (size_t i = before + inside; i < pad; i++) buf_char(out, f->fill);
}

static const char *put_figure(Arena *arena, const char *text, const TemplateFigure *figure, Buf *out)
{
    Format f;
    const char *wrong = read_format(text, &f);
    if (wrong) return wrong;
    if (figure->whole && (!f.type || strchr("bdoxXn", f.type))) {
        if (f.precision >= 0) return "a whole number has no digits behind a point";
        uint64_t size = figure->integer < 0 ? 0 - (uint64_t)figure->integer : (uint64_t)figure->integer;
        put_number(arena, &f, whole_digits(arena, &f, size), figure->integer < 0, out);
        return NULL;
    }
    if (f.type && strchr("bdoxX", f.type)) return "a figure that is no whole number has no such form; `.2f` has two digits behind the point";
    double value = figure->whole ? (double)figure->integer : figure->number;
    put_number(arena, &f, float_digits(arena, &f, value), signbit(value) && !isnan(value), out);
    return NULL;
}

/* ---- The text ------------------------------------------------------------------------------------------------------------------ */

static bool is_name(const char *text)
{
    if (!isalpha((unsigned char)*text) && *text != '_') return false;
    while (isalnum((unsigned char)*text) || *text == '_' || (unsigned char)*text >= 0x80) text++;
    return !*text;
}

/* The place that begins at text[at]. false: *fault says why. */
static bool put_place(Arena *arena, const char *text, size_t at, size_t *end, TemplateLookup *lookup, void *owner, Buf *out, TemplateFault *fault)
{
    size_t n = strcspn(text + at + 1, "{}");
    fault->begin = at;
    fault->end = at + 1 + n;
    if (text[fault->end] != '}') {
        fault->what = text[fault->end] ? "a brace inside braces" : "a brace that is never closed";
        return false;
    }
    *end = ++fault->end;
    const char *inside = arena_text(arena, text + at + 1, n);
    const char *colon = strchr(inside, ':');
    const char *name = colon ? arena_text(arena, inside, (size_t)(colon - inside)) : inside;
    if (!is_name(name)) {
        fault->what = *name ? arena_printf(arena, "`%s` is no figure's name", name) : "braces without a figure's name";
        return false;
    }
    TemplateFigure figure;
    if (!lookup(owner, name, &figure)) {
        fault->unknown = name;
        return false;
    }
    const char *wrong = put_figure(arena, colon ? colon + 1 : "", &figure, out);
    if (wrong) fault->what = arena_printf(arena, "in `{%s}`, %s", inside, wrong);
    return !wrong;
}

const char *template_fill(Arena *arena, const char *text, TemplateLookup *lookup, void *owner, TemplateFault *fault)
{
    *fault = (TemplateFault){0};
    Buf out = buf_in(arena);
    for (size_t at = 0; text[at];) {
        if (text[at] == '{' && text[at + 1] != '{') {
            if (!put_place(arena, text, at, &at, lookup, owner, &out, fault)) return NULL;
            continue;
        }
        if (text[at] == '}' && text[at + 1] != '}') {
            *fault = (TemplateFault){.what = "a closing brace that nothing opened", .begin = at, .end = at + 1};
            return NULL;
        }
        at += text[at] == '{' || text[at] == '}';
        buf_char(&out, text[at++]);
    }
    return out.at ? out.at : "";
}
