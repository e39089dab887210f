/* Files that a script writes: whether each can be, and that no line writes
 * what another writes or what is read: a table once written over is lost. Judged before anything runs. */
#ifndef NNL_CHECK_OUTPUT_H
#define NNL_CHECK_OUTPUT_H

#include "runtime/base/diag.h"
#include "runtime/base/vec.h"

/* Files that the script reads, and those that lines so far write. */
typedef struct {
    VEC(const char *) read;
    VEC(struct Written {
        const char *path;
        Span span;
    }) written;
} Outputs;

/* A path as the script wrote it, seen from its folder. */
const char *output_place(Arena *arena, const char *folder, const char *path);
/* Whether `file` (written as `text` at span) can be written; then it is one of the outputs. path_holds_figures: it is a template such as
 * "{epoch:03d}.keras": then only what stands before its first figure is looked at. false: reported. */
bool output_check(Outputs *outputs, Arena *arena, const char *file, const char *text, Span span, bool path_holds_figures, Diags *diags);
/* The same for a folder that files are to be put into. */
bool output_check_folder(Outputs *outputs, Arena *arena, const char *folder, const char *text, Span span, Diags *diags);

#endif
