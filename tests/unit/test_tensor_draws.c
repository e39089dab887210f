/* tests/unit/test_tensor_draws.c: draws in bulk against the plain generator of rng.h and against what their distributions promise. */
#include "tests/unit/test.h"

#include "runtime/tensor/kernels.h"

#include <stdlib.h>

static const char *const sets[] = {"v4", "v3", "v2", "generic"};
enum { SETS = 4 };
static const RngKey key = {.seed = 42, .stream = 0x1234567890abcdefu, .training = 2, .epoch = 3};

/* Bits of rng_bits16(), packed as kernels.h says. */
static void plain_mask(uint32_t first_sample, int64_t rows, int64_t n, float rate, uint8_t *kept)
{
    memset(kept, 0, (size_t)(rows * ((n + 7) / 8)));
    for (int64_t r = 0; r < rows; r++) {
        uint16_t bits[300];
        rng_bits16(&key, first_sample + (uint32_t)r, 0, n, bits);
        for (int64_t i = 0; i < n; i++)
            if (bits[i] >= (uint32_t)lrint((double)rate * 65536)) kept[r * ((n + 7) / 8) + i / 8] |= (uint8_t)(1 << i % 8);
    }
}

static bool bit(const uint8_t *kept, int64_t r, int64_t n, int64_t i) { return kept[r * ((n + 7) / 8) + i / 8] >> (i % 8) & 1; }

TEST(dropout_is_what_the_generator_says)
{
    static const int64_t widths[] = {1, 3, 7, 8, 9, 10, 12, 16, 20, 31, 32, 33, 64, 65, 100, 256, 300};
    for (size_t w = 0; w < sizeof widths / sizeof *widths; w++)
        for (int64_t rows = 1; rows <= 35; rows += rows < 9 ? 1 : 13)
            for (int s = 0; s < SETS; s++) {
                const Kernels *k = kernels_named(sets[s]);
                if (!k) continue;
                const int64_t n = widths[w];
                static float x[40 * 300], y[40 * 300], dx[40 * 300];
                static uint8_t kept[40 * 38 + 1], plain[40 * 38 + 1];
                const size_t bytes = (size_t)(rows * ((n + 7) / 8));
                for (int64_t i = 0; i < rows * n; i++) x[i] = (float)(i + 1);
                kept[bytes] = 0x5a;
                y[rows * n] = dx[rows * n] = -7;
                plain_mask(1000, rows, n, 0.3f, plain);
                k->dropout(&key, 1000, rows, n, 0.3f, x, y, kept);
                k->dropout_back(rows, n, 0.3f, kept, x, dx);
                const float scale = 1.0f / (1.0f - 0.3f);
                for (int64_t r = 0; r < rows; r++)
                    for (int64_t i = 0; i < n; i++) {
                        EQ(bit(kept, r, n, i), bit(plain, r, n, i));
                        float expected = bit(plain, r, n, i) ? x[r * n + i] * scale : 0.0f;
                        NEAR(y[r * n + i], expected, 0);
                        NEAR(dx[r * n + i], expected, 0);
                    }
                EQ(kept[bytes], 0x5a);
                NEAR(y[rows * n], -7, 0);
                NEAR(dx[rows * n], -7, 0);
            }
}

/* How an epoch is cut into batches changes nothing. */
TEST(dropout_by_parts)
{
    static float x[64 * 20], y[64 * 20], part[64 * 20];
    static uint8_t kept[64 * 3], kept_part[64 * 3];
    for (int i = 0; i < 64 * 20; i++) x[i] = (float)i + 1;
    kernels()->dropout(&key, 100, 64, 20, 0.5f, x, y, kept);
    for (int begin = 0; begin < 64; begin += 9) {
        int rows = 64 - begin < 9 ? 64 - begin : 9;
        kernels()->dropout(&key, 100 + (uint32_t)begin, rows, 20, 0.5f, x + begin * 20, part + begin * 20, kept_part);
    }
    OK(memcmp(y, part, sizeof y) == 0);
}

