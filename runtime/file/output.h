/* Files that are whole or not there: written under another name, flushed, then renamed. What is no ordinary file (a pipe, /dev/null)
 * is written directly. Folders that are missing are made. */
#ifndef NNL_FILE_OUTPUT_H
#define NNL_FILE_OUTPUT_H

#include <stdio.h>

#include "runtime/base/diag.h"

typedef struct {
    FILE *file;
    const char *path;      /* where it will be */
    const char *shown;     /* what messages call it */
    const char *temporary; /* NULL: written directly */
    Span span;             /* where the script names it; NO_SPAN: the command line does */
    struct OutputSink *sink; /* behind `file` */
} Output;

/* false: reported (E0701). */
bool output_open(Output *output, Arena *arena, const char *path, const char *shown, Span span, Diags *diags);
/* Puts the file in its place. false: reported, and the earlier file is as it was. */
bool output_close(Output *output, Diags *diags);
/* Leaves the earlier file as it was, without a word. */
void output_abandon(Output *output);
/* Whether both are names of one ordinary file: the same path, another spelling of it, or a link. */
bool output_same_file(const char *a, const char *b);
/* Makes a folder and keeps other programs from locking it until the descriptor is closed. -1: not locked; errno is EWOULDBLOCK where another
 * program holds it. */
int output_lock_folder(Arena *arena, const char *folder);
/* Reports that another program holds the lock. Always false. */
bool output_refuse_locked(const char *shown, Span span, Diags *diags);
/* The path with its folder told without links, `.`, `..` and doubled slashes, as far as folders exist: alike for every spelling of one
 * place, also where no file is yet. */
const char *output_real_path(Arena *arena, const char *path);
/* The other name that a file at path is written under. */
const char *output_temporary(Arena *arena, const char *path);

/* Makes the n-th step (opening, writing a block, flushing, closing, renaming) of files from now on fail for `reason` (EIO, ENOSPC);
 * n 0: none. For tests. */
void output_fail_at(uint64_t n, int reason);

#endif
