/* Texts: the buffer, comparison, edit distance, numbers as text. UTF-8 and names are in utf8.c. */
#include "runtime/base/str.h"

#include "runtime/base/bug.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

Buf buf_in(Arena *arena)
{
    Buf buf = {.arena = arena, .cap = 64};
    buf.at = arena_alloc(arena, buf.cap);
    return buf;
}

/* Room for n bytes more and the NUL. */
static void buf_room(Buf *buf, size_t n)
{
    size_t needed;
    if (__builtin_add_overflow(buf->n, n, &needed) || needed == SIZE_MAX) {
        memory_exhausted(n);
    }
    if (needed < buf->cap) {
        return;
    }
    size_t cap = buf->cap > 0 ? buf->cap : 64;
    while (cap <= needed) {
        cap = memory_product(cap, 2);
    }
    char *moved = arena_alloc(buf->arena, cap);
    if (buf->n > 0) {
        memcpy(moved, buf->at, buf->n);
    }
    buf->at = moved;
    buf->cap = cap;
}

void buf_put_n(Buf *buf, const char *text, size_t n)
{
    buf_room(buf, n);
    if (n > 0) {
        memcpy(buf->at + buf->n, text, n);
    }
    buf->n += n;
    buf->at[buf->n] = '\0';
}

void buf_put(Buf *buf, const char *text)
{
    buf_put_n(buf, text, strlen(text));
}

void buf_char(Buf *buf, char c)
{
    buf_put_n(buf, &c, 1);
}

void buf_printf(Buf *buf, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    int n = vsnprintf(NULL, 0, format, list);
    va_end(list);
    ENSURE(n >= 0);
    buf_room(buf, (size_t)n);
    va_start(list, format);
    vsnprintf(buf->at + buf->n, (size_t)n + 1, format, list);
    va_end(list);
    buf->n += (size_t)n;
}

bool str_eq(const char *a, const char *b)
{
    return a == b || (a && b && strcmp(a, b) == 0);
}

static char fold(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

bool str_eq_fold(const char *a, const char *b)
{
    if (!a || !b) {
        return a == b;
    }
    while (*a && fold(*a) == fold(*b)) {
        a++;
        b++;
    }
    return fold(*a) == fold(*b);
}

bool str_starts(const char *text, const char *prefix)
{
    return strncmp(text, prefix, strlen(prefix)) == 0;
}

bool str_ends(const char *text, const char *suffix)
{
    size_t n = strlen(text), m = strlen(suffix);
    return n >= m && memcmp(text + n - m, suffix, m) == 0;
}

/* Code points of a text into letters; SIZE_MAX where there are too many. */
static size_t letters_of(const char *text, uint32_t letters[STR_NEAREST_LETTERS])
{
    size_t n = strlen(text), count = 0;
    for (size_t i = 0; i < n;) {
        if (count == STR_NEAREST_LETTERS) {
            return SIZE_MAX;
        }
        letters[count++] = str_code_point(text, n, &i);
    }
    return count;
}

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* "Optimal string alignment": three rows of the usual table are enough, because an exchange looks back two rows. */
size_t str_distance(const char *a, const char *b, size_t limit)
{
    uint32_t s[STR_NEAREST_LETTERS], t[STR_NEAREST_LETTERS];
    size_t n = letters_of(a, s), m = letters_of(b, t);
    if (n == SIZE_MAX || m == SIZE_MAX) {
        return str_eq(a, b) ? 0 : limit + 1;
    }
    if ((n > m ? n - m : m - n) > limit) {
        return limit + 1;
    }
    size_t rows[3][STR_NEAREST_LETTERS + 1];
    size_t *before = rows[0], *last = rows[1], *row = rows[2];
    for (size_t j = 0; j <= m; j++) {
        last[j] = j;
    }
    for (size_t i = 1; i <= n; i++) {
        row[0] = i;
        size_t best = i;
        for (size_t j = 1; j <= m; j++) {
            size_t d = least(least(last[j] + 1, row[j - 1] + 1), last[j - 1] + (s[i - 1] != t[j - 1]));
            if (i > 1 && j > 1 && s[i - 1] == t[j - 2] && s[i - 2] == t[j - 1]) {
                d = least(d, before[j - 2] + 1);
            }
            row[j] = d;
            best = least(best, d);
        }
        if (best > limit) {
            return limit + 1;
        }
        size_t *oldest = before;
        before = last;
        last = row;
        row = oldest;
    }
    return least(last[m], limit + 1);
}

const char *str_nearest(const char *name, const char *const *names, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (str_eq_fold(name, names[i])) {
            return names[i];
        }
    }
    uint32_t letters[STR_NEAREST_LETTERS];
    size_t length = letters_of(name, letters);
    if (length == SIZE_MAX) {
        return NULL;
    }
    size_t limit = length / 3 > 1 ? length / 3 : 1;
    const char *nearest = NULL;
    for (size_t i = 0; i < n; i++) {
        size_t distance = str_distance(name, names[i], limit);
        /* One letter for another of one letter is no resemblance. */
        size_t whole = letters_of(names[i], letters);
        if (distance <= limit && distance < (whole > length ? whole : length)) {
            nearest = names[i];
            if (distance == 0) {
                break;
            }
            limit = distance - 1;
        }
    }
    return nearest;
}

