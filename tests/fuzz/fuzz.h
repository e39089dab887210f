/* What the fuzz entries share: a world of its own for each input, thrown away afterwards, and messages drawn in every form, for a
 * message must not break whatever text it shows. */
#ifndef NNL_TESTS_FUZZ_FUZZ_H
#define NNL_TESTS_FUZZ_FUZZ_H

#include "runtime/base/diag.h"

#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

typedef struct {
    Arena *arena;
    Sources *sources;
    Diags *diags;
} FuzzWorld;

static inline FuzzWorld fuzz_begin(void)
{
    FuzzWorld w = {.arena = arena_new("fuzz")};
    w.sources = sources_new(w.arena);
    w.diags = diags_new(w.arena, w.sources);
    return w;
}

static inline void fuzz_end(FuzzWorld *w, unsigned form)
{
    Buf out = buf_in(w->arena);
    DiagStyle style = {.form = form % 3, .colour = form % 2};
    diags_print(w->diags, style, &out);
    arena_free(w->arena);
}

#endif
