/* A small text table: cells aligned by display width, first column to the left, the others to the right. */
#ifndef NNL_REPORT_GRID_H
#define NNL_REPORT_GRID_H

#include "runtime/base/str.h"
#include "runtime/base/vec.h"

typedef struct {
    Arena *arena;
    size_t n_columns;
    size_t n_left;               /* so many columns are aligned to the left; 0 counts as 1 */
    VEC(const char *) cells;     /* row by row */
} Grid;

Grid grid_new(Arena *arena, size_t n_columns);
/* Adds a cell; NULL is an empty one. */
void grid_cell(Grid *grid, const char *text);
void grid_print(const Grid *grid, const char *indent, Buf *out);

#endif
