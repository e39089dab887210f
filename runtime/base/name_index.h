/* Finds texts in a list by hash: the place of a column, of a node, of a name that was already seen. */
#ifndef NNL_BASE_NAME_INDEX_H
#define NNL_BASE_NAME_INDEX_H

#include "runtime/base/arena.h"

#include <stdint.h>

typedef struct NameIndex NameIndex;

#define NO_NAME SIZE_MAX

/* An empty list. Names are not copied: they must live as long as the arena. */
NameIndex *name_index_new(Arena *arena);
/* Puts a name behind those that are there. Where it is there already, the first stays the one that is found. */
void name_index_add(NameIndex *index, const char *name);
/* The place of a name, or NO_NAME. */
size_t name_index_find(const NameIndex *index, const char *name);
/* In order; until a name is added. */
const char *const *name_index_names(const NameIndex *index);
/* The first n names of an index and one more behind them: the same index grown where these are all it has and it lives in this arena, else
 * a new one. Places below n stay as they are, so a list that shares the index need not know. */
NameIndex *name_index_with(Arena *arena, NameIndex *index, size_t n, const char *name);

#endif
