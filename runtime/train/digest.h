/* Digests: whether a training is the one that a backup was made of, and whether the backup is whole. */
#ifndef NNL_TRAIN_DIGEST_H
#define NNL_TRAIN_DIGEST_H

#include "runtime/train/train.h"

/* What a training depends on. */
enum { OF_MODEL, OF_DATA, OF_CLAUSES, OF_SEED, OF_START, DIGESTS };

/* Of all that the training depends on, as it is before the first step. */
void digest_training(const TrainRun *run, uint64_t digests[DIGESTS]);
/* Adds bytes as words of 8; the last one filled with zeros. */
uint64_t digest(uint64_t sum, const void *bytes, size_t n);

#endif
