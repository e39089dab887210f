/* UTF-8, Unicode normal form C and the letters of names: the second half of str.h. */
#include "runtime/base/str.h"

#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

typedef struct {
    uint32_t first, last;
} CodePointRange;

/* Written by tools/xid_table.c. */
#include "runtime/base/xid.inc"

/* The length of the sequence at text[0..n), its code point in *code_point; 0 where it is malformed. */
static size_t decode(const unsigned char *text, size_t n, uint32_t *code_point)
{
    unsigned char c = text[0];
    if (c < 0x80) {
        *code_point = c;
        return 1;
    }
    size_t length = c >= 0xF0 ? 4 : c >= 0xE0 ? 3 : 2;
    if (c < 0xC2 || c > 0xF4 || length > n) {
        return 0;
    }
    uint32_t value = c & (0xFFu >> (length + 1));
    for (size_t k = 1; k < length; k++) {
        if ((text[k] & 0xC0) != 0x80) {
            return 0;
        }
        value = value << 6 | (text[k] & 0x3F);
    }
    static const uint32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
    if (value < smallest[length] || value > 0x10FFFF || (value >= 0xD800 && value <= 0xDFFF)) {
        return 0;
    }
    *code_point = value;
    return length;
}

uint32_t str_code_point(const char *text, size_t n, size_t *i)
{
    uint32_t code_point = 0xFFFD;
    size_t length = decode((const unsigned char *)text + *i, n - *i, &code_point);
    *i += length > 0 ? length : 1;
    return code_point;
}

bool str_utf8_valid(const char *text, size_t n, size_t *bad)
{
    for (size_t i = 0; i < n;) {
        uint32_t code_point;
        size_t length = decode((const unsigned char *)text + i, n - i, &code_point);
        if (length == 0) {
            if (bad) {
                *bad = i;
            }
            return false;
        }
        i += length;
    }
    return true;
}

void buf_code_point(Buf *buf, uint32_t c)
{
    char bytes[4];
    utf8proc_ssize_t n = utf8proc_encode_char((utf8proc_int32_t)c, (utf8proc_uint8_t *)bytes);
    buf_put_n(buf, bytes, n > 0 ? (size_t)n : 0);
}

/* Whether a text made of such code points alone is in normal form C: none of them composes with one that follows it here,
 * because no combining mark and no single jamo is among them. Covers nearly every name, without a table. */
static bool is_plainly_nfc(uint32_t c)
{
    return c < 0x300 || (c >= 0xAC00 && c <= 0xD7A3) || (c >= 0x4E00 && c <= 0x9FFF) || (c >= 0x3041 && c <= 0x3096);
}

const char *str_nfc(Arena *arena, const char *text, size_t n)
{
    bool plain = true;
    for (size_t i = 0; i < n && plain;) {
        uint32_t code_point;
        size_t length = decode((const unsigned char *)text + i, n - i, &code_point);
        plain = length > 0 && is_plainly_nfc(code_point);
        i += length;
    }
    if (plain || !str_utf8_valid(text, n, NULL)) {
        return text;
    }
    utf8proc_uint8_t *composed = NULL;
    utf8proc_ssize_t m =
        utf8proc_map((const utf8proc_uint8_t *)text, (utf8proc_ssize_t)n, &composed, UTF8PROC_STABLE | UTF8PROC_COMPOSE);
    if (m == UTF8PROC_ERROR_NOMEM) {
        memory_exhausted(n);
    }
    if (m < 0) {
        return text;
    }
    const char *result = text;
    if ((size_t)m != n || memcmp(composed, text, n) != 0) {
        result = arena_text(arena, (const char *)composed, (size_t)m);
    }
    free(composed);
    return result;
}

static bool in_ranges(const CodePointRange *ranges, size_t n, uint32_t c)
{
    size_t low = 0, high = n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (c > ranges[middle].last) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low < n && c >= ranges[low].first;
}

bool str_xid_start(uint32_t c)
{
    return in_ranges(xid_start, sizeof xid_start / sizeof *xid_start, c);
}

bool str_xid_continue(uint32_t c)
{
    return in_ranges(xid_continue, sizeof xid_continue / sizeof *xid_continue, c);
}

bool str_is_name(const char *text)
{
    size_t n = strlen(text), i = 0;
    if (n == 0 || !str_utf8_valid(text, n, NULL)) {
        return false;
    }
    uint32_t first = str_code_point(text, n, &i);
    bool ok = first == '_' || str_xid_start(first);
    while (ok && i < n) {
        ok = str_xid_continue(str_code_point(text, n, &i));
    }
    return ok;
}
