/* A hash table with open addressing, at most half full. */
#include "runtime/base/name_index.h"

#include "runtime/base/rng.h"
#include "runtime/base/str.h"
#include "runtime/base/vec.h"

struct NameIndex {
    Arena *arena;
    VEC(const char *) names;
    size_t *slots; /* a place + 1; 0: free */
    size_t mask;
};

enum { FIRST_SLOTS = 16 };

/* Where the name stands or, if it is not there, would stand. */
static size_t *slot_of(const NameIndex *index, const char *name)
{
    size_t i = (size_t)rng_stream(name) & index->mask;
    while (index->slots[i] && !str_eq(index->names.at[index->slots[i] - 1], name)) i = (i + 1) & index->mask;
    return &index->slots[i];
}

static void put(NameIndex *index, size_t place)
{
    size_t *slot = slot_of(index, index->names.at[place]);
    if (!*slot) *slot = place + 1;
}

static void set_slots(NameIndex *index, size_t n)
{
    index->slots = ARENA_ARRAY(index->arena, size_t, n);
    index->mask = n - 1;
    for (size_t place = 0; place < index->names.n; place++) put(index, place);
}

NameIndex *name_index_new(Arena *arena)
{
    NameIndex *index = ARENA_NEW(arena, NameIndex);
    index->arena = arena;
    set_slots(index, FIRST_SLOTS);
    return index;
}

void name_index_add(NameIndex *index, const char *name)
{
    VEC_PUSH(index->arena, index->names, name);
    if (index->names.n * 2 > index->mask) set_slots(index, 2 * (index->mask + 1));
    else put(index, index->names.n - 1);
}

size_t name_index_find(const NameIndex *index, const char *name)
{
    return *slot_of(index, name) - 1;
}

const char *const *name_index_names(const NameIndex *index)
{
    return index->names.at;
}

NameIndex *name_index_with(Arena *arena, NameIndex *index, size_t n, const char *name)
{
    NameIndex *grown = index;
    if (index->arena != arena || index->names.n != n) {
        grown = name_index_new(arena);
        for (size_t i = 0; i < n; i++) name_index_add(grown, index->names.at[i]);
    }
    name_index_add(grown, name);
    return grown;
}
