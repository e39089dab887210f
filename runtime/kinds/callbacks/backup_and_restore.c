/* backup_and_restore: the complete state of a training in a folder, so that a training that was cut off goes on where it stopped and
 * ends with the same bits as one that never was.
 *
 * More than Keras's callback of that name, which keeps weights, optimizer and epoch: here callbacks' memories, the position in the
 * epoch and its figures are kept too. What is written when, the training does itself (train/backup.h). */
#include "runtime/kinds/callback.h"

typedef struct {
    const char *backup_dir;
    int64_t save_freq; /* ARG_NO_INT: epoch */
    bool double_checkpoint;
    bool delete_checkpoint;
} Args;

typedef struct {
    int64_t batches; /* since the last backup */
} State;

static const ArgSpec args[] = {
    ARG_TEXT(Args, backup_dir, .required = true, .help = "the folder of the backup"),
    ARG_INT(Args, save_freq, .fallback = "epoch", .words = "epoch", .min = 1, .max = 1e9, .help = "`epoch`, or the batches between two backups"),
    ARG_BOOL(Args, double_checkpoint, false, .help = "keep the backup before the last one too"),
    ARG_BOOL(Args, delete_checkpoint, true, .help = "delete the backup when training ends"),
    ARG_END};

static bool keep(CallbackRun *run)
{
    State *s = run->state;
    s->batches = 0;
    run->ask->keep_backup(run->training);
    return true;
}

static bool batch_end(CallbackRun *run)
{
    const Args *a = run->args;
    State *s = run->state;
    if (a->save_freq == ARG_NO_INT || ++s->batches < a->save_freq) return true;
    return keep(run);
}

static bool epoch_end(CallbackRun *run)
{
    const Args *a = run->args;
    return a->save_freq == ARG_NO_INT ? keep(run) : true;
}

static BackupRules backup(const void *given)
{
    const Args *a = given;
    return (BackupRules){.folder = a->backup_dir[0] ? a->backup_dir : ".", .keep_two = a->double_checkpoint, .keep_at_end = !a->delete_checkpoint};
}

const CallbackKind callback_backup_and_restore = {
    .kind = {.name = "backup_and_restore", .keras = "BackupAndRestore", .family = FAMILY_CALLBACK,
             .help = "keeps a training's state in a folder, so that a training that was cut off goes on where it stopped",
             .example = "callback backup_and_restore(\"backup\")", .args = args, .args_size = sizeof(Args)},
    .state_size = sizeof(State),
    .backup = backup,
    .batch_end = batch_end,
    .epoch_end = epoch_end,
    .interrupted = keep,
};
