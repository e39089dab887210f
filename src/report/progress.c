/* Progress of a training; see progress.h. The live line is drawn without allocating: it belongs to the step loop. */
#include "src/report/progress.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>


#define LINES 20        /* of the table of epochs, about */
#define REDRAW 0.1      /* seconds */
#define BAR 24

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static bool is_terminal(void)
{
    const char *term = getenv("TERM");
    return isatty(STDERR_FILENO) && term && strcmp(term, "dumb") != 0;
}

Progress progress_new(const char *model, const char *data, bool quiet, Log *log, int (*interrupted)(void))
{
    return (Progress){.model = model, .data = data, .quiet = quiet, .live = !quiet && is_terminal(), .log = log, .interrupted = interrupted};
}

static void clear_line(Progress *p)
{
    if (!p->line) return;
    fputs("\r\033[K", stderr);
    p->line = false;
}

void progress_end(Progress *p)
{
    clear_line(p);
    fflush(stderr);
}

static void begin(void *owner, const TrainConfig *config, size_t n_train, size_t n_validation)
{
    Progress *p = owner;
    p->config = config;
    p->step = (config->epochs + LINES - 1) / LINES;
    p->started = p->drawn = now();
    if (p->quiet) return;
    Arena *arena = arena_new("progress");
    Buf out = buf_in(arena);
    buf_printf(&out, "Training %s on %s: %s training rows", p->model, p->data, str_thousands(arena, (int64_t)n_train));
    if (n_validation) buf_printf(&out, ", %s validation rows", str_thousands(arena, (int64_t)n_validation));
    buf_printf(&out, ", %lld epochs of batches of %lld, %s\n", (long long)config->epochs, (long long)config->batch, config->optimizer.kind->name);
    for (size_t k = 0; k < config->n_outputs; k++) {
        const TrainOutput *output = &config->outputs[k];
        if (!output->loss.kind) continue;
        buf_printf(&out, "  loss%s%s: %s%s\n", config->n_outputs > 1 ? " " : "", config->n_outputs > 1 ? output->name : "", output->loss.kind->name,
                   output->loss_inferred ? " (follows from output and target)" : "");
    }
    fputs(out.at, stderr);
    arena_free(arena);
}

static void batch(void *owner, int64_t epoch, int64_t number, int64_t n_batches, double loss)
{
    Progress *p = owner;
    if (!p->live) return;
    double time = now();
    if (time - p->drawn < REDRAW) return;
    p->drawn = time;
    double done = ((double)(epoch - 1) * (double)n_batches + (double)number) / ((double)p->config->epochs * (double)n_batches);
    double left = done > 0.0 ? (time - p->started) * (1.0 - done) / done : 0.0;
    char bar[BAR + 1];
    int filled = (int)(BAR * number / n_batches);
    for (int i = 0; i < BAR; i++) bar[i] = i < filled ? '=' : i == filled ? '>' : ' ';
    bar[BAR] = 0;
    struct winsize size;
    int width = ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 20 ? size.ws_col : 80;
    char text[256];
    snprintf(text, sizeof text, "epoch %lld/%lld [%s] %lld/%lld  loss %.4g  %.0f s left", (long long)epoch, (long long)p->config->epochs, bar,
             (long long)number, (long long)n_batches, loss, left);
    fprintf(stderr, "\r\033[K%.*s", width - 1, text);
    fflush(stderr);
    p->line = true;
}

static void put_header(Progress *p, const History *history)
{
    p->header = true;
    fprintf(stderr, "%8s", "epoch");
    for (size_t i = 0; i < history->n_names; i++) fprintf(stderr, "  %*s", (int)(strlen(history->names[i]) > 9 ? strlen(history->names[i]) : 9), history->names[i]);
    fprintf(stderr, "  %9s\n", "seconds");
}

static void log_epoch(Progress *p, const History *history)
{
    JsonOut *o = log_begin(p->log, "epoch");
    if (!o) return;
    size_t e = history->n_epochs - 1;
    json_key(o, "model");
    json_text(o, p->model);
    json_key(o, "epoch");
    json_int(o, (int64_t)history->n_epochs);
    for (size_t i = 0; i < history->n_names; i++) {
        json_key(o, history->names[i]);
        json_double(o, history->values[e][i]);
    }
    json_key(o, "learning_rate");
    json_double(o, history->rates[e]);
    json_key(o, "seconds");
    json_double(o, history->seconds[e]);
    log_end(p->log);
}

static void epoch(void *owner, const History *history)
{
    Progress *p = owner;
    log_epoch(p, history);
    if (p->quiet) return;
    int64_t number = (int64_t)history->n_epochs;
    if (number != 1 && number % p->step != 0 && number != p->config->epochs) return;
    clear_line(p);
    if (!p->header) put_header(p, history);
    Arena *arena = arena_new("progress");
    fprintf(stderr, "%8lld", (long long)number);
    size_t e = history->n_epochs - 1;
    for (size_t i = 0; i < history->n_names; i++)
        fprintf(stderr, "  %*s", (int)(strlen(history->names[i]) > 9 ? strlen(history->names[i]) : 9), str_figure(arena, history->values[e][i], 4));
    fprintf(stderr, "  %9s\n", str_figure(arena, history->seconds[e], 3));
    arena_free(arena);
}

static void file(void *owner, int64_t epoch, const char *shown)
{
    Progress *p = owner;
    JsonOut *o = log_begin(p->log, "checkpoint");
    if (!o) return;
    json_key(o, "model");
    json_text(o, p->model);
    json_key(o, "file");
    json_text(o, shown);
    json_key(o, "epoch");
    json_int(o, epoch);
    log_end(p->log);
}

static void say(void *owner, const char *text)
{
    Progress *p = owner;
    if (p->quiet) return;
    clear_line(p);
    fputs(text, stderr);
}

static int interrupted(void *owner)
{
    Progress *p = owner;
    return p->interrupted ? p->interrupted() : 0;
}

TrainObserver progress_observer(Progress *p)
{
    return (TrainObserver){.owner = p, .begin = begin, .batch = batch, .epoch = epoch, .say = say, .file = file, .interrupted = interrupted};
}
