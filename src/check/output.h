/* Files that a script writes: whether each can be, and that no line writes
 * what another writes or what is read: a table once written over is lost. Judged before anything runs. */
#ifndef NNL_CHECK_OUTPUT_H
#define NNL_CHECK_OUTPUT_H

#include "runtime/base/diag.h"
#include "runtime/base/vec.h"

/* Files that the script reads, and those that lines so far write. */
typedef struct {
    VEC(const char *) read;
    VEC(const char *) models; /* read too, but a model that goes on may be saved over what it came from */
    VEC(struct Written {
        const char *path; /* as output_real_path tells it */
        Span span;
    }) written;
} Outputs;

typedef enum {
    OUTPUT_OTHER,
    OUTPUT_MODEL,
    OUTPUT_MODELS /* the path is a template such as "{epoch:03d}.keras" */
} OutputHolds;

/* A path as the script wrote it, seen from its folder. */
const char *output_place(Arena *arena, const char *folder, const char *path);
/* Whether `file` (written as `text` at span) can be written; then it is one of the outputs. Of a template only what stands before its
 * first figure is looked at. false: reported. */
bool output_check(Outputs *outputs, Arena *arena, const char *file, const char *text, Span span, OutputHolds holds, Diags *diags);
/* The same for a folder that files are to be put into. */
bool output_check_folder(Outputs *outputs, Arena *arena, const char *folder, const char *text, Span span, Diags *diags);

/* Whether the script reads the file, a model among them. */
bool output_reads(const Outputs *outputs, const char *file);
/* The line that writes the file; NULL: none so far. */
const struct Written *output_writer(const Outputs *outputs, Arena *arena, const char *file);

#endif
