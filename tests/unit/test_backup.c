/* Backups of a training: cut off after any batch and resumed, it ends with the same bits; damaged ones are told apart; what cannot be
 * written leaves what was there. Trainings come from a script, as `nnl run` makes them. */
#include "runtime/base/bug.h"
#include "runtime/file/output.h"
#include "runtime/file/saved.h"
#include "runtime/train/train.h"
#include "src/check/program.h"
#include "src/syntax/parse.h"
#include "tests/unit/test.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { EPOCHS = 4, BATCHES = 5, ROWS = 27 };

/* Everything with a memory: two slots, dropout, moving statistics, accumulated gradients, four callbacks, metrics with states. */
static const char *const script =
    "data d from \"d.csv\" {\n"
    "    features a, b\n"
    "    target   y\n"
    "    scale    standard\n"
    "    split    train 70%%, validation 30%%\n"
    "}\n"
    "model m {\n"
    "    input x\n"
    "    dense(6, relu)\n"
    "    batch_normalization\n"
    "    dropout(0.3)\n"
    "    dense(1, sigmoid)\n"
    "}\n"
    "train m on d {\n"
    "    epochs    4\n"
    "    batch     4\n"
    "    optimizer adam(learning_rate=0.05, gradient_accumulation_steps=2)\n"
    "    metrics   accuracy, auc\n"
    "    callback  backup_and_restore(\"kept\", %s)\n"
    "    callback  early_stopping(monitor=val_loss, patience=3)\n"
    "    callback  reduce_lr_on_plateau(patience=1, factor=0.5)\n"
    "    callback  model_checkpoint(\"files/{epoch}.weights.h5\", save_best_only=true, save_weights_only=true)\n"
    "    callback  csv_logger(\"log.csv\")\n"
    "}\n";

typedef struct {
    Arena *arena;
    Diags *diags;
    const char *folder;
    Model *model;
    TrainResult result;
    bool ok;
} Outcome;

typedef struct {
    int64_t left; /* batches until it is interrupted; 0: never */
    int how;
} Watch;

static int interrupted(void *owner)
{
    Watch *watch = owner;
    return watch->left && --watch->left == 0 ? watch->how : 0;
}

static void put(const char *path, const char *text, size_t n)
{
    FILE *file = fopen(path, "wb");
    ENSURE(file && fwrite(text, 1, n, file) == n && fclose(file) == 0);
}

static char *get(Arena *arena, const char *path, size_t *n)
{
    FILE *file = fopen(path, "rb");
    if (!file) return NULL;
    char *block = arena_alloc(arena, 1 << 20);
    *n = fread(block, 1, 1 << 20, file);
    fclose(file);
    return block;
}

static char *new_folder(Arena *arena)
{
    char *folder = arena_copy(arena, "/tmp/nnl-backup-XXXXXX");
    ENSURE(mkdtemp(folder) != NULL);
    Buf rows = buf_in(arena);
    buf_put(&rows, "a,b,y\n");
    for (int i = 0; i < ROWS; i++) buf_printf(&rows, "%d,%d,%d\n", i * 7 % 11, i * 5 % 13, (i * 7 % 11 + i % 3) > 6);
    put(arena_printf(arena, "%s/d.csv", folder), rows.at, rows.n);
    return folder;
}

static void remove_all(Arena *arena, const char *path)
{
    DIR *dir = opendir(path);
    for (struct dirent *entry; dir && (entry = readdir(dir));)
        if (!str_eq(entry->d_name, ".") && !str_eq(entry->d_name, "..")) remove_all(arena, arena_printf(arena, "%s/%s", path, entry->d_name));
    if (dir) closedir(dir);
    remove(path);
}

/* One run of the program, in a folder that may hold a backup. start: the seed of the first weights. */
static Outcome train_from(uint64_t start, const char *text, const char *folder, int64_t cut_after, int how)
{
    Outcome o = {.arena = arena_new("test"), .folder = folder};
    Sources *sources = sources_new(o.arena);
    o.diags = diags_new(o.arena, sources);
    const char *path = arena_printf(o.arena, "%s/s.nnl", folder), *usage = NULL;
    Ast *ast = parse_script(o.arena, sources_add(sources, path, text, strlen(text)), o.diags);
    CheckOptions options = {0};
    Program *program = check_program(o.arena, ast, path, &options, o.diags, &usage);
    ENSURE(program && diags_errors(o.diags) == 0);
    const Action *action = &program->actions.at[0];
    const Dataset *data = action->data->checked->dataset;
    o.model = model_new(o.arena, action->models[0]->graph, start);
    Watch watch = {cut_after, how};
    TrainRun run = {.arena = o.arena, .model = o.model, .config = action->train, .data = data, .train = data->parts[PART_TRAIN],
                    .validation = data->parts[PART_VALIDATION], .seed = 1, .observer = {.owner = &watch, .interrupted = interrupted},
                    .diags = o.diags};
    o.ok = train_model(&run, &o.result);
    return o;
}

