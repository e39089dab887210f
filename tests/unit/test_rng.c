/* tests/unit/test_rng.c: the generator against its published vectors, and the draws against what they promise. */
#include "tests/unit/test.h"

#include "runtime/base/rng.h"

static void check_philox(const uint32_t counter[4], const uint32_t key[2], const uint32_t expected[4])
{
    uint32_t out[4];
    rng_philox(counter, key, out);
    for (int i = 0; i < 4; i++) EQ(out[i], expected[i]);
}

/* The known answers that Random123 1.14 ships (kat_vectors, philox4x32 10). */
TEST(published_vectors)
{
    check_philox((uint32_t[]){0, 0, 0, 0}, (uint32_t[]){0, 0}, (uint32_t[]){0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8});
    check_philox((uint32_t[]){~0u, ~0u, ~0u, ~0u}, (uint32_t[]){~0u, ~0u}, (uint32_t[]){0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd});
    check_philox((uint32_t[]){0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, (uint32_t[]){0xa4093822, 0x299f31d0},
                 (uint32_t[]){0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1});
}

/* The packing is settled: whatever changes these figures changes everyone's results. The block is worked out here by the formula of rng.h,
 * the stream's hash by FNV-1a's published value for "foobar". */
TEST(packing)
{
    const RngKey key = {.seed = 42, .stream = rng_stream("foobar"), .training = 3, .epoch = 5};
    EQ(rng_stream("foobar"), rng_mix(0x85944171f73967e8u));
    EQ(rng_stream(""), rng_mix(0xcbf29ce484222325u));
    uint64_t mixed = rng_mix(rng_mix(42) ^ key.stream);
    uint32_t expected[4], out[4];
    rng_philox((uint32_t[]){11, 7, 5, 3}, (uint32_t[]){(uint32_t)mixed, (uint32_t)(mixed >> 32)}, expected);
    rng_block(&key, 7, 11, out);
    for (int i = 0; i < 4; i++) EQ(out[i], expected[i]);
}

/* The finaliser of MurmurHash3, whose value at 1 is known. */
TEST(mix)
{
    EQ(rng_mix(0), 0);
    EQ(rng_mix(1), (int64_t)0xb456bcfc34c2cb2cu);
    OK(rng_substream(1, 0) != rng_substream(1, 1));
    OK(rng_substream(1, 0) != rng_substream(2, 0));
}

TEST(bits16_and_uniform_follow_the_blocks)
{
    const RngKey key = {.seed = 1, .stream = 2};
    uint16_t bits[100];
    float u[100];
    rng_bits16(&key, 9, 5, 100, bits);
    rng_uniform(&key, 9, 5, 100, u);
    for (int i = 0; i < 100; i++) {
        uint32_t block[4];
        int element = i + 5;
        rng_block(&key, 9, (uint32_t)element / 8, block);
        EQ(bits[i], block[element % 8 / 2] >> (element % 2 * 16) & 0xffff);
        rng_block(&key, 9, (uint32_t)element / 4, block);
        NEAR(u[i], (double)(block[element % 4] >> 8) / 16777216.0, 0.0);
    }
}

TEST(uniform_is_even)
{
    enum { N = 1 << 18, BINS = 64 };
    const RngKey key = {.seed = 7, .stream = rng_stream("uniform")};
    static float u[N];
    int count[BINS] = {0};
    double chi2 = 0;
    rng_uniform(&key, 0, 0, N, u);
    for (int i = 0; i < N; i++) {
        OK(u[i] >= 0.0f && u[i] < 1.0f);
        count[(int)(u[i] * BINS)]++;
    }
    for (int i = 0; i < BINS; i++) {
        double off = count[i] - (double)N / BINS;
        chi2 += off * off / ((double)N / BINS);
    }
    OK(chi2 < 120); /* 63 degrees of freedom: exceeded once in 20,000 */
}

/* Each part of the key, and each neighbour, gives other bits: about half of them differ. */
TEST(parts_of_the_key_matter)
{
    const RngKey base = {.seed = 1, .stream = 2, .training = 3, .epoch = 4};
    RngKey other[4] = {base, base, base, base};
    uint32_t a[4], b[4];
    other[0].seed = 0;
    other[1].stream = 3;
    other[2].training = 2;
    other[3].epoch = 5;
    rng_block(&base, 5, 6, a);
    for (int i = 0; i < 6; i++) {
        if (i < 4) rng_block(&other[i], 5, 6, b);
        else rng_block(&base, i == 4 ? 4 : 5, i == 5 ? 7 : 6, b);
        int differ = 0;
        for (int w = 0; w < 4; w++) differ += __builtin_popcount(a[w] ^ b[w]);
        OK(differ > 36 && differ < 92);
    }
}

TEST(below)
{
    const RngKey key = {.seed = 3, .stream = rng_stream("below")};
    int count[6] = {0};
    for (int i = 0; i < 60000; i++) count[rng_below(&key, 0, i, 6)]++;
    for (int i = 0; i < 6; i++) NEAR(count[i], 10000, 450); /* 5 standard deviations */
    EQ(rng_below(&key, 0, 0, 1), 0);
    for (int i = 0; i < 1000; i++) { /* half of the draws are refused for this n */
        uint64_t n = (UINT64_C(1) << 63) + 1;
        OK(rng_below(&key, 0, i, n) < n);
    }
}

TEST(shuffle)
{
    const RngKey key = {.seed = 1, .stream = rng_stream("shuffle"), .epoch = 2};
    for (int64_t n = 0; n < 40; n++) {
        int64_t perm[40], again[40];
        bool seen[40] = {false};
        for (int64_t i = 0; i < n; i++) perm[i] = again[i] = i;
        rng_shuffle(&key, perm, n);
        rng_shuffle(&key, again, n);
        for (int64_t i = 0; i < n; i++) {
            OK(perm[i] >= 0 && perm[i] < n && !seen[perm[i]]);
            seen[perm[i]] = true;
            EQ(perm[i], again[i]);
        }
    }
}

/* Each of the 24 orders of four things is equally likely. */
TEST(shuffle_is_fair)
{
    int count[256] = {0}, orders = 0;
    enum { TRIES = 48000 };
    for (uint32_t t = 0; t < TRIES; t++) {
        const RngKey key = {.seed = t, .stream = rng_stream("fair")};
        int64_t p[4] = {0, 1, 2, 3};
        rng_shuffle(&key, p, 4);
        count[p[0] | p[1] << 2 | p[2] << 4 | p[3] << 6]++;
    }
    for (int i = 0; i < 256; i++)
        if (count[i]) {
            orders++;
            NEAR(count[i], TRIES / 24.0, 225); /* 5 standard deviations */
        }
    EQ(orders, 24);
}
