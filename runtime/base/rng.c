/* runtime/base/rng.c: the generator and the plain draws. What the bits mean is told in rng.h; the vector form of the same generator,
 * for dropout and normal draws, is in runtime/tensor/kernels/draws.c, and a test compares the two. */
#include "runtime/base/rng.h"

#include <assert.h>

enum { ROUNDS = 10 };
static const uint32_t multiplier_0 = 0xD2511F53u, multiplier_1 = 0xCD9E8D57u;
static const uint32_t weyl_0 = 0x9E3779B9u, weyl_1 = 0xBB67AE85u;

uint64_t rng_mix(uint64_t x)
{
    x ^= x >> 33;
    x *= 0xff51afd7ed558ccdu;
    x ^= x >> 33;
    x *= 0xc4ceb9fe1a85ec53u;
    return x ^ (x >> 33);
}

uint64_t rng_stream(const char *text)
{
    uint64_t hash = 0xcbf29ce484222325u;
    for (const char *p = text; *p; p++) hash = (hash ^ (uint8_t)*p) * 0x100000001b3u;
    return rng_mix(hash);
}

uint64_t rng_substream(uint64_t stream, uint64_t number)
{
    return rng_mix(stream + 0x9e3779b97f4a7c15u * (number + 1));
}

void rng_philox(const uint32_t counter[4], const uint32_t key[2], uint32_t out[4])
{
    uint32_t c0 = counter[0], c1 = counter[1], c2 = counter[2], c3 = counter[3];
    uint32_t k0 = key[0], k1 = key[1];
    for (int round = 0; round < ROUNDS; round++) {
        uint64_t p0 = (uint64_t)multiplier_0 * c0, p1 = (uint64_t)multiplier_1 * c2;
        c0 = (uint32_t)(p1 >> 32) ^ c1 ^ k0;
        c2 = (uint32_t)(p0 >> 32) ^ c3 ^ k1;
        c1 = (uint32_t)p1;
        c3 = (uint32_t)p0;
        k0 += weyl_0;
        k1 += weyl_1;
    }
    out[0] = c0;
    out[1] = c1;
    out[2] = c2;
    out[3] = c3;
}

void rng_key_words(const RngKey *key, uint32_t words[2])
{
    uint64_t mixed = rng_mix(rng_mix(key->seed) ^ key->stream);
    words[0] = (uint32_t)mixed;
    words[1] = (uint32_t)(mixed >> 32);
}

/* One block of the given round, with the key words made before. */
static void block_at(const RngKey *key, const uint32_t words[2], uint32_t sample, uint32_t block, uint32_t round, uint32_t out[4])
{
    uint32_t counter[4] = {block, sample, key->epoch, key->training | round << 24};
    rng_philox(counter, words, out);
}

void rng_block(const RngKey *key, uint32_t sample, uint32_t block, uint32_t out[4])
{
    assert(key->training < 1u << 24);
    uint32_t words[2];
    rng_key_words(key, words);
    block_at(key, words, sample, block, 0, out);
}

void rng_bits16(const RngKey *key, uint32_t sample, int64_t first, int64_t n, uint16_t *out)
{
    uint32_t words[2], bits[4];
    rng_key_words(key, words);
    for (int64_t i = 0; i < n; i++) {
        int64_t element = first + i, j = element % 8;
        if (i == 0 || j == 0) block_at(key, words, sample, (uint32_t)(element / 8), 0, bits);
        out[i] = (uint16_t)(bits[j / 2] >> (16 * (j % 2)));
    }
}

void rng_uniform(const RngKey *key, uint32_t sample, int64_t first, int64_t n, float *out)
{
    uint32_t words[2], bits[4];
    rng_key_words(key, words);
    for (int64_t i = 0; i < n; i++) {
        int64_t element = first + i;
        if (i == 0 || element % 4 == 0) block_at(key, words, sample, (uint32_t)(element / 4), 0, bits);
        out[i] = (float)(bits[element % 4] >> 8) * 0x1p-24f;
    }
}

/* Lemire's method: the high half of draw * n is the answer; the few low halves below 2^bits mod n would favour some answers
 * and are refused. A refusal has a chance below n / 2^bits, so 256 rounds are never used up but for n near the whole range,
 * where each is refused with a chance below one half: 2^-256. */
uint64_t rng_below(const RngKey *key, uint32_t sample, int64_t element, uint64_t n)
{
    assert(n > 0);
    uint32_t words[2], bits[4];
    uint64_t high = 0;
    rng_key_words(key, words);
    for (uint32_t round = 0; round < 256; round++) {
        block_at(key, words, sample, (uint32_t)(element / 2), round, bits);
        int64_t j = 2 * (element % 2);
        uint64_t draw = bits[j] | (uint64_t)bits[j + 1] << 32;
        __extension__ unsigned __int128 product = (unsigned __int128)draw * n;
        high = (uint64_t)(product >> 64);
        uint64_t low = (uint64_t)product;
        if (low >= n || low >= -n % n) break;
    }
    return high;
}

void rng_shuffle(const RngKey *key, int64_t *perm, int64_t n)
{
    assert(n < INT64_C(1) << 32);
    uint32_t words[2], bits[4], again[4];
    rng_key_words(key, words);
    for (int64_t i = n - 1; i > 0; i--) {
        uint32_t block = (uint32_t)(i / 4), range = (uint32_t)(i + 1);
        if (i == n - 1 || i % 4 == 3) block_at(key, words, 0, block, 0, bits);
        uint64_t product = (uint64_t)bits[i % 4] * range;
        if ((uint32_t)product < range) {
            uint32_t refused_below = -range % range;
            for (uint32_t round = 1; (uint32_t)product < refused_below && round < 256; round++) {
                block_at(key, words, 0, block, round, again);
                product = (uint64_t)again[i % 4] * range;
            }
        }
        int64_t j = (int64_t)(product >> 32), moved = perm[i];
        perm[i] = perm[j];
        perm[j] = moved;
    }
}