static Outcome train_with(const char *text, const char *folder, int64_t cut_after, int how)
{
    return train_from(1, text, folder, cut_after, how);
}

static const char *with(Arena *arena, const char *arguments)
{
    return arena_printf(arena, script, arguments);
}

static bool reported(const Outcome *o, DiagCode code)
{
    for (size_t i = 0; i < diags_count(o->diags); i++)
        if (diag_code(diags_at(o->diags, i)) == code) return true;
    return false;
}

static void same(const Outcome *a, const Outcome *b)
{
    OK(a->ok && b->ok);
    EQ(a->model->n_values, b->model->n_values);
    OK(memcmp(a->model->values, b->model->values, a->model->n_values * sizeof(float)) == 0);
    const OptimizerState *x = &a->model->optimizer, *y = &b->model->optimizer;
    EQ(x->iteration, y->iteration);
    NEAR(x->rate, y->rate, 0);
    for (int s = 0; s < x->n_slots; s++) OK(memcmp(x->slots[s], y->slots[s], a->model->n_trained * sizeof(float)) == 0);
    OK(memcmp(x->sum, y->sum, a->model->n_trained * sizeof(float)) == 0);
    const History *h = &a->result.history, *k = &b->result.history;
    EQ(h->n_epochs, k->n_epochs);
    for (size_t e = 0; e < h->n_epochs && e < k->n_epochs; e++) {
        OK(memcmp(h->values[e], k->values[e], h->n_names * sizeof(double)) == 0);
        NEAR(h->rates[e], k->rates[e], 0);
    }
    EQ(a->result.best_epoch, b->result.best_epoch);
    NEAR(a->result.best, b->result.best, 0);
    STR(a->result.monitor, b->result.monitor);
    EQ(a->result.reason, b->result.reason);
    EQ(a->result.epoch, b->result.epoch);
    size_t n = 0, m = 0;
    char *mine = get(a->arena, arena_printf(a->arena, "%s/log.csv", a->folder), &n);
    char *other = get(b->arena, arena_printf(b->arena, "%s/log.csv", b->folder), &m);
    OK(mine && other && n == m && memcmp(mine, other, n) == 0);
}

static bool has_backup(const char *folder)
{
    char path[256];
    snprintf(path, sizeof path, "%s/kept/training.backup", folder);
    return access(path, F_OK) == 0;
}

/* Cut off after each batch in turn, by Ctrl-C or SIGTERM, and resumed. */
TEST(resumed_after_any_batch)
{
    Arena *arena = arena_new("test");
    const char *text = with(arena, "save_freq=epoch"), *folder = new_folder(arena);
    Outcome whole = train_with(text, folder, 0, 0);
    OK(!has_backup(folder));
    for (int64_t cut = 1; cut < EPOCHS * BATCHES; cut++) {
        const char *other = new_folder(arena);
        Outcome first = train_with(text, other, cut, 1 + (int)(cut % 2));
        OK(first.ok && first.result.reason == STOP_INTERRUPTED && has_backup(other));
        OK(first.result.terminated == (cut % 2 == 1));
        EQ(first.result.epoch, cut / BATCHES - (cut % BATCHES == 0));
        Outcome second = train_with(text, other, 0, 0);
        same(&whole, &second);
        OK(!has_backup(other));
        arena_free(first.arena);
        arena_free(second.arena);
        remove_all(arena, other);
    }
    arena_free(whole.arena);
    remove_all(arena, folder);
    arena_free(arena);
}

