/* The distinct texts of a column, found by hash.
 *
 * Texts are numbered in order of first appearance. A text that is not in Unicode normal form C gets the number of its
 * normal form; a text that is a marker of missing cells gets TEXT_MISSING: both are judged once for each distinct text. */
#ifndef NNL_TABLE_TEXT_INDEX_H
#define NNL_TABLE_TEXT_INDEX_H

#include "runtime/base/str.h"

typedef struct TextIndex TextIndex;

/* is_missing may be NULL. */
TextIndex *text_index_new(Arena *arena, bool (*is_missing)(const char *text, size_t n, void *context), void *context);
/* The code of n bytes, given one if need be. */
uint32_t text_index_add(TextIndex *index, const char *text, size_t n);
/* The code of n bytes, or UINT32_MAX. */
uint32_t text_index_find(const TextIndex *index, const char *text, size_t n);
/* The texts by code; valid until the next text_index_add. */
const char *const *text_index_texts(const TextIndex *index, size_t *n);

#endif
