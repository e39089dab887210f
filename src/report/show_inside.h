/* What the files of `show` share. */
#ifndef NNL_REPORT_SHOW_INSIDE_H
#define NNL_REPORT_SHOW_INSIDE_H

#include "src/report/show.h"

enum { MOST_CELL = 24 };

/* A text cut to what a table has room for. */
const char *show_cut(Arena *arena, const char *text, size_t most);
/* A cell as it stood in the file; what was derived or filled never stood there and is cut to what a person reads. */
const char *show_cell(Arena *arena, const Table *table, size_t row, size_t column);
/* show_windows.c: samples of a table in time order. */
void show_windows(Arena *arena, const Dataset *set, Buf *out);

#endif
