/* A training's complete state in a file; see backup.h.
 *
 * Everything is written in whole words of 8 bytes, in the order of `transfer`, which both writes and reads: the two cannot disagree.
 *
 *     magic, format | digests, name of the model | state | checksum of all words before it                                        */
#include "runtime/train/backup.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/file/output.h"
#include "runtime/tensor/blas.h"
#include "runtime/train/digest.h"

#define MAGIC 0x30636b62206c6e6eULL /* "nnl bkc0" */
enum { FORMAT = 1, LONGEST_TEXT = 4096, MOST_FILES = 1 << 24 };

static const char *const changed[DIGESTS] = {
    [OF_MODEL] = "the layers of the model", [OF_DATA] = "the prepared data", [OF_CLAUSES] = "the clauses of `train`", [OF_SEED] = "the seed",
    [OF_START] = "the weights that training begins with"};

struct Backup {
    BackupRules rules;
    Span span;
    const char *folder, *path, *previous;
    int lock; /* of the folder; -1: none */
    const char *writing, *reading; /* for the message of lack of memory */
    uint64_t digests[DIGESTS];
    const char *software; /* what multiplies: bits depend on it */
};

/* ---- The file --------------------------------------------------------------------------------------------------------------- */

/* One direction of the transfer. */
typedef struct {
    Output *output;       /* writing; NULL: reading */
    const char *at, *end; /* reading */
    uint64_t sum;
    bool broken;          /* the file ends too early, or a length does not fit */
    Arena *arena;         /* texts that are read */
} Pipe;

static void move_bytes(Pipe *p, void *bytes, size_t n)
{
    size_t padded = (n + 7) / 8 * 8;
    if (p->output) {
        static const char zeros[8];
        if (n) fwrite(bytes, 1, n, p->output->file);
        fwrite(zeros, 1, padded - n, p->output->file);
        p->sum = digest(p->sum, bytes, n);
        return;
    }
    if (p->broken || (size_t)(p->end - p->at) < padded) {
        p->broken = true;
        return;
    }
    if (n) memcpy(bytes, p->at, n);
    p->at += padded;
}

static void move_word(Pipe *p, uint64_t *word)
{
    move_bytes(p, word, sizeof *word);
}

static void move_int(Pipe *p, int64_t *value)
{
    move_bytes(p, value, sizeof *value);
}

static void move_double(Pipe *p, double *value)
{
    move_bytes(p, value, sizeof *value);
}

static void move_flag(Pipe *p, bool *flag)
{
    uint64_t word = *flag;
    move_word(p, &word);
    *flag = word != 0;
}

/* A length that both sides must agree on. */
static void move_length(Pipe *p, size_t length)
{
    uint64_t word = length;
    move_word(p, &word);
    if (word != length) p->broken = true;
}

static void move_block(Pipe *p, void *bytes, size_t n, size_t size)
{
    move_length(p, n);
    move_bytes(p, bytes, memory_product(n, size));
}

static void move_text(Pipe *p, const char **text)
{
    uint64_t n = p->output && *text ? strlen(*text) + 1 : 0;
    move_word(p, &n);
    if (p->output) {
        move_bytes(p, (void *)(uintptr_t)*text, n);
        return;
    }
    *text = NULL;
    if (n > LONGEST_TEXT) p->broken = true;
    if (p->broken || n == 0) return;
    char *copy = arena_alloc(p->arena, n + 1);
    move_bytes(p, copy, n);
    *text = copy;
}

/* ---- What is kept ------------------------------------------------------------------------------------------------------------ */

static void move_history(Pipe *p, Training *t)
{
    History *h = t->history;
    uint64_t n = h->n_epochs;
    move_word(p, &n);
    if (n > (uint64_t)t->run->config->epochs) p->broken = true;
    if (p->broken) return;
    h->n_epochs = (size_t)n;
    for (size_t e = 0; e < h->n_epochs; e++) move_block(p, h->values[e], h->n_names, sizeof(double));
    move_block(p, h->rates, h->n_epochs, sizeof(double));
    move_block(p, h->seconds, h->n_epochs, sizeof(double));
}

