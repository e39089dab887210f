/* Growing arrays: the one function behind VEC_PUSH. */
#include "runtime/base/vec.h"

#include <string.h>

void vec_room(Arena *arena, void **at, size_t n, size_t *cap, size_t item_size)
{
    if (n < *cap) {
        return;
    }
    size_t wider = *cap > 0 ? memory_product(*cap, 2) : 8;
    void *moved = arena_array(arena, wider, item_size);
    if (n > 0) {
        memcpy(moved, *at, n * item_size);
    }
    *at = moved;
    *cap = wider;
}
