/* What a model file holds, for people: layers, compile settings, the data recipe in words, params, training, sizes. */
#ifndef NNL_REPORT_INSPECT_H
#define NNL_REPORT_INSPECT_H

#include "runtime/file/saved.h"

void inspect_print(Arena *arena, const SavedModel *saved, Buf *out);
/* The recipe alone, a line for each step of the preparation (inspect_recipe.c). */
void inspect_recipe(Arena *arena, const Recipe *recipe, const Fit *fit, Buf *out);
/* "adam(0.01)": a kind as a script writes it. */
const char *inspect_kind(Arena *arena, KindRef ref);
/* A line "  WHAT     text". */
void inspect_line(Buf *out, const char *what, const char *text);

#endif
