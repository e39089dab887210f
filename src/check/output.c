/* Files that a script writes; see output.h. */
#include "src/check/output.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/file/output.h"

static const char *folder_of(const char *path, Arena *arena)
{
    const char *slash = strrchr(path, '/');
    if (!slash) return ".";
    if (slash == path) return "/";
    return arena_text(arena, path, (size_t)(slash - path));
}

/* Why nothing can be put into a folder, or NULL. Folders that are missing will be made: the nearest one that exists must allow it. */
static const char *why_not_into(Arena *arena, const char *folder)
{
    struct stat info;
    while (stat(folder, &info) != 0) {
        if (errno != ENOENT && errno != ENOTDIR) return strerror(errno);
        if (errno == ENOTDIR) return "a part of its path is no folder";
        const char *up = folder_of(folder, arena);
        if (str_eq(up, folder)) break;
        folder = up;
    }
    if (!S_ISDIR(info.st_mode)) return "a part of its path is no folder";
    return access(folder, W_OK | X_OK) == 0 ? NULL : "its folder does not allow it";
}

/* Why a file cannot be written, or NULL. */
static const char *why_not_writable(Arena *arena, const char *path)
{
    struct stat info;
    if (stat(path, &info) != 0) return why_not_into(arena, folder_of(path, arena));
    if (S_ISDIR(info.st_mode)) return "it is a folder";
    if (S_ISREG(info.st_mode) && access(folder_of(path, arena), W_OK) != 0) return "its folder does not allow it";
    return access(path, W_OK) == 0 ? NULL : strerror(errno);
}

static bool one_of(const char *const *files, size_t n, const char *file)
{
    for (size_t i = 0; i < n; i++)
        if (str_eq(files[i], file) || output_same_file(files[i], file)) return true;
    return false;
}

bool output_reads(const Outputs *outputs, const char *file)
{
    return one_of(outputs->read.at, outputs->read.n, file) || one_of(outputs->models.at, outputs->models.n, file);
}

const struct Written *output_writer(const Outputs *outputs, Arena *arena, const char *file)
{
    const char *real = output_real_path(arena, file);
    for (size_t i = 0; i < outputs->written.n; i++)
        if (str_eq(outputs->written.at[i].path, real)) return &outputs->written.at[i];
    return NULL;
}

static bool judge(Outputs *outputs, Arena *arena, const char *file, const char *text, Span span, OutputHolds holds, const char *reason, Diags *diags)
{
    if (reason) {
        diag_file_fault(diag(diags, E0603, span, A("what", arena_printf(arena, "`%s`", text)), A("reason", reason)));
        return false;
    }
    if (holds == OUTPUT_OTHER ? output_reads(outputs, file) : one_of(outputs->read.at, outputs->read.n, file)) {
        diag_fix(diag(diags, E0606, span, A("file", text)), E0606_help);
        return false;
    }
    const struct Written *first = output_writer(outputs, arena, file);
    if (first) {
        diag_label(diag(diags, E0604, span, A("path", text)), first->span, E0604_first);
        return false;
    }
    struct Written written = {output_real_path(arena, file), span};
    VEC_PUSH(arena, outputs->written, written);
    return true;
}

const char *output_place(Arena *arena, const char *folder, const char *path)
{
    if (path[0] == '/' || !folder || !folder[0]) return path;
    return arena_printf(arena, "%s/%s", folder, path);
}

bool output_check(Outputs *outputs, Arena *arena, const char *file, const char *text, Span span, OutputHolds holds, Diags *diags)
{
    const char *brace = holds == OUTPUT_MODELS ? strchr(file, '{') : NULL;
    const char *before = brace ? folder_of(arena_text(arena, file, (size_t)(brace - file)), arena) : NULL;
    return judge(outputs, arena, file, text, span, holds, before ? why_not_into(arena, before) : why_not_writable(arena, file), diags);
}

bool output_check_folder(Outputs *outputs, Arena *arena, const char *folder, const char *text, Span span, Diags *diags)
{
    return judge(outputs, arena, folder, text, span, OUTPUT_OTHER, why_not_into(arena, folder), diags);
}