static void move_result(Pipe *p, Training *t)
{
    TrainResult *r = t->result;
    int64_t reason = t->reason;
    move_flag(p, &t->stopping);
    move_int(p, &reason);
    if (reason < STOP_EPOCHS || reason > STOP_NAN) p->broken = true;
    else t->reason = (StopReason)reason;
    move_int(p, &r->best_epoch);
    move_text(p, &r->monitor);
    move_double(p, &r->best);
    move_flag(p, &t->watched);
}

static void move_figures(Pipe *p, Figures *f)
{
    move_double(p, &f->total);
    move_int(p, &f->samples);
    move_block(p, f->losses, f->config->n_outputs, sizeof(double));
    for (size_t k = 0; k < f->config->n_outputs; k++) {
        const TrainOutput *output = &f->config->outputs[k];
        for (size_t m = 0; m < output->n_metrics; m++) {
            const KindRef *ref = &output->metrics[m].ref;
            move_block(p, f->states[k][m], ((const MetricKind *)ref->kind)->state_size(ref->args, f->width[k]), sizeof(double));
        }
    }
}

static void move_callbacks(Pipe *p, Training *t)
{
    const TrainConfig *config = t->run->config;
    for (size_t c = 0; c < config->n_callbacks; c++) move_block(p, t->callbacks[c].state, ((const CallbackKind *)config->callbacks[c].kind)->state_size, 1);
}

static void move_files(Pipe *p, Training *t)
{
    uint64_t n = t->files.n;
    if (!p->output) t->files.n = 0;
    move_word(p, &n);
    if (n > MOST_FILES) p->broken = true;
    for (uint64_t i = 0; i < n && !p->broken; i++) {
        TrainFile file = {0};
        if (p->output) file = t->files.at[i];
        move_int(p, &file.epoch);
        move_text(p, &file.shown);
        if (!p->output && file.shown) VEC_PUSH(t->run->arena, t->files, file);
    }
}

static void move_model(Pipe *p, Training *t)
{
    Model *model = t->run->model;
    OptimizerState *o = &model->optimizer;
    move_block(p, model->values, model->n_values, sizeof(float));
    bool kept = t->best_weights != NULL;
    move_flag(p, &kept);
    if (kept && !p->broken) {
        if (!t->best_weights) model_keep(model, &t->best_weights);
        move_block(p, t->best_weights, model->n_values, sizeof(float));
    }
    move_int(p, &o->iteration);
    move_double(p, &o->rate);
    move_length(p, (size_t)o->n_slots);
    for (int s = 0; s < o->n_slots; s++) move_block(p, o->slots[s], model->n_trained, sizeof(float));
    if (o->average) move_block(p, o->average, model->n_trained, sizeof(float));
    if (o->sum) move_block(p, o->sum, model->n_trained, sizeof(float));
    if (o->scalars) move_block(p, o->scalars, (size_t)o->n_scalars, sizeof(double));
}

/* Everything behind the head, in one order for both directions. */
static void transfer(Pipe *p, Training *t)
{
    move_int(p, &t->epoch);
    move_int(p, &t->batch);
    double seconds = t->batch && p->output ? training_seconds(t) : 0.0;
    move_double(p, &seconds);
    if (!p->output) t->seconds = seconds;
    move_double(p, &t->epoch_rate);
    move_history(p, t);
    move_result(p, t);
    move_figures(p, &t->train_figures);
    move_callbacks(p, t);
    move_files(p, t);
    move_model(p, t);
}

/* ---- Writing ---------------------------------------------------------------------------------------------------------------- */

bool backup_open(Training *t)
{
    const TrainRun *run = t->run;
    const TrainConfig *config = run->config;
    for (size_t c = 0; c < config->n_callbacks; c++) {
        const CallbackKind *kind = (const CallbackKind *)config->callbacks[c].kind;
        if (!kind->backup) continue;
        Backup *b = ARENA_NEW(run->arena, Backup);
        b->rules = kind->backup(config->callbacks[c].args);
        b->span = config->callback_spans ? config->callback_spans[c] : NO_SPAN;
        bool relative = b->rules.folder[0] != '/' && config->folder && config->folder[0];
        b->folder = relative ? arena_printf(run->arena, "%s/%s", config->folder, b->rules.folder) : b->rules.folder;
        b->path = arena_printf(run->arena, "%s/training.backup", b->folder);
        b->previous = arena_printf(run->arena, "%s.previous", b->path);
        b->writing = arena_printf(run->arena, "writing the backup `%s/training.backup`", b->rules.folder);
        b->reading = arena_printf(run->arena, "reading the backup `%s/training.backup`", b->rules.folder);
        digest_training(run, b->digests);
        BlasInfo blas = {0};
        bool library = blas_open(&blas);
        b->software = arena_printf(run->arena, "kernels %s, %s", kernels()->name, library ? blas.version : "no BLAS library");
        b->lock = output_lock_folder(run->arena, b->folder);
        if (b->lock < 0 && errno == EWOULDBLOCK) return output_refuse_locked(b->rules.folder, b->span, run->diags);
        t->backup = b;
    }
    return true;
}

