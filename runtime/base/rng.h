/* runtime/base/rng.h: random numbers from a counter (Philox4x32-10).
 *
 * A draw is a pure function of what it is for: (seed, stream, number of the training or fold, epoch, the sample's place in
 * the epoch, element). Nothing is advanced and nothing is remembered, so draws depend neither on threads nor on how an
 * epoch is cut into batches, and resuming needs no replay. Every function may be called from any thread.
 *
 * The packing below is settled for ever: changing it changes everyone's results.
 *
 *   Philox key      = rng_mix(rng_mix(seed) ^ stream)            low 32 bits: key word 0, high 32 bits: key word 1
 *   counter word 0  = block    (element / elements per block)
 *   counter word 1  = sample   (place of the sample in its epoch; 0 where there are no samples, as for initial weights)
 *   counter word 2  = epoch    (0 at the first)
 *   counter word 3  = training (24 bits) | round << 24           round > 0: a draw was refused (rejection), next try
 *   stream          = rng_stream("MODEL/LAYER/call/purpose")     64 bits
 *   rng_mix(x)      = x ^= x>>33; x *= 0xff51afd7ed558ccd; x ^= x>>33; x *= 0xc4ceb9fe1a85ec53; x ^= x>>33
 *
 * One block of 128 bits (words w0..w3) holds, by the kind of draw:
 *   16 bits   8 elements: element 8b+j is half j%2 (0 the low one) of word j/2
 *   uniform   4 elements: element 4b+j is (wj >> 8) * 2^-24, in [0, 1)
 *   normal    4 elements: 4b, 4b+1 from (w0, w1) and 4b+2, 4b+3 from (w2, w3), cosine first (see kernels.h)
 *   below     2 elements: element 2b+j is the 64-bit number w(2j) | w(2j+1) << 32
 *   shuffle   4 elements of 32 bits, element 4b+j is wj
 * An element counts within its sample: (row within the sample) * (elements in a row) + element.
 *
 * Normal draws and dropout, which need fast mathematics, are in runtime/tensor/kernels.h; they use this packing. */
#ifndef NNL_BASE_RNG_H
#define NNL_BASE_RNG_H

#include <stdint.h>

typedef struct {
    uint64_t seed;
    uint64_t stream;   /* rng_stream() of what the draws are for */
    uint32_t training; /* number of the training or fold, below 2^24 */
    uint32_t epoch;
} RngKey;

/* The 64-bit name of a stream: FNV-1a over the bytes, then rng_mix. */
uint64_t rng_stream(const char *text);

/* A child of a stream, for purposes numbered rather than named: rng_mix(stream + 0x9e3779b97f4a7c15 * (number + 1)). */
uint64_t rng_substream(uint64_t stream, uint64_t number);

uint64_t rng_mix(uint64_t x);

/* The bare generator: ten rounds over `counter` with `key`. */
void rng_philox(const uint32_t counter[4], const uint32_t key[2], uint32_t out[4]);

/* The two Philox key words of a key, for code that makes many blocks. */
void rng_key_words(const RngKey *key, uint32_t words[2]);

/* One block: 128 bits. */
void rng_block(const RngKey *key, uint32_t sample, uint32_t block, uint32_t out[4]);

/* n draws of 16 bits, for elements first, first+1, … of one sample. */
void rng_bits16(const RngKey *key, uint32_t sample, int64_t first, int64_t n, uint16_t *out);

/* n uniform floats in [0, 1), for elements first, first+1, … of one sample. */
void rng_uniform(const RngKey *key, uint32_t sample, int64_t first, int64_t n, float *out);

/* A whole number in 0 … n-1, each equally likely (refused draws are drawn again). n > 0. */
uint64_t rng_below(const RngKey *key, uint32_t sample, int64_t element, uint64_t n);

/* Puts perm[0 … n-1] in random order, each order equally likely (Fisher and Yates, from the end). The sample word of the counter
 * is 0. n < 2^32. The caller fills perm, usually with 0 … n-1. */
void rng_shuffle(const RngKey *key, int64_t *perm, int64_t n);

#endif
