/* The order of an epoch, and the samples of a batch brought into the plan's buffers.
 *
 * The order is a permutation keyed by (seed, stream, number of the training, epoch): it needs no replay when a training is resumed.
 * A sample's place in the epoch (0 … n-1, batches one behind the other) is what its random draws are keyed by. Nothing is
 * allocated after epoch_new. */
#ifndef NNL_DATA_BATCH_H
#define NNL_DATA_BATCH_H

#include "runtime/data/recipe.h"

typedef struct {
    const uint32_t *samples; /* those of the part, in file order */
    size_t n;
    RngKey key;
    bool shuffle;
    int64_t *order;   /* the permutation of this epoch: places in samples */
    uint32_t *now;    /* samples in this epoch's order */
} Epoch;

/* stream: rng_stream("MODEL/shuffle"). */
Epoch epoch_new(Arena *arena, DataPart part, bool shuffle, uint64_t seed, uint64_t stream, uint32_t training);
/* Draws the order of an epoch (0 is the first). */
void epoch_begin(Epoch *epoch, uint32_t number);
/* The samples of the batch that begins at place `first`; *n is at most `size`, less for the last batch, 0 behind the end. */
const uint32_t *epoch_batch(const Epoch *epoch, size_t first, size_t size, size_t *n);

#endif
