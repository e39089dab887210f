/* What the files of tables share; not for others. */
#ifndef NNL_TABLE_TABLE_INSIDE_H
#define NNL_TABLE_TABLE_INSIDE_H

#include "runtime/table/table.h"

/* A TEXT column; texts: one a row, NULL is missing. */
Column column_of_texts(Arena *arena, const char *name, const char *const *texts, size_t n_rows);

#endif