TEST(dropout_rates)
{
    enum { ROWS = 1000, N = 200 };
    static float x[ROWS * N], y[ROWS * N];
    static uint8_t kept[ROWS * N / 8];
    static const float rates[] = {0.0f, 0.00001f, 0.1f, 0.5f, 0.9f, 0.99999994f};
    for (int i = 0; i < ROWS * N; i++) x[i] = 1;
    x[0] = NAN;
    for (size_t s = 0; s < sizeof rates / sizeof *rates; s++) {
        const double rate = (double)rates[s], total = ROWS * N;
        kernels()->dropout(&key, 0, ROWS, N, rates[s], x, y, kept);
        double zeros = 0, per_place[8] = {0};
        for (int i = 0; i < ROWS * N; i++) {
            zeros += y[i] == 0;
            per_place[i % 8] += y[i] == 0;
        }
        NEAR(zeros, rate * total, 5 * sqrt(rate * (1 - rate) * total) + 2);
        for (int p = 0; p < 8; p++) NEAR(per_place[p], rate * total / 8, 5 * sqrt(rate * (1 - rate) * total / 8) + 2);
        OK(bit(kept, 0, N, 0) ? isnan(y[0]) : y[0] == 0);
    }
}

TEST(uniform)
{
    for (int s = 0; s < SETS; s++) {
        const Kernels *k = kernels_named(sets[s]);
        if (!k) continue;
        for (int64_t first = 0; first < 20; first++)
            for (int64_t n = 0; n < 90; n += 7) {
                float plain[100], got[100];
                got[n] = -7;
                rng_uniform(&key, 5, first, n, plain);
                k->uniform(&key, 5, first, n, 0, 1, got);
                OK(memcmp(plain, got, (size_t)n * sizeof *got) == 0);
                NEAR(got[n], -7, 0);
                k->uniform(&key, 5, first, n, -2, 4, got);
                for (int64_t i = 0; i < n; i++) NEAR(got[i], 6 * (double)plain[i] - 2, 1e-6);
            }
    }
}

/* Box and Muller in double from the plain generator; u is rounded to float, as kernels.h says. */
static double plain_normal(int64_t element)
{
    uint32_t block[4];
    rng_block(&key, 5, (uint32_t)(element / 4), block);
    const uint32_t v = block[element % 4 / 2 * 2], w = block[element % 4 / 2 * 2 + 1];
    const float u = fmaf((float)(v >> 1), 0x1p-31f, 0x1p-32f);
    const double size = sqrt(-2 * log((double)u)), turn = 2 * M_PI * (w >> 8) * 0x1p-24;
    return size * (element % 2 ? sin(turn) : cos(turn));
}

TEST(normal)
{
    enum { N = 100000 };
    static float first[N], got[N];
    bool have = false;
    for (int s = 0; s < SETS; s++) {
        const Kernels *k = kernels_named(sets[s]);
        if (!k) continue;
        k->normal(&key, 5, 3, N, 0, 1, got);
        if (have) OK(memcmp(first, got, sizeof got) == 0);
        memcpy(first, got, sizeof got);
        have = true;
        float part[100];
        for (int begin = 0; begin < 60; begin += 7) { /* a part is a part of the whole */
            k->normal(&key, 5, 3 + begin, 37, 0, 1, part);
            OK(memcmp(part, got + begin, 37 * sizeof *part) == 0);
        }
    }
    double sum = 0, squares = 0, cubes = 0, fourths = 0;
    for (int i = 0; i < N; i++) {
        double z = (double)first[i];
        NEAR(z, plain_normal(i + 3), 2e-6);
        sum += z;
        squares += z * z;
        cubes += z * z * z;
        fourths += z * z * z * z;
    }
    NEAR(sum / N, 0, 5 / sqrt(N));
    NEAR(squares / N, 1, 5 * sqrt(2.0 / N));
    NEAR(cubes / N, 0, 5 * sqrt(15.0 / N));
    NEAR(fourths / N, 3, 5 * sqrt(96.0 / N));
}

TEST(truncated_normal)
{
    enum { N = 50000 };
    static float first[N], got[N], normal[N];
    bool have = false;
    for (int s = 0; s < SETS; s++) {
        const Kernels *k = kernels_named(sets[s]);
        if (!k) continue;
        k->truncated_normal(&key, 0, 1, N, 1, 0.5f, got);
        if (have) OK(memcmp(first, got, sizeof got) == 0);
        memcpy(first, got, sizeof got);
        have = true;
    }
    kernels()->normal(&key, 0, 1, N, 1, 0.5f, normal);
    double sum = 0, squares = 0;
    int changed = 0;
    for (int i = 0; i < N; i++) {
        OK(first[i] >= 0 && first[i] <= 2);
        changed += first[i] != normal[i];
        sum += (double)first[i];
        squares += ((double)first[i] - 1) * ((double)first[i] - 1);
    }
    NEAR(changed, 0.04550026 * N, 5 * sqrt(0.0455 * N));  /* what lies beyond two standard deviations */
    NEAR(sum / N, 1, 5 * 0.44 / sqrt(N));
    NEAR(sqrt(squares / N), 0.5 * 0.87962566, 0.005);     /* the known deviation of the truncated normal */
}
