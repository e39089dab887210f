/* The order of an epoch; see batch.h. */
#include "runtime/data/batch.h"

Epoch epoch_new(Arena *arena, DataPart part, bool shuffle, uint64_t seed, uint64_t stream, uint32_t training)
{
    Epoch epoch = {.samples = part.samples, .n = part.n, .shuffle = shuffle};
    epoch.key = (RngKey){.seed = seed, .stream = stream, .training = training};
    epoch.order = ARENA_ARRAY(arena, int64_t, part.n + 1);
    epoch.now = ARENA_ARRAY(arena, uint32_t, part.n + 1);
    if (part.n) memcpy(epoch.now, part.samples, part.n * sizeof *epoch.now);
    return epoch;
}

void epoch_begin(Epoch *epoch, uint32_t number)
{
    if (!epoch->shuffle) return;
    epoch->key.epoch = number;
    for (size_t i = 0; i < epoch->n; i++) epoch->order[i] = (int64_t)i;
    rng_shuffle(&epoch->key, epoch->order, (int64_t)epoch->n);
    for (size_t i = 0; i < epoch->n; i++) epoch->now[i] = epoch->samples[epoch->order[i]];
}

const uint32_t *epoch_batch(const Epoch *epoch, size_t first, size_t size, size_t *n)
{
    *n = first >= epoch->n ? 0 : size < epoch->n - first ? size : epoch->n - first;
    return epoch->now + (first < epoch->n ? first : epoch->n);
}
