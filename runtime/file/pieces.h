/* A file as pieces that lie in several places of memory, in the file's order: arrays are written from where they are instead of being copied
 * together first. What a piece points to must stay until the file is written. */
#ifndef NNL_FILE_PIECES_H
#define NNL_FILE_PIECES_H

#include "runtime/base/str.h"
#include "runtime/base/vec.h"

typedef struct {
    const void *bytes;
    size_t n;
} Piece;
typedef VEC(Piece) Pieces;

void pieces_add(Arena *arena, Pieces *pieces, const void *bytes, size_t n);
/* Of all pieces together. */
uint64_t pieces_size(const Pieces *pieces);

/* A whole number in `size` bytes, the lowest first. */
void buf_little_endian(Buf *buf, uint64_t value, int size);

#endif
