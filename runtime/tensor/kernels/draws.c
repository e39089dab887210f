/* runtime/tensor/kernels/draws.c: the generator of rng.h on vectors, and what is drawn in bulk: uniform and normal numbers, dropout.
 *
 * A group is BLOCKS blocks side by side, one in each 64-bit lane: the product of two 32-bit words needs 64 bits, and the
 * instruction for it looks at the low halves only, so that rubbish in the high halves may stay until the end. A round waits for its two
 * products, so several groups are run together to fill the time.
 *
 * The bits are those of rng_block(); order of elements and packing of counters are told in rng.h. */
#include "runtime/tensor/kernels/internal.h"
#include "runtime/tensor/kernels/vec_math.h"

enum { BLOCKS = W / 2, ROUNDS = 10 };
#if defined(VEC_AVX512)
enum { TOGETHER = 4 };
#else
enum { TOGETHER = 2 };
#endif
typedef uint64_t VQ __attribute__((vector_size(8 * BLOCKS)));

typedef struct { VQ block, sample; uint64_t epoch, training; uint32_t key[2]; } Counters;
typedef struct { VQ w[4]; } Group; /* the low halves count */

INLINE VQ wide_product(VQ a, uint32_t b)
{
#if defined(VEC_AVX512)
    return (VQ)_mm512_mul_epu32((__m512i)a, _mm512_set1_epi64((long long)b));
#elif defined(VEC_AVX2)
    return (VQ)_mm256_mul_epu32((__m256i)a, _mm256_set1_epi64x((long long)b));
#elif defined(__SSE2__)
    return (VQ)_mm_mul_epu32((__m128i)a, _mm_set1_epi64x((long long)b));
#else
    return (a & 0xffffffffu) * (uint64_t)b;
#endif
}

INLINE void philox(int groups, Group g[], const uint32_t key[2])
{
    uint32_t k0 = key[0], k1 = key[1];
    UNROLL for (int round = 0; round < ROUNDS; round++) {
        UNROLL for (int i = 0; i < groups; i++) {
            VQ p0 = wide_product(g[i].w[0], 0xD2511F53u), p1 = wide_product(g[i].w[2], 0xCD9E8D57u);
            g[i].w[0] = (p1 >> 32) ^ g[i].w[1] ^ k0;
            g[i].w[2] = (p0 >> 32) ^ g[i].w[3] ^ k1;
            g[i].w[1] = p1;
            g[i].w[3] = p0;
        }
        k0 += 0x9E3779B9u;
        k1 += 0xBB67AE85u;
    }
}

/* Which block of its group each lane takes. In MIXED order, what unpacking by halves of 128 bits gives is in order of blocks. */
typedef enum { NATURAL, MIXED } Order;

INLINE void lanes(Order order, uint64_t lane[BLOCKS])
{
    for (uint64_t i = 0; i < BLOCKS; i++) lane[i] = order == NATURAL ? i : i / 2 + i % 2 * (BLOCKS / 2);
}

INLINE Group group_of(const Counters *c)
{
    return (Group){{c->block, c->sample, c->epoch - (VQ){0}, c->training - (VQ){0}}};
}

/* The words of the group in memory's order: 32-bit words 0, 1 in one vector of 64-bit lanes, 2, 3 in the other, then each block's
 * 128 bits together. `low` holds the first half of the blocks in MIXED order, the even ones in NATURAL order. */
INLINE void group_words(const Group *g, VQ *low, VQ *high)
{
    VQ first = (g->w[0] & 0xffffffffu) | g->w[1] << 32, second = (g->w[2] & 0xffffffffu) | g->w[3] << 32;
#if defined(VEC_AVX512)
    *low = (VQ)_mm512_unpacklo_epi64((__m512i)first, (__m512i)second);
    *high = (VQ)_mm512_unpackhi_epi64((__m512i)first, (__m512i)second);
#elif defined(VEC_AVX2)
    *low = (VQ)_mm256_unpacklo_epi64((__m256i)first, (__m256i)second);
    *high = (VQ)_mm256_unpackhi_epi64((__m256i)first, (__m256i)second);
#else
    *low = (VQ){first[0], second[0]};
    *high = (VQ){first[1], second[1]};
#endif
}