void backup_release(Training *t)
{
    Backup *b = t->backup;
    t->backup = NULL;
    if (!b) return;
    rmdir(b->folder); /* unless something lies in it */
    if (b->lock >= 0) close(b->lock);
}

static void move_head(Pipe *p, uint64_t *magic, uint64_t *format, uint64_t digests[DIGESTS], const char **name, const char **software)
{
    move_word(p, magic);
    move_word(p, format);
    if (*magic != MAGIC || *format != FORMAT) return;
    move_block(p, digests, DIGESTS, sizeof *digests);
    move_text(p, name);
    move_text(p, software);
}

static const char *shown_path(Arena *arena, const Training *t, const char *path)
{
    return arena_printf(arena, "%s/%s", t->backup->rules.folder, strrchr(path, '/') + 1);
}

bool backup_write(Training *t)
{
    Backup *b = t->backup;
    Arena *arena = arena_new("backup");
    Output output;
    activity_begin(b->writing);
    bool ok = output_open(&output, arena, b->path, shown_path(arena, t, b->path), b->span, t->run->diags);
    if (ok) {
        Pipe pipe = {.output = &output};
        uint64_t magic = MAGIC, format = FORMAT;
        const char *name = t->run->model->graph->name;
        move_head(&pipe, &magic, &format, b->digests, &name, &b->software);
        transfer(&pipe, t);
        uint64_t sum = pipe.sum;
        move_word(&pipe, &sum);
        /* Both names for one file: at no instant is there none. */
        if (b->rules.keep_two) {
            unlink(b->previous);
            if (link(b->path, b->previous) != 0 && errno != ENOENT) {
                int reason = errno;
                output_abandon(&output);
                diag_file_fault(diag(t->run->diags, E0701, b->span, A("path", shown_path(arena, t, b->previous)), A("reason", strerror(reason))));
                ok = false;
            }
        }
        ok = ok && output_close(&output, t->run->diags);
    }
    activity_end();
    arena_free(arena);
    return ok;
}

static void remove_file(Training *t, const char *path)
{
    if (unlink(path) == 0 || errno == ENOENT) return;
    diag(t->run->diags, W0832, t->backup->span, A("path", shown_path(t->run->arena, t, path)), A("reason", strerror(errno)));
}

void backup_close(Training *t)
{
    Backup *b = t->backup;
    if (b->rules.keep_at_end) return;
    remove_file(t, b->path);
    remove_file(t, b->previous);
    remove_file(t, output_temporary(t->run->arena, b->path));
}

/* ---- Reading ---------------------------------------------------------------------------------------------------------------- */

typedef enum { READ_OK, READ_NONE, READ_DAMAGED, READ_REFUSED } Reading;

/* The whole file, if its checksum is right. */
static Reading read_whole(Training *t, Arena *arena, const char *path, const char **bytes, size_t *n, const char **what)
{
    FILE *file = fopen(path, "rb");
    if (!file && errno == ENOENT) return READ_NONE;
    struct stat info;
    if (!file || fstat(fileno(file), &info) != 0 || !S_ISREG(info.st_mode)) {
        int reason = file ? EISDIR : errno;
        if (file) fclose(file);
        diag_file_fault(diag(t->run->diags, E0817, t->backup->span, A("file", shown_path(t->run->arena, t, path)), A("reason", strerror(reason))));
        return READ_REFUSED;
    }
    *n = (size_t)info.st_size;
    char *block = arena_alloc(arena, *n + 1);
    bool whole = fread(block, 1, *n, file) == *n;
    fclose(file);
    uint64_t sum;
    if (!whole || *n < 32 || *n % 8 != 0) {
        *what = "it ends too early";
        return READ_DAMAGED;
    }
    memcpy(&sum, block + *n - 8, 8);
    *n -= 8;
    *bytes = block;
    if (digest(0, block, *n) == sum) return READ_OK;
    *what = "its checksum is wrong";
    return READ_DAMAGED;
}

