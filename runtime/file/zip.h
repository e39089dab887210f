/* The zip around a model file: a few members of known names. Reading is by libzip, which is known nowhere else.
 *
 * A file is a stranger's: duplicate names, absolute or climbing ones, encryption, unknown methods, sizes that lie, and members that unpack
 * to far more than they are, are refused. Only the members asked for are unpacked. */
#ifndef NNL_FILE_ZIP_H
#define NNL_FILE_ZIP_H

#include "runtime/base/diag.h"
#include "runtime/file/pieces.h"

typedef struct {
    const char *name;
    const uint8_t *bytes;
    size_t n;
} ZipMember;

/* What one file may hold at most, unpacked. */
#define ZIP_MOST ((uint64_t)64 << 30)
#define ZIP_MEMBERS_MOST 10000
/* How much more a member may be than its packed form, beyond a size that does no harm. Numbers hardly shrink at all. */
#define ZIP_RATIO_MOST 100
#define ZIP_HARMLESS ((uint64_t)64 << 20)

/* Reads the members of these names (n of them, in place; bytes NULL where a member is absent). other: names of a few members that were
 * not asked for, for messages. false: reported at span (E0812, E0813). */
bool zip_read(Arena *arena, const char *path, const char *shown, Span span, ZipMember *members, size_t n, const char **other, Diags *diags);

typedef struct {
    const char *name; /* ASCII */
    Pieces content;
} ZipEntry;

/* A zip of these entries behind the pieces of `out`, which must be empty. They are stored as they are, with fixed dates: the same bytes for
 * the same content. */
void zip_pieces(Arena *arena, const ZipEntry *entries, size_t n, Pieces *out);

#endif
