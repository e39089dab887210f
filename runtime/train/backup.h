/* The complete state of a training in a folder (`callback backup_and_restore`), so that a process that dies at any instant, started
 * again, ends with the same bits as one that never died.
 *
 * Kept are: weights, the optimizer's state and rate, the epoch and the batches done of it with the figures' sums, the history, callbacks'
 * memories, the best weights and score, and the files written so far. Random draws are keyed by place and need nothing. Beside
 * them stand digests of all that the training depends on: with other layers, data or clauses the backup is refused.
 *
 * A backup is a stranger's file like any other: lengths are held to this training, and a checksum to the whole. */
#ifndef NNL_TRAIN_BACKUP_H
#define NNL_TRAIN_BACKUP_H

#include "runtime/train/training.h"

typedef struct Backup Backup;

/* Before the first step; training->backup stays NULL where none is kept. The folder is this training's alone until backup_release: of two
 * programs one would write over, or delete, what the other relies on. false: another holds it, reported. */
bool backup_open(Training *training);
void backup_release(Training *training);
/* Takes over what the folder holds, if anything (*resumed). false: reported. */
bool backup_read(Training *training, bool *resumed);
/* Writes the state as it is now. false: reported, and the one before is as it was. */
bool backup_write(Training *training);
/* Training has ended: deletes it, unless the script keeps it. */
void backup_close(Training *training);

#endif