static const char *not_finite(double value)
{
    return isnan(value) ? "nan" : value > 0 ? "inf" : "-inf";
}

const char *str_double(Arena *arena, double value)
{
    if (!isfinite(value)) {
        return not_finite(value);
    }
    char text[40];
    for (int digits = 15; digits <= 17; digits++) {
        snprintf(text, sizeof text, "%.*g", digits, value);
        if (strtod(text, NULL) == value) {
            break;
        }
    }
    return arena_copy(arena, text);
}

const char *str_float(Arena *arena, float value)
{
    if (!isfinite(value)) {
        return not_finite((double)value);
    }
    char text[40];
    for (int digits = 6; digits <= 9; digits++) {
        snprintf(text, sizeof text, "%.*g", digits, (double)value);
        if (strtof(text, NULL) == value) {
            break;
        }
    }
    return arena_copy(arena, text);
}

const char *str_figure(Arena *arena, double value, int digits)
{
    if (!isfinite(value)) {
        return not_finite(value);
    }
    /* A large whole part is written out: "123457", not "1.235e+05". */
    double whole = fabs(value);
    if (whole < 1e15 && whole >= pow(10.0, digits)) {
        return arena_printf(arena, "%.0f", value);
    }
    const char *text = arena_printf(arena, "%.*g", digits, value);
    return str_eq(text, "-0") ? "0" : text;
}

const char *str_thousands(Arena *arena, int64_t value)
{
    char digits[24];
    uint64_t size = value < 0 ? (uint64_t)0 - (uint64_t)value : (uint64_t)value;
    int n = snprintf(digits, sizeof digits, "%llu", (unsigned long long)size);
    Buf buf = buf_in(arena);
    if (value < 0) {
        buf_char(&buf, '-');
    }
    for (int i = 0; i < n; i++) {
        if (i > 0 && (n - i) % 3 == 0) {
            buf_char(&buf, ',');
        }
        buf_char(&buf, digits[i]);
    }
    return buf.at;
}

const char *str_bytes(Arena *arena, double bytes)
{
    static const char *const units[] = {"B", "KB", "MB", "GB", "TB", "PB"};
    size_t unit = 0;
    while (bytes / 1024 >= 1 && unit + 1 < sizeof units / sizeof *units) {
        bytes /= 1024;
        unit++;
    }
    return arena_printf(arena, "%.2f %s", bytes, units[unit]);
}

const char *str_join(Arena *arena, const char *const *items, size_t n, bool quoted)
{
    Buf buf = buf_in(arena);
    for (size_t i = 0; i < n; i++) {
        if (i > 0) {
            buf_put(&buf, i + 1 == n ? " and " : ", ");
        }
        buf_printf(&buf, quoted ? "`%s`" : "%s", items[i]);
    }
    return buf.at;
}
