/* Writing files whole; see output.h. The stream writes through a sink of ours, which keeps the first reason why a block could not be
 * written: errno is long gone when the file is closed. */
#include "runtime/file/output.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

struct OutputSink {
    int fd;
    int lock;   /* holds the lock on the temporary file until that is renamed; -1: none */
    int reason; /* why a block could not be written; 0: all were */
};

/* ---- Failures for tests ----------------------------------------------------------------------------------------------------- */

static atomic_uint_fast64_t steps_left; /* 0: none is to fail */
static atomic_int fail_reason;

void output_fail_at(uint64_t n, int reason)
{
    fail_reason = reason;
    steps_left = n;
}

/* Whether this step is the one that is to fail. */
static bool step_fails(void)
{
    if (!steps_left || atomic_fetch_sub(&steps_left, 1) != 1) return false;
    errno = fail_reason;
    return true;
}

/* ---- The stream ------------------------------------------------------------------------------------------------------------- */

static ssize_t sink_write(void *cookie, const char *bytes, size_t n)
{
    struct OutputSink *sink = cookie;
    for (size_t done = 0; done < n;) {
        ssize_t written = step_fails() ? -1 : write(sink->fd, bytes + done, n - done);
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) {
            if (!sink->reason) sink->reason = written < 0 ? errno : EIO;
            return 0;
        }
        done += (size_t)written;
    }
    return (ssize_t)n;
}

/* The sink's descriptor is closed by output_close and output_abandon, which want to know how that went. */
static FILE *open_stream(struct OutputSink *sink, Arena *arena)
{
    FILE *file = fopencookie(sink, "wb", (cookie_io_functions_t){.write = sink_write});
    size_t size = 64 << 10;
    if (file) setvbuf(file, arena_alloc(arena, size), _IOFBF, size);
    return file;
}

/* ---- Files ------------------------------------------------------------------------------------------------------------------- */

static bool failed(const Output *output, int reason, Diags *diags)
{
    const char *why = reason == EWOULDBLOCK ? "another program is writing it at this moment" : strerror(reason);
    diag_file_fault(diag(diags, E0701, output->span, A("path", output->shown), A("reason", why)));
    return false;
}