/* ---- uniform and normal numbers ---- */

static Counters start(const RngKey *key, uint32_t sample, uint32_t block, uint32_t round)
{
    Counters c;
    uint64_t lane[BLOCKS];
    lanes(MIXED, lane);
    for (int i = 0; i < BLOCKS; i++) c.block[i] = block + lane[i];
    c.sample = sample - (VQ){0};
    c.epoch = key->epoch;
    c.training = key->training | round << 24;
    rng_key_words(key, c.key);
    return c;
}

enum { GROUP_FLOATS = 4 * BLOCKS };

INLINE void uniform_group(const Counters *c, float out[GROUP_FLOATS])
{
    Group g = group_of(c);
    VQ low, high;
    philox(1, &g, c->key);
    group_words(&g, &low, &high);
    vstore(out, __builtin_convertvector((VI)((VU)low >> 8), VF) * vset(0x1p-24f));
    vstore(out + W, __builtin_convertvector((VI)((VU)high >> 8), VF) * vset(0x1p-24f));
}

INLINE void normal_group(const Counters *c, float out[GROUP_FLOATS])
{
    Group g = group_of(c);
    VF cosine, sine;
    philox(1, &g, c->key);
    VQ sizes = (g.w[0] & 0xffffffffu) | g.w[2] << 32, turns = (g.w[1] & 0xffffffffu) | g.w[3] << 32;
    VF u = vfma(__builtin_convertvector((VI)((VU)sizes >> 1), VF), vset(0x1p-31f), vset(0x1p-32f));
    VF size = vsqrt(vset(-2.0f) * vlog(u));
    vcos_sin_turn(__builtin_convertvector((VI)((VU)turns >> 8), VF) * vset(0x1p-24f), &cosine, &sine);
    cosine = cosine * size;
    sine = sine * size;
#if defined(VEC_AVX512)
    vstore(out, _mm512_unpacklo_ps(cosine, sine));
    vstore(out + W, _mm512_unpackhi_ps(cosine, sine));
#elif defined(VEC_AVX2)
    vstore(out, _mm256_unpacklo_ps(cosine, sine));
    vstore(out + W, _mm256_unpackhi_ps(cosine, sine));
#else
    vstore(out, (VF){cosine[0], sine[0], cosine[1], sine[1]});
    vstore(out + W, (VF){cosine[2], sine[2], cosine[3], sine[3]});
#endif
}

typedef enum { UNIFORM, NORMAL } Kind;

/* out = factor * draw + offset. */
INLINE void draw(Kind kind, const RngKey *key, uint32_t sample, int64_t first, int64_t n, float factor, float offset, float *out)
{
    Counters c = start(key, sample, (uint32_t)(first / 4), 0);
    int64_t skip = first % 4;
    for (int64_t done = 0; done < n;) {
        float drawn[GROUP_FLOATS];
        if (kind == UNIFORM) uniform_group(&c, drawn);
        else normal_group(&c, drawn);
        for (int i = 0; i < GROUP_FLOATS; i += W) vstore(drawn + i, vfma(vset(factor), vload(drawn + i), vset(offset)));
        int64_t count = GROUP_FLOATS - skip < n - done ? GROUP_FLOATS - skip : n - done;
        memcpy(out + done, drawn + skip, (size_t)count * sizeof *out);
        done += count;
        skip = 0;
        c.block += BLOCKS;
    }
}

void K(uniform)(const RngKey *key, uint32_t sample, int64_t first, int64_t n, float low, float high, float *out)
{
    draw(UNIFORM, key, sample, first, n, high - low, low, out);
}

void K(normal)(const RngKey *key, uint32_t sample, int64_t first, int64_t n, float mean, float stddev, float *out)
{
    draw(NORMAL, key, sample, first, n, stddev, mean, out);
}