static Reading refuse(Training *t, const char *what)
{
    const char *folder = t->backup->rules.folder;
    Diag *e = diag(t->run->diags, E0833, t->backup->span, A("folder", folder), A("what", what));
    diag_fix(e, E0833_help);
    diag_file_fault(e);
    return READ_REFUSED;
}

/* Whether the backup is of this training. */
static Reading judge(Training *t, Arena *arena, Pipe *p)
{
    const Backup *b = t->backup;
    uint64_t magic = 0, format = 0, digests[DIGESTS] = {0};
    const char *name = NULL, *software = NULL;
    move_head(p, &magic, &format, digests, &name, &software);
    if (magic != MAGIC) return READ_DAMAGED;
    if (format != FORMAT) return refuse(t, "another version of nnl wrote it");
    if (p->broken || !name || !software) return READ_DAMAGED;
    const char *own = t->run->model->graph->name ? t->run->model->graph->name : "";
    if (!str_eq(name, own)) return refuse(t, arena_printf(arena, "it is of the model `%s`", name));
    const char *list[DIGESTS];
    size_t n = 0;
    for (size_t i = 0; i < DIGESTS; i++)
        if (digests[i] != b->digests[i]) list[n++] = changed[i];
    /* An earlier line of the script did something else this time, as after a Ctrl-C that cut it short. */
    if (n == 1 && digests[OF_START] != b->digests[OF_START]) {
        const TrainObserver *observer = &t->run->observer;
        if (observer->say) observer->say(observer->owner, "the backup began from other weights than there are now: training begins anew\n");
        return READ_NONE;
    }
    if (n) return refuse(t, arena_printf(arena, "%s changed since", str_join(arena, list, n, false)));
    if (!str_eq(software, b->software)) diag(t->run->diags, W0831, b->span, A("then", software), A("now", b->software));
    return READ_OK;
}

static Reading read_file(Training *t, const char *path, const char **what)
{
    Arena *arena = arena_new("backup");
    const char *bytes = NULL;
    size_t n = 0;
    *what = "it is no backup";
    Reading reading = read_whole(t, arena, path, &bytes, &n, what);
    if (reading == READ_OK) {
        Pipe pipe = {.at = bytes, .end = bytes + n, .arena = t->run->arena};
        reading = judge(t, arena, &pipe);
        if (reading == READ_OK) {
            int64_t epochs = t->run->config->epochs, done[2] = {0};
            if (pipe.end - pipe.at >= (ptrdiff_t)sizeof done) memcpy(done, pipe.at, sizeof done);
            if (done[0] > epochs || (done[0] == epochs && done[1])) {
                reading = refuse(t, arena_printf(arena, "more than %lld epochs are done in it, and `epochs` is now %lld",
                                                 (long long)(done[1] ? done[0] : done[0] - 1), (long long)epochs));
            } else {
                transfer(&pipe, t);
                if (pipe.broken || pipe.at != pipe.end || t->epoch < 0 || t->batch < 0 || (size_t)t->epoch != t->history->n_epochs) {
                    *what = "its parts do not fit this training";
                    reading = READ_DAMAGED;
                }
            }
        }
    }
    arena_free(arena);
    return reading;
}

bool backup_read(Training *t, bool *resumed)
{
    const Backup *b = t->backup;
    activity_begin(b->reading);
    const char *what = NULL;
    Reading reading = read_file(t, b->path, &what);
    if (b->rules.keep_two && (reading == READ_NONE || reading == READ_DAMAGED)) {
        const char *ignored;
        Reading earlier = read_file(t, b->previous, &ignored);
        if (earlier == READ_OK && reading == READ_DAMAGED) diag(t->run->diags, W0830, b->span, A("folder", b->rules.folder));
        if (earlier == READ_OK || earlier == READ_REFUSED) reading = earlier;
    }
    activity_end();
    *resumed = reading == READ_OK;
    if (reading != READ_DAMAGED) return reading != READ_REFUSED;
    Diag *e = diag(t->run->diags, E0834, b->span, A("folder", b->rules.folder), A("what", what));
    diag_fix(e, E0834_help);
    diag_file_fault(e);
    return false;
}
