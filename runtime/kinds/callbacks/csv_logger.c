/* csv_logger: a CSV file with a line of figures for each epoch.
 *
 * As Keras writes it: header `epoch` and the figures sorted by name, lines end in CR LF, epochs count from 0, numbers are the shortest
 * text of the float64 that the float32 figure becomes. Without validation the columns val_… are there and hold NA. */
#include "runtime/kinds/callback.h"

#include "runtime/base/template.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct {
    const char *filename;
    const char *separator;
    bool append;
} Args;

typedef struct {
    bool begun;
    int64_t bytes; /* the file's size behind the last epoch: a training that is resumed writes again what came after */
} State;

static const ArgSpec args[] = {
    ARG_TEXT(Args, filename, .required = true, .help = "the file to write"),
    ARG_TEXT(Args, separator, .fallback = "\",\"", .help = "between two cells"),
    ARG_BOOL(Args, append, false, .help = "go on behind what the file holds"),
    ARG_END};

static const char *path_of(const CallbackRun *run)
{
    const Args *a = run->args;
    if (a->filename[0] == '/' || !run->folder || !run->folder[0]) return a->filename;
    return arena_printf(run->arena, "%s/%s", run->folder, a->filename);
}

static bool failed(CallbackRun *run)
{
    const Args *a = run->args;
    diag_file_fault(diag(run->diags, E0701, run->span, A("path", a->filename), A("reason", strerror(errno))));
    return false;
}

static bool write_text(CallbackRun *run, const Buf *text)
{
    FILE *file = run->handle;
    if (fwrite(text->at, 1, text->n, file) == text->n && fflush(file) == 0) return true;
    return failed(run);
}

static bool begin(CallbackRun *run)
{
    const Args *a = run->args;
    const char *path = path_of(run);
    for (const char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/'))
        if (mkdir(arena_text(run->arena, path, (size_t)(slash - path)), 0777) != 0 && errno != EEXIST) return failed(run);
    State *s = run->state;
    struct stat info;
    bool there = s->begun && stat(path, &info) == 0;
    if (there && info.st_size > s->bytes && truncate(path, s->bytes) != 0) return failed(run);
    run->handle = fopen(path, a->append || there ? "ab" : "wb");
    if (!run->handle || fseek(run->handle, 0, SEEK_END) != 0) return failed(run);
    s->begun = true;
    s->bytes = ftell(run->handle);
    return true;
}

typedef struct {
    const char *name;
    double value;
} Figure;

static int by_name(const void *a, const void *b)
{
    return strcmp(((const Figure *)a)->name, ((const Figure *)b)->name);
}

static bool epoch_end(CallbackRun *run)
{
    const Args *a = run->args;
    const char *const *names;
    const double *values;
    size_t n = run->ask->figures(run->training, &names, &values);
    Figure *figures = ARENA_ARRAY(run->arena, Figure, n + 1);
    for (size_t i = 0; i < n; i++) figures[i] = (Figure){names[i], values[i]};
    qsort(figures, n, sizeof *figures, by_name);
    bool missing_validation = !run->ask->validates(run->training);
    Buf line = buf_in(run->arena);
    if (run->epoch == 0 && ftell(run->handle) == 0) {
        buf_put(&line, "epoch");
        for (size_t i = 0; i < n; i++) buf_printf(&line, "%s%s", a->separator, figures[i].name);
        for (size_t i = 0; missing_validation && i < n; i++) buf_printf(&line, "%sval_%s", a->separator, figures[i].name);
        buf_put(&line, "\r\n");
    }
    buf_printf(&line, "%lld", (long long)run->epoch);
    for (size_t i = 0; i < n; i++) buf_printf(&line, "%s%s", a->separator, template_number(run->arena, (double)(float)figures[i].value));
    for (size_t i = 0; missing_validation && i < n; i++) buf_printf(&line, "%sNA", a->separator);
    buf_put(&line, "\r\n");
    if (!write_text(run, &line)) return false;
    ((State *)run->state)->bytes = ftell(run->handle);
    return true;
}

static bool end(CallbackRun *run)
{
    FILE *file = run->handle;
    run->handle = NULL;
    if (!file || fclose(file) == 0) return true;
    return failed(run);
}

static const char *writes(const void *a)
{
    return ((const Args *)a)->filename;
}

const CallbackKind callback_csv_logger = {
    .kind = {.name = "csv_logger", .keras = "CSVLogger", .family = FAMILY_CALLBACK, .help = "writes the figures of each epoch to a CSV file",
             .example = "callback csv_logger(\"history.csv\")", .args = args, .args_size = sizeof(Args)},
    .state_size = sizeof(State),
    .writes = writes,
    .begin = begin,
    .epoch_end = epoch_end,
    .end = end,
};