void K(truncated_normal)(const RngKey *key, uint32_t sample, int64_t first, int64_t n, float mean, float stddev, float *out)
{
    draw(NORMAL, key, sample, first, n, 1.0f, 0.0f, out);
    for (int64_t i = 0; i < n; i++) /* one in 22 is refused */
        for (uint32_t round = 1; !(out[i] >= -2.0f && out[i] <= 2.0f) && round < 256; round++) {
            float drawn[GROUP_FLOATS];
            Counters c = start(key, sample, (uint32_t)((first + i) / 4), round);
            normal_group(&c, drawn);
            out[i] = drawn[(first + i) % 4];
        }
    K(affine)(n, stddev, mean, out, out);
}

/* ---- dropout ---- */

/* A byte of decisions for each block of the group, bit i for element i. */
INLINE void group_decisions(const Group *g, uint32_t threshold, uint8_t *kept)
{
    VQ low, high;
    group_words(g, &low, &high);
#if defined(VEC_AVX512)
    const __m512i limit = _mm512_set1_epi16((short)threshold);
    uint32_t first = _mm512_cmpge_epu16_mask((__m512i)low, limit), second = _mm512_cmpge_epu16_mask((__m512i)high, limit);
    uint64_t bits = first | (uint64_t)second << 32;
#elif defined(VEC_AVX2)
    const __m256i limit = _mm256_set1_epi16((short)threshold);
    __m256i first = _mm256_cmpeq_epi16(_mm256_max_epu16((__m256i)low, limit), (__m256i)low);
    __m256i second = _mm256_cmpeq_epi16(_mm256_max_epu16((__m256i)high, limit), (__m256i)high);
    uint32_t bits = (uint32_t)_mm256_movemask_epi8(_mm256_packs_epi16(first, second)); /* even and odd blocks: in order */
#elif defined(__SSE4_1__)
    const __m128i limit = _mm_set1_epi16((short)threshold);
    __m128i first = _mm_cmpeq_epi16(_mm_max_epu16((__m128i)low, limit), (__m128i)low);
    __m128i second = _mm_cmpeq_epi16(_mm_max_epu16((__m128i)high, limit), (__m128i)high);
    uint16_t bits = (uint16_t)_mm_movemask_epi8(_mm_packs_epi16(first, second));
#else
    uint16_t bits = 0;
    for (int i = 0; i < 8; i++) {
        uint64_t l = low[i / 4] >> (16 * (i % 4)) & 0xffff, h = high[i / 4] >> (16 * (i % 4)) & 0xffff;
        bits = (uint16_t)(bits | (l >= threshold) << i | (h >= threshold) << (i + 8));
    }
#endif
    memcpy(kept, &bits, sizeof bits); /* BLOCKS bytes; x86 and ARM are little-endian */
}

#if defined(VEC_AVX512)
#define DECISION_ORDER MIXED
#else
#define DECISION_ORDER NATURAL
#endif

static uint32_t threshold_of(float rate) { return (uint32_t)(rate * 65536.0f + 0.5f); }

/* Rows and blocks are numbered through, so that a row of few elements wastes no lane. Going on by BLOCKS from (sample, block)
 * is an addition to both and at most one carry, for any number of blocks in a row. */
