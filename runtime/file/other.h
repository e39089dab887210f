/* Files that are taken for models but are something else: told by their first bytes and members, with the way to a `.keras`. */
#ifndef NNL_FILE_OTHER_H
#define NNL_FILE_OTHER_H

#include "runtime/base/diag.h"

/* Whether the path is a file that may be read as a zip; else reported (E0813, E0817). */
bool other_is_zip(Arena *arena, const char *path, const char *shown, Span span, Diags *diags);
/* Whether it is a file that begins like a zip; false too where it cannot be read. */
bool other_begins_zip(const char *path);
/* Reports a zip without config.json. others: names of its members. */
void other_zip(Arena *arena, const char *shown, Span span, const char *others, Diags *diags);
/* A whole file in memory. false: reported (E0817). */
bool other_read(Arena *arena, const char *path, const char *shown, Span span, const uint8_t **bytes, size_t *n, Diags *diags);

#endif
