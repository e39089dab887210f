/* Writing files whole; see output.h. */
#include "runtime/file/output.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool failed(const Output *output, int reason, Diags *diags)
{
    diag_file_fault(diag(diags, E0701, output->span, A("path", output->shown), A("reason", strerror(reason))));
    return false;
}

static bool make_folders(Arena *arena, const char *path)
{
    for (const char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/'))
        if (mkdir(arena_text(arena, path, (size_t)(slash - path)), 0777) != 0 && errno != EEXIST) return false;
    return true;
}

bool output_open(Output *output, Arena *arena, const char *path, const char *shown, Span span, Diags *diags)
{
    *output = (Output){.path = path, .shown = shown, .span = span};
    struct stat info;
    bool there = stat(path, &info) == 0;
    if (!there && !make_folders(arena, path)) return failed(output, errno, diags);
    if (!there || S_ISREG(info.st_mode)) output->temporary = arena_printf(arena, "%s.part", path);
    output->file = fopen(output->temporary ? output->temporary : path, "wb");
    if (!output->file) return failed(output, errno, diags);
    if (output->temporary) activity_temporary_file(output->temporary);
    if (there && output->temporary && fchmod(fileno(output->file), info.st_mode & 07777) != 0) {
        int reason = errno;
        output_abandon(output);
        return failed(output, reason, diags);
    }
    return true;
}

/* The folder's entry must reach the disk too. */
static void flush_folder(const char *path)
{
    const char *slash = strrchr(path, '/');
    char folder[4096] = ".";
    if (slash && (size_t)(slash - path) < sizeof folder && slash != path) {
        memcpy(folder, path, (size_t)(slash - path));
        folder[slash - path] = 0;
    }
    int fd = open(slash == path ? "/" : folder, O_RDONLY | O_DIRECTORY);
    if (fd < 0) return;
    fsync(fd);
    close(fd);
}

bool output_close(Output *output, Diags *diags)
{
    bool ok = fflush(output->file) == 0 && !ferror(output->file);
    if (ok && output->temporary) ok = fsync(fileno(output->file)) == 0;
    int reason = errno;
    if (fclose(output->file) != 0 && ok) {
        ok = false;
        reason = errno;
    }
    output->file = NULL;
    if (ok && output->temporary && rename(output->temporary, output->path) != 0) {
        ok = false;
        reason = errno;
    }
    if (output->temporary) {
        if (ok) flush_folder(output->path);
        else unlink(output->temporary);
        activity_temporary_file(NULL);
    }
    return ok ? true : failed(output, reason, diags);
}

void output_abandon(Output *output)
{
    if (output->file) fclose(output->file);
    output->file = NULL;
    if (!output->temporary) return;
    unlink(output->temporary);
    activity_temporary_file(NULL);
}
