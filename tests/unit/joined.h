/* Pieces of a file put together, for tests that look at a whole file or change bytes in it. */
#ifndef NNL_TESTS_UNIT_JOINED_H
#define NNL_TESTS_UNIT_JOINED_H

#include "runtime/file/zip.h"

static inline Buf joined(Arena *arena, const Pieces *pieces)
{
    Buf bytes = buf_in(arena);
    for (size_t i = 0; i < pieces->n; i++) buf_put_n(&bytes, pieces->at[i].bytes, pieces->at[i].n);
    return bytes;
}

/* A zip of members that lie in one piece each. */
static inline Buf joined_zip(Arena *arena, const ZipMember *members, size_t n)
{
    ZipEntry *entries = ARENA_ARRAY(arena, ZipEntry, n);
    for (size_t i = 0; i < n; i++) {
        entries[i].name = members[i].name;
        pieces_add(arena, &entries[i].content, members[i].bytes, members[i].n);
    }
    Pieces pieces = {0};
    zip_pieces(arena, entries, n, &pieces);
    return joined(arena, &pieces);
}

#endif
