/* The places of delimiters and line feeds, found ahead of the reader; not for others than the CSV reader. */
#ifndef NNL_TABLE_CSV_CUTS_H
#define NNL_TABLE_CSV_CUTS_H

#include "runtime/base/bug.h"

#include <stddef.h>
#include <stdint.h>

enum { CUTS_HELD = 4096, CUTS_REACH = 1 << 30 /* bytes that one filling may cover: places have 32 bits */ };

typedef struct {
    const char *end;
    char delimiter;
    const char *scanned; /* cuts before this are known */
    const char *base;    /* from where the places count */
    size_t i, n;         /* the next of those known */
    uint32_t at[CUTS_HELD];
} Cuts;

/* The next ones; the end of the text counts as the last. */
void cuts_fill(Cuts *cuts);

/* The first cut at or behind p (p never goes back). */
static inline const char *cuts_seek(Cuts *cuts, const char *p)
{
    for (;;) {
        for (; cuts->i < cuts->n; cuts->i++)
            if (cuts->base + cuts->at[cuts->i] >= p) return cuts->base + cuts->at[cuts->i];
        if (cuts->scanned == cuts->end && cuts->n > 0) return cuts->end;
        if (cuts->scanned < p && p <= cuts->end) cuts->scanned = p;
        cuts_fill(cuts);
    }
}

#endif
