/* Source texts and places in them.
 *
 * A Span is a range of bytes of one registered source. Lines, columns and display width are worked out only when printing. */
#ifndef NNL_BASE_SOURCE_H
#define NNL_BASE_SOURCE_H

#include "runtime/base/arena.h"

/* source 0 is "no place". */
typedef struct {
    uint32_t source;
    size_t begin, end;
} Span;

#define NO_SPAN ((Span){0})

typedef struct Sources Sources;

Sources *sources_new(Arena *arena);
/* Registers a text under the path that messages show. The text (n bytes, perhaps a mapped file) must outlive the sources. */
uint32_t sources_add(Sources *sources, const char *path, const char *text, size_t n);
const char *sources_path(const Sources *sources, uint32_t source);
const char *sources_text(const Sources *sources, uint32_t source, size_t *n);

/* A place for people: line and column from 1, columns in code points (an invalid byte is one). */
typedef struct {
    size_t line, column;
    size_t line_begin, line_end; /* bytes of that line without its end */
} Position;
Position source_position(const Sources *sources, uint32_t source, size_t offset);

/* Columns that n bytes take on a terminal when the first stands in column `from` (0-based): tabs go to the next multiple
 * of 4, wide characters take 2, combining ones 0; worked out per grapheme cluster. */
size_t display_width(const char *text, size_t n, size_t from);
/* The same for the one grapheme cluster at text[*i]; steps *i past it. */
size_t display_cluster(const char *text, size_t n, size_t *i, size_t from);

/* The span from the beginning of a to the end of b. */
Span span_join(Span a, Span b);
/* The empty span right behind s, or right before it. */
Span span_after(Span s);
Span span_before(Span s);

#endif
