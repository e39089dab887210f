/* The bytes of a file: opening it, and saying why it does not open.
 *
 * Files up to 64 MB are read into memory, so that a file that is saved anew while a long training runs does no harm. Larger ones are mapped. */
#include "runtime/table/csv_inside.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define HELD_IN_MEMORY ((size_t)64 << 20)
#define PIPE_MOST ((size_t)2 << 30) /* what no file holds may have no end (/dev/zero) */

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

static const char *folder_of(Arena *arena, const char *path)
{
    const char *base = base_name(path);
    if (base == path) return ".";
    return base - path == 1 ? "/" : arena_text(arena, path, (size_t)(base - path) - 1);
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static bool is_table_name(const char *name)
{
    size_t n = strlen(name);
    return n > 4 && (str_eq_fold(name + n - 4, ".csv") || str_eq_fold(name + n - 4, ".tsv"));
}

/* Names in a folder but hidden ones, sorted; only tables where asked. NULL: it cannot be listed. */
static const char **names_in(Arena *arena, const char *folder, bool tables, size_t *n)
{
    DIR *dir = opendir(folder);
    if (!dir) return NULL;
    VEC(const char *) names = {0};
    names.at = ARENA_ARRAY(arena, const char *, 1);
    for (const struct dirent *entry; (entry = readdir(dir)) && names.n < 10000;)
        if (entry->d_name[0] != '.' && (!tables || is_table_name(entry->d_name)))
            VEC_PUSH(arena, names, arena_copy(arena, entry->d_name));
    closedir(dir);
    qsort(names.at, names.n, sizeof *names.at, by_text);
    *n = names.n;
    return names.at;
}

static const char *written_path(const char *path, const CsvOptions *options)
{
    return options && options->written ? options->written : path;
}

static void note_tables(Arena *arena, Diag *e, DiagText text, const char *folder)
{
    size_t n;
    const char **tables = names_in(arena, folder, true, &n);
    if (tables && n > 0) diag_note_add(e, text, (const DiagArg[]){A("tables", str_join(arena, tables, n < 6 ? n : 6, true)), {0}});
}

static void report_missing(Arena *arena, const char *path, const CsvOptions *options, Span place, Diags *diags)
{
    const char *written = written_path(path, options);
    const char *folder = folder_of(arena, path);
    Diag *e = diag(diags, E0501, place, A("path", written), A("folder", folder));
    diag_file_fault(e);
    size_t n;
    const char **names = names_in(arena, folder, false, &n);
    if (!names) {
        diag_note(e, E0501_no_folder);
        return;
    }
    const char *nearest = str_nearest(base_name(path), names, n);
    if (!nearest) {
        note_tables(arena, e, E0501_others, folder);
        return;
    }
    const char *prefix = arena_text(arena, written, (size_t)(base_name(written) - written));
    const char *mended = arena_printf(arena, "%s%s", prefix, nearest);
    Fix *fix = diag_fix(e, COMMON_did_you_mean, A("nearest", mended));
    if (place.source != 0 && !strpbrk(mended, "\"\\")) diag_edit(fix, place, arena_printf(arena, "\"%s\"", mended));
}

static void report_unreadable(Arena *arena, const char *path, const CsvOptions *options, int error, Span place, Diags *diags)
{
    if (error == ENOENT || error == ENOTDIR) {
        report_missing(arena, path, options, place, diags);
        return;
    }
    const char *reason = error == EACCES || error == EPERM ? "permission denied"
                         : error == EMFILE || error == ENFILE ? "too many files are open"
                         : error == ELOOP ? "its links go round in a circle" : strerrordesc_np(error);
    Diag *e = diag(diags, E0503, place, A("path", written_path(path, options)), A("reason", reason ? reason : "unknown"));
    diag_file_fault(e);
}

/* What is no regular file (a pipe, /dev/stdin) is read to its end. */
static char *read_all(Arena *arena, int fd, size_t expected, size_t *n, int *error)
{
    size_t cap = expected + 4096, used = 0;
    char *text = memory_alloc(cap);
    for (;;) {
        if (used == cap) {
            cap += cap / 2;
            text = memory_resize(text, cap);
        }
        ssize_t got = read(fd, text + used, cap - used);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) {
            *error = errno;
            free(text);
            return NULL;
        }
        if (got == 0) break;
        used += (size_t)got;
        if (used <= PIPE_MOST) continue;
        *error = EFBIG;
        free(text);
        return NULL;
    }
    char *kept = arena_alloc(arena, used + CSV_PAD);
    memcpy(kept, text, used);
    free(text);
    *n = used;
    return kept;
}

/* Straight into the arena where the size is known; *n may turn out smaller or, cut at the size, the file longer: see changed. */
static char *read_known(Arena *arena, int fd, size_t size, size_t *n, int *error)
{
    char *text = arena_alloc(arena, size + CSV_PAD);
    size_t used = 0;
    while (used < size) {
        ssize_t got = read(fd, text + used, size - used);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) {
            *error = errno;
            return NULL;
        }
        if (got == 0) break;
        used += (size_t)got;
    }
    *n = used;
    return text;
}

static bool same_file(const struct stat *a, const struct stat *b)
{
    return a->st_size == b->st_size && a->st_mtim.tv_sec == b->st_mtim.tv_sec && a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

Table *csv_read(Arena *arena, const char *path, const CsvOptions *options, Span script_place, Diags *diags, TableFacts *facts)
{
    Table *table = NULL;
    int error = 0;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        report_unreadable(arena, path, options, errno, script_place, diags);
        return NULL;
    }
    struct stat before, after;
    if (fstat(fd, &before) != 0) {
        report_unreadable(arena, path, options, errno, script_place, diags);
        goto done;
    }
    if (S_ISDIR(before.st_mode)) {
        Diag *e = diag(diags, E0502, script_place, A("path", written_path(path, options)));
        diag_file_fault(e);
        note_tables(arena, e, E0502_tables, path);
        goto done;
    }
    size_t size = (size_t)before.st_size, n = size;
    const char *text;
    if (!S_ISREG(before.st_mode) || size == 0) text = read_all(arena, fd, 0, &n, &error);
    else if (size <= HELD_IN_MEMORY) text = read_known(arena, fd, size, &n, &error);
    else text = csv_map(written_path(path, options), fd, size, &error);
    if (!text) {
        report_unreadable(arena, path, options, error, script_place, diags);
        goto done;
    }
    table = csv_parse(arena, path, text, n, options, script_place, diags, facts);
    /* Cells are looked at again only for messages and for predictions beside their rows; until then the pages need not stay. */
    if (S_ISREG(before.st_mode) && size > HELD_IN_MEMORY) (void)madvise((void *)(uintptr_t)text, size, MADV_DONTNEED);
    if (S_ISREG(before.st_mode) && (fstat(fd, &after) != 0 || !same_file(&before, &after))) {
        Diag *e = diag(diags, E0516, script_place, A("path", written_path(path, options)));
        diag_file_fault(e);
        diag_note(e, E0516_note);
        table = NULL;
    }
done:
    close(fd);
    return table;
}

Table *csv_read_memory(Arena *arena, const char *path, const char *text, size_t n, const CsvOptions *options, Span script_place,
                       Diags *diags, TableFacts *facts)
{
    char *padded = arena_alloc(arena, n + CSV_PAD);
    memcpy(padded, text, n);
    return csv_parse(arena, path, padded, n, options, script_place, diags, facts);
}
