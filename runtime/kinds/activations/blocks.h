/* Activations that need a middle result keep it on the stack, so many numbers at a time. */
#ifndef NNL_KINDS_ACTIVATIONS_BLOCKS_H
#define NNL_KINDS_ACTIVATIONS_BLOCKS_H

#include <stdint.h>

enum { BLOCK = 256 };

/* How many of n numbers the block that begins at number `at` holds; 0 behind the last. */
static inline int64_t block_length(int64_t n, int64_t at) { return n - at < BLOCK ? n - at : BLOCK; }

#endif