void K(dropout_mask)(const RngKey *key, uint32_t first_sample, int64_t rows, int64_t n, float rate, uint8_t *kept)
{
    const uint64_t in_row = (uint64_t)(n + 7) / 8, total = in_row * (uint64_t)rows;
    const uint32_t threshold = threshold_of(rate);
    if (total == 0) return;
    if (threshold == 0 || threshold > 0xffff) {
        memset(kept, threshold == 0 ? 0xff : 0, total);
        return;
    }
    Counters c = {.epoch = key->epoch, .training = key->training};
    uint64_t lane[BLOCKS];
    rng_key_words(key, c.key);
    lanes(DECISION_ORDER, lane);
    uint64_t block = 0, sample = first_sample;
    uint64_t blocks[BLOCKS], samples[BLOCKS];
    for (int i = 0; i < BLOCKS; i++) {
        blocks[i] = block;
        samples[i] = sample;
        if (++block == in_row) {
            block = 0;
            sample++;
        }
    }
    for (int i = 0; i < BLOCKS; i++) {
        c.block[i] = blocks[lane[i]];
        c.sample[i] = samples[lane[i]];
    }
    const uint64_t next_block = BLOCKS % in_row, next_sample = BLOCKS / in_row;
    for (uint64_t done = 0; done < total; done += BLOCKS * TOGETHER) {
        Group g[TOGETHER];
        for (int i = 0; i < TOGETHER; i++) {
            g[i] = group_of(&c);
            c.block += next_block;
            c.sample += next_sample;
            VQ carry = (VQ)(c.block >= in_row);
            c.block -= carry & in_row;
            c.sample -= carry;
        }
        philox(TOGETHER, g, c.key);
        if (total - done >= BLOCKS * TOGETHER) {
            for (int i = 0; i < TOGETHER; i++) group_decisions(&g[i], threshold, kept + done + i * BLOCKS);
        } else {
            uint8_t last[BLOCKS * TOGETHER];
            for (int i = 0; i < TOGETHER; i++) group_decisions(&g[i], threshold, last + i * BLOCKS);
            memcpy(kept + done, last, total - done);
        }
    }
}

/* y = x * scale where the low W bits say so, else 0 (also where x is NaN). */
INLINE VF keep(uint32_t bits, VF x, VF scale)
{
#if defined(VEC_AVX512)
    return _mm512_maskz_mul_ps((VM)bits, x, scale);
#elif defined(VEC_AVX2)
    const VI bit = {1, 2, 4, 8, 16, 32, 64, 128};
    VI mine = ((int32_t)bits - (VI){0}) & bit;
    return vfloat((VI)(mine == bit) & vbits(x * scale));
#else
    const VI bit = {1, 2, 4, 8};
    VI mine = ((int32_t)bits - (VI){0}) & bit;
    return vfloat((VI)(mine == bit) & vbits(x * scale));
#endif
}

INLINE void apply_row(int64_t n, float scale, const uint8_t *kept, const float *x, float *y)
{
    const VF factor = vset(scale);
    int64_t i = 0;
    for (; i + 16 <= n; i += 16) {
        uint32_t bits = (uint32_t)kept[i / 8] | (uint32_t)kept[i / 8 + 1] << 8;
        for (int v = 0; v < 16; v += W) vstore(y + i + v, keep(bits >> v, vload(x + i + v), factor));
    }
    for (; i < n; i += W) {
        uint32_t bits = kept[i / 8] | (W > 8 && i + 8 < n ? (uint32_t)kept[i / 8 + 1] << 8 : 0u);
        int64_t part = n - i < W ? n - i : W;
        vstore_n(y + i, keep(bits >> (i % 8), vload_n(x + i, part), factor), part);
    }
}

static void apply(int64_t rows, int64_t n, float rate, const uint8_t *kept, const float *x, float *y)
{
    const float scale = 1.0f / (1.0f - rate);
    if (n % 8 == 0) { /* bits of all rows follow each other */
        n *= rows;
        rows = 1;
    }
    for (int64_t r = 0; r < rows; r++) apply_row(n, scale, kept + r * ((n + 7) / 8), x + r * n, y + r * n);
}

void K(dropout)(const RngKey *key, uint32_t first_sample, int64_t rows, int64_t n, float rate, const float *x, float *y,
                uint8_t *kept)
{
    K(dropout_mask)(key, first_sample, rows, n, rate, kept);
    apply(rows, n, rate, kept, x, y);
}

void K(dropout_back)(int64_t rows, int64_t n, float rate, const uint8_t *kept, const float *dy, float *dx)
{
    apply(rows, n, rate, kept, dy, dx);
}