/* Cut off again and again: three batches at a time. */
TEST(resumed_many_times)
{
    Arena *arena = arena_new("test");
    const char *text = with(arena, "save_freq=2"), *folder = new_folder(arena), *other = new_folder(arena);
    Outcome whole = train_with(text, folder, 0, 0);
    for (int starts = 0; starts < EPOCHS * BATCHES; starts++) {
        Outcome part = train_with(text, other, 3, 1);
        bool through = part.result.reason != STOP_INTERRUPTED;
        if (through) same(&whole, &part);
        arena_free(part.arena);
        if (through) break;
    }
    OK(!has_backup(other));
    arena_free(whole.arena);
    remove_all(arena, folder);
    remove_all(arena, other);
    arena_free(arena);
}

/* More epochs than before: as if they had been asked for at once. */
TEST(more_epochs)
{
    Arena *arena = arena_new("test");
    const char *shorter = with(arena, "delete_checkpoint=false"), *folder = new_folder(arena), *other = new_folder(arena);
    char *longer = arena_copy(arena, shorter);
    strstr(longer, "epochs    4")[10] = '6';
    Outcome first = train_with(shorter, folder, 0, 0), second = train_with(longer, folder, 0, 0), whole = train_with(longer, other, 0, 0);
    EQ(first.result.epoch, 4);
    same(&whole, &second);
    Outcome fewer = train_with(shorter, folder, 0, 0);
    OK(!fewer.ok && reported(&fewer, E0833));
    arena_free(first.arena);
    arena_free(second.arena);
    arena_free(whole.arena);
    arena_free(fewer.arena);
    remove_all(arena, folder);
    remove_all(arena, other);
    arena_free(arena);
}

/* A backup of which any word is changed, or that ends anywhere, is never taken; the one before it is, where it is kept. */
TEST(damaged)
{
    Arena *arena = arena_new("test");
    const char *text = with(arena, "save_freq=1"), *twice = with(arena, "save_freq=1, double_checkpoint=true"), *folder = new_folder(arena);
    Outcome whole = train_with(text, folder, 0, 0), cut = train_with(twice, folder, 7, 1);
    const char *path = arena_printf(arena, "%s/kept/training.backup", folder);
    size_t n = 0;
    char *bytes = get(arena, path, &n), *changed = arena_alloc(arena, n);
    OK(bytes && n > 1000 && n % 8 == 0);
    for (size_t at = 0; bytes && at < n; at += at < 400 || at > n - 64 ? 8 : 72) {
        memcpy(changed, bytes, n);
        changed[at + at % 7] = (char)(changed[at + at % 7] ^ (1 << at % 8));
        put(path, changed, n);
        Outcome refused = train_with(text, folder, 0, 0);
        OK(!refused.ok && reported(&refused, E0834) && diags_exit_code(refused.diags) == 3);
        arena_free(refused.arena);
        put(path, bytes, at);
        Outcome ended = train_with(text, folder, 0, 0);
        OK(!ended.ok && reported(&ended, E0834));
        arena_free(ended.arena);
    }
    Outcome resumed = train_with(twice, folder, 0, 0);
    OK(reported(&resumed, W0830));
    same(&whole, &resumed);
    OK(!has_backup(folder));
    arena_free(whole.arena);
    arena_free(cut.arena);
    arena_free(resumed.arena);
    remove_all(arena, folder);
    arena_free(arena);
}

/* Other layers, data, clauses, weights or another seed: refused, and left where it is. */
TEST(of_another_training)
{
    static const char *const changes[][2] = {{"dense(6", "dense(7"}, {"batch     4", "batch     5"}, {"dropout(0.3", "dropout(0.4"},
                                             {"patience=3", "patience=2"}, {"70%", "60%"}, {"=0.05", "=0.06"}, {", auc", ""}};
    Arena *arena = arena_new("test");
    const char *text = with(arena, "save_freq=1"), *folder = new_folder(arena);
    Outcome cut = train_with(text, folder, 7, 1);
    for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
        const char *at = strstr(text, changes[i][0]);
        ENSURE(at != NULL);
        const char *other = arena_printf(arena, "%s%s%s", arena_text(arena, text, (size_t)(at - text)), changes[i][1], at + strlen(changes[i][0]));
        Outcome refused = train_with(other, folder, 0, 0);
        OK(!refused.ok && reported(&refused, E0833) && has_backup(folder));
        arena_free(refused.arena);
    }
    arena_free(cut.arena);
    remove_all(arena, folder);
    arena_free(arena);
}

