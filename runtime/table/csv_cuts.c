/* Where delimiters and line feeds stand, 64 bytes at a time.
 *
 * Reading a number tells where its cell ends, but only when it is done, so that one cell would wait for the one before it. With the ends known
 * beforehand, the processor reads several cells at once: twice as fast. Quotes are not looked at here: whoever reads a quoted cell
 * steps over the cuts inside it (cuts_seek). */
#include "runtime/table/csv_cuts.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

/* Bit i: byte i is a delimiter or a line feed. */
static uint64_t cut_bits(const char *p, char delimiter)
{
    uint64_t bits = 0;
#ifdef __SSE2__
    const __m128i d = _mm_set1_epi8(delimiter), feed = _mm_set1_epi8('\n');
    for (int k = 0; k < 4; k++) {
        __m128i v = _mm_loadu_si128((const __m128i *)(const void *)(p + 16 * k));
        int mask = _mm_movemask_epi8(_mm_or_si128(_mm_cmpeq_epi8(v, d), _mm_cmpeq_epi8(v, feed)));
        bits |= (uint64_t)(uint32_t)mask << (16 * k);
    }
#else
    for (int i = 0; i < 64; i++) bits |= (uint64_t)(p[i] == delimiter || p[i] == '\n') << i;
#endif
    return bits;
}

static size_t count_bits(uint64_t v)
{
    v -= v >> 1 & 0x5555555555555555u;
    v = (v & 0x3333333333333333u) + (v >> 2 & 0x3333333333333333u);
    v = (v + (v >> 4)) & 0x0F0F0F0F0F0F0F0Fu;
    return (size_t)(v * 0x0101010101010101u >> 56);
}

void cuts_fill(Cuts *cuts)
{
    cuts->base = cuts->scanned;
    cuts->i = cuts->n = 0;
    const char *p = cuts->scanned;
    while (cuts->end - p >= 64 && cuts->n <= CUTS_HELD - 64 && p - cuts->base < CUTS_REACH) {
        uint64_t bits = cut_bits(p, cuts->delimiter);
        size_t count = count_bits(bits);
        uint32_t *out = cuts->at + cuts->n, offset = (uint32_t)(p - cuts->base);
        /* Eight are written whatever their number: no branch to guess. The top bit stands for "no more"; it is overwritten. */
        for (int k = 0; k < 8; k++) {
            out[k] = offset + (uint32_t)__builtin_ctzll(bits | (uint64_t)1 << 63);
            bits &= bits - 1;
        }
        for (size_t k = 8; k < count; k++) {
            out[k] = offset + (uint32_t)__builtin_ctzll(bits);
            bits &= bits - 1;
        }
        cuts->n += count;
        p += 64;
    }
    if (cuts->end - p < 64 && cuts->n <= CUTS_HELD - 65 && p - cuts->base < CUTS_REACH) {
        for (; p < cuts->end; p++)
            if (*p == cuts->delimiter || *p == '\n') cuts->at[cuts->n++] = (uint32_t)(p - cuts->base);
        cuts->at[cuts->n++] = (uint32_t)(cuts->end - cuts->base);
        p = cuts->end;
    }
    cuts->scanned = p;
}
