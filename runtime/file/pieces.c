/* Lists of pieces, and numbers in them; see pieces.h. */
#include "runtime/file/pieces.h"

void pieces_add(Arena *arena, Pieces *pieces, const void *bytes, size_t n)
{
    Piece piece = {bytes, n};
    if (n) VEC_PUSH(arena, *pieces, piece);
}

uint64_t pieces_size(const Pieces *pieces)
{
    uint64_t size = 0;
    for (size_t i = 0; i < pieces->n; i++) size += pieces->at[i].n;
    return size;
}

void buf_little_endian(Buf *buf, uint64_t value, int size)
{
    for (int i = 0; i < size; i++) buf_char(buf, (char)(value >> (8 * i) & 255));
}