static bool make_folders(Arena *arena, const char *path)
{
    for (const char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/'))
        if (mkdir(arena_text(arena, path, (size_t)(slash - path)), 0777) != 0 && errno != EEXIST) return false;
    return true;
}

bool output_same_file(const char *a, const char *b)
{
    struct stat first, second;
    return stat(a, &first) == 0 && stat(b, &second) == 0 && S_ISREG(first.st_mode) && first.st_dev == second.st_dev && first.st_ino == second.st_ino;
}

/* `rest` under `base`, an absolute path; its `.`, `..` and doubled slashes are taken out. */
static const char *path_under(Arena *arena, const char *base, const char *rest)
{
    char *path = arena_printf(arena, "%s/%s", str_eq(base, "/") ? "" : base, rest);
    size_t n = str_eq(base, "/") ? 0 : strlen(base);
    while (*rest) {
        size_t length = strcspn(rest, "/");
        if (length == 2 && memcmp(rest, "..", 2) == 0) {
            while (n > 0 && path[--n] != '/') {}
        } else if (length > 0 && !(length == 1 && *rest == '.')) {
            path[n++] = '/';
            memmove(path + n, rest, length);
            n += length;
        }
        rest += length + (rest[length] == '/');
    }
    path[n] = 0;
    return path;
}

const char *output_real_path(Arena *arena, const char *path)
{
    /* The deepest folder on the way that exists is told by the system; what lies below it has no links. */
    for (size_t n = strlen(path); n > 0; n--) {
        if (path[n - 1] != '/') continue;
        char *folder = realpath(arena_text(arena, path, n), NULL);
        if (!folder) continue;
        const char *real = path_under(arena, folder, path + n);
        free(folder);
        return real;
    }
    char *here = realpath(".", NULL);
    const char *real = here ? path_under(arena, here, path) : path;
    free(here);
    return real;
}

const char *output_temporary(Arena *arena, const char *path)
{
    return arena_printf(arena, "%s.part", path);
}

/* Whether a descriptor is still what the path names: another program may have removed or replaced that. */
static bool still_named(int fd, const char *path)
{
    struct stat opened, named;
    return fstat(fd, &opened) == 0 && stat(path, &named) == 0 && opened.st_dev == named.st_dev && opened.st_ino == named.st_ino;
}

/* Opens the temporary file and locks it against other programs that write the same file. One that a killed program left has no lock and is
 * taken over. Not every file system has locks: without one it goes on. */
static int open_locked(const char *path)
{
    for (;;) {
        int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
        if (fd < 0) return -1;
        if (flock(fd, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) {
            close(fd);
            errno = EWOULDBLOCK;
            return -1;
        }
        /* Between opening and locking another program may have renamed it. */
        bool same = still_named(fd, path);
        if (same && ftruncate(fd, 0) == 0) return fd;
        int reason = errno;
        close(fd);
        if (same) {
            errno = reason;
            return -1;
        }
    }
}

int output_lock_folder(Arena *arena, const char *folder)
{
    for (;;) {
        int fd = make_folders(arena, arena_printf(arena, "%s/", folder)) ? open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
        if (fd < 0) return -1;
        int reason = flock(fd, LOCK_EX | LOCK_NB) == 0 ? 0 : errno;
        if (!reason && still_named(fd, folder)) return fd;
        close(fd);
        errno = reason;
        if (reason) return -1;
    }
}

bool output_refuse_locked(const char *shown, Span span, Diags *diags)
{
    return failed(&(Output){.shown = shown, .span = span}, EWOULDBLOCK, diags);
}

bool output_open(Output *output, Arena *arena, const char *path, const char *shown, Span span, Diags *diags)
{
    *output = (Output){.path = path, .shown = shown, .span = span};
    struct stat info;
    bool there = stat(path, &info) == 0;
    if (!there && !make_folders(arena, path)) return failed(output, errno, diags);
    if (!there || S_ISREG(info.st_mode)) output->temporary = output_temporary(arena, path);
    output->sink = ARENA_NEW(arena, struct OutputSink);
    output->sink->fd = step_fails()        ? -1
                       : output->temporary ? open_locked(output->temporary)
                                           : open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (output->sink->fd < 0) return failed(output, errno, diags);
    output->sink->lock = output->temporary ? dup(output->sink->fd) : -1;
    if (output->temporary) activity_temporary_file(output->temporary);
    output->file = open_stream(output->sink, arena);
    if (!output->file || (there && output->temporary && fchmod(output->sink->fd, info.st_mode & 07777) != 0)) {
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

/* The step's outcome into *reason, unless an earlier one failed. */
static void note(int outcome, int *reason)
{
    if (outcome != 0 && !*reason) *reason = errno ? errno : EIO;
}

static void unlock(struct OutputSink *sink)
{
    if (sink->lock >= 0) close(sink->lock);
    sink->lock = -1;
}

bool output_close(Output *output, Diags *diags)
{
    struct OutputSink *sink = output->sink;
    int reason = 0;
    errno = 0;
    int flushed = fclose(output->file);
    output->file = NULL;
    reason = sink->reason;
    note(flushed, &reason);
    if (!reason && output->temporary) note(step_fails() ? -1 : fsync(sink->fd), &reason);
    int closed = close(sink->fd);
    note(step_fails() ? -1 : closed, &reason);
    if (!reason && output->temporary) note(step_fails() ? -1 : rename(output->temporary, output->path), &reason);
    if (output->temporary) {
        if (reason) unlink(output->temporary);
        else flush_folder(output->path);
        activity_temporary_file(NULL);
    }
    unlock(sink);
    return reason ? failed(output, reason, diags) : true;
}

void output_abandon(Output *output)
{
    if (output->file) fclose(output->file);
    output->file = NULL;
    close(output->sink->fd);
    if (!output->temporary) return;
    unlink(output->temporary);
    activity_temporary_file(NULL);
    unlock(output->sink);
}
