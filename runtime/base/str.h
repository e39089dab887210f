/* Texts: a buffer that grows, comparison of names, nearest names, numbers as text. Texts are UTF-8 and end in NUL. */
#ifndef NNL_BASE_STR_H
#define NNL_BASE_STR_H

#include "runtime/base/arena.h"

/* A text being built in an arena. `at` always ends in NUL. */
typedef struct {
    Arena *arena;
    char *at;
    size_t n, cap;
} Buf;

Buf buf_in(Arena *arena);
void buf_put(Buf *buf, const char *text);
void buf_put_n(Buf *buf, const char *text, size_t n);
void buf_char(Buf *buf, char c);
void buf_printf(Buf *buf, const char *format, ...) __attribute__((format(printf, 2, 3)));

bool str_eq(const char *a, const char *b);        /* NULL equals only NULL */
bool str_eq_fold(const char *a, const char *b);   /* without regard to case (ASCII) */
bool str_starts(const char *text, const char *prefix);
bool str_ends(const char *text, const char *suffix);

/* Unicode normal form C of n bytes; the text itself where it is in that form already. Bad UTF-8 comes back unchanged. */
const char *str_nfc(Arena *arena, const char *text, size_t n);
/* Whether n bytes are valid UTF-8; *bad is the offset of the first byte that is not. */
bool str_utf8_valid(const char *text, size_t n, size_t *bad);
/* Decodes one code point at text[*i], steps *i past it; a bad byte gives U+FFFD and one step. */
uint32_t str_code_point(const char *text, size_t n, size_t *i);
/* Appends a code point as UTF-8. */
void buf_code_point(Buf *buf, uint32_t code_point);
/* Whether text is a plain name of NNL: XID_Start or _, then XID_Continue. */
bool str_is_name(const char *text);
bool str_xid_start(uint32_t code_point);
bool str_xid_continue(uint32_t code_point);

/* Names of more letters are never taken for misspellings. */
enum { STR_NEAREST_LETTERS = 128 };
/* Edit distance in code points, two neighbouring letters exchanged counting as one edit; stops counting above `limit`. */
size_t str_distance(const char *a, const char *b, size_t limit);
/* The nearest of n names (equal without case first, then least distance up to max(1, length / 3)), or NULL. */
const char *str_nearest(const char *name, const char *const *names, size_t n);

/* Shortest decimal text that reads back to the same bits: "0.1", "1e-07", "12", "nan", "inf", "-inf". */
const char *str_double(Arena *arena, double value);
const char *str_float(Arena *arena, float value);
/* A figure for people: at most `digits` significant digits, no trailing zeros. */
const char *str_figure(Arena *arena, double value, int digits);
/* 12345678 as "12,345,678". */
const char *str_thousands(Arena *arena, int64_t value);
/* Bytes as "10.52 KB": divided by 1024 per step, two decimals, as Keras prints sizes. */
const char *str_bytes(Arena *arena, double bytes);
/* "a, b and c" of n texts, each in back-quotes where `quoted`. */
const char *str_join(Arena *arena, const char *const *items, size_t n, bool quoted);

#endif