/* Other weights to begin with: an earlier line did something else, and training begins anew. */
TEST(from_other_weights)
{
    Arena *arena = arena_new("test");
    const char *text = with(arena, "save_freq=1"), *folder = new_folder(arena), *other = new_folder(arena);
    Outcome cut = train_from(2, text, folder, 7, 1), again = train_with(text, folder, 0, 0), whole = train_with(text, other, 0, 0);
    same(&whole, &again);
    OK(!has_backup(folder));
    arena_free(cut.arena);
    arena_free(again.arena);
    arena_free(whole.arena);
    remove_all(arena, folder);
    remove_all(arena, other);
    arena_free(arena);
}

/* The checksum of train/digest.c, once more, so that a file can be changed on purpose. */
static uint64_t checksum(const char *bytes, size_t n)
{
    uint64_t sum = 0;
    for (size_t at = 0; at + 8 <= n; at += 8) {
        uint64_t word;
        memcpy(&word, bytes + at, 8);
        sum = (sum ^ word) * 0x9e3779b97f4a7c15ULL;
        sum ^= sum >> 29;
    }
    return sum;
}

TEST(other_software)
{
    Arena *arena = arena_new("test");
    const char *text = with(arena, "save_freq=1"), *folder = new_folder(arena);
    Outcome whole = train_with(text, folder, 0, 0), cut = train_with(text, folder, 7, 1);
    const char *path = arena_printf(arena, "%s/kept/training.backup", folder);
    size_t n = 0;
    char *bytes = get(arena, path, &n), *name = bytes ? memmem(bytes, n, "kernels v", 9) : NULL;
    OK(name != NULL);
    if (name) {
        name[8] = '0';
        uint64_t sum = checksum(bytes, n - 8);
        memcpy(bytes + n - 8, &sum, 8);
        put(path, bytes, n);
    }
    Outcome resumed = train_with(text, folder, 0, 0);
    OK(reported(&resumed, W0831));
    same(&whole, &resumed);
    arena_free(whole.arena);
    arena_free(cut.arena);
    arena_free(resumed.arena);
    remove_all(arena, folder);
    arena_free(arena);
}

TEST(that_cannot_be_deleted)
{
    Arena *arena = arena_new("test");
    const char *folder = new_folder(arena);
    mkdir(arena_printf(arena, "%s/kept", folder), 0777);
    mkdir(arena_printf(arena, "%s/kept/training.backup.previous", folder), 0777);
    Outcome whole = train_with(with(arena, "save_freq=1"), folder, 0, 0);
    OK(whole.ok && reported(&whole, W0832));
    arena_free(whole.arena);
    remove_all(arena, folder);
    arena_free(arena);
}

/* Whether some file is left under its other name. */
static bool leftover(Arena *arena, const char *path)
{
    bool found = false;
    DIR *dir = opendir(path);
    for (struct dirent *entry; dir && (entry = readdir(dir));) {
        if (entry->d_name[0] == '.') continue;
        found = found || str_ends(entry->d_name, ".part") || leftover(arena, arena_printf(arena, "%s/%s", path, entry->d_name));
    }
    if (dir) closedir(dir);
    return found;
}

/* The n-th step of writing fails, for every n: reported with the file and why, nothing half-written, and what was written before it is
 * whole, so that the next run ends with the right bits. */
TEST(nothing_is_lost_when_writing_fails)
{
    Arena *arena = arena_new("test");
    const char *text = with(arena, "save_freq=3, double_checkpoint=true"), *reference = new_folder(arena);
    Outcome whole = train_with(text, reference, 0, 0);
    uint64_t steps = 0;
    for (uint64_t n = 1;; n++) {
        const char *folder = new_folder(arena);
        output_fail_at(n, n % 2 ? EIO : ENOSPC);
        Outcome first = train_with(text, folder, 0, 0);
        output_fail_at(0, 0);
        OK(!leftover(arena, folder));
        bool through = first.ok;
        if (!through) {
            OK(reported(&first, E0701) && diags_exit_code(first.diags) == 3);
            const char *message = diag_message(diags_at(first.diags, 0));
            OK(strstr(message, strerror(n % 2 ? EIO : ENOSPC)) && (strstr(message, "kept/training.backup") || strstr(message, "files/")));
            Outcome second = train_with(text, folder, 0, 0);
            same(&whole, &second);
            arena_free(second.arena);
        }
        arena_free(first.arena);
        remove_all(arena, folder);
        if (through) break;
        steps = n;
    }
    OK(steps > 30);
    arena_free(whole.arena);
    remove_all(arena, reference);
    arena_free(arena);
}
