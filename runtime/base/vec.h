/* Growing arrays in an arena.
 *
 *     VEC(int) numbers = {0};
 *     VEC_PUSH(arena, numbers, 7);        numbers.at[0], numbers.n
 *
 * Old storage stays in the arena until that goes, so pointers into an array are valid until the next push only. */
#ifndef NNL_BASE_VEC_H
#define NNL_BASE_VEC_H

#include "runtime/base/arena.h"

#define VEC(Type)   \
    struct {        \
        Type *at;   \
        size_t n;   \
        size_t cap; \
    }

#define VEC_PUSH(arena, vec, item) \
    (vec_room((arena), (void **)&(vec).at, (vec).n, &(vec).cap, sizeof *(vec).at), (vec).at[(vec).n++] = (item))

/* Room for one item more; doubles the capacity. */
void vec_room(Arena *arena, void **at, size_t n, size_t *cap, size_t item_size);

#endif
