/* Numbers that one exact step in double cannot read.
 *
 * On processors with 80-bit floats, 19 digits and powers of ten to 27 are exact there, so product or quotient is off by at most half a
 * unit in the 64th bit. Rounding it once more, to 53 bits, can go wrong only where the eleven bits dropped lie next to the
 * middle; those cases (3 in 2048), and all longer numbers, go to strtod, which is exact and slow. */
#include "runtime/table/csv_inside.h"

#include <math.h>

const double csv_powers[23] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                               1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

const uint64_t csv_ten[9] = {1, 10, 100, 1000, 10000, 100000, 1000000, 10000000, 100000000};

#if LDBL_MANT_DIG == 64 && defined(__x86_64__)
static bool number_wide(uint64_t m, int exponent, double *value)
{
    static const long double powers[28] = {1e0L,  1e1L,  1e2L,  1e3L,  1e4L,  1e5L,  1e6L,  1e7L,  1e8L,  1e9L,
                                           1e10L, 1e11L, 1e12L, 1e13L, 1e14L, 1e15L, 1e16L, 1e17L, 1e18L, 1e19L,
                                           1e20L, 1e21L, 1e22L, 1e23L, 1e24L, 1e25L, 1e26L, 1e27L};
    if (m == 0 || exponent < -27 || exponent > 27) return false;
    long double wide = exponent < 0 ? (long double)m / powers[-exponent] : (long double)m * powers[exponent];
    uint64_t bits;
    memcpy(&bits, &wide, 8);
    uint64_t dropped = bits & 0x7FF;
    if (dropped >= 0x3FF && dropped <= 0x401) return false;
    *value = (double)wide;
    return true;
}
#else
static bool number_wide(uint64_t m, int exponent, double *value)
{
    (void)m;
    (void)exponent;
    (void)value;
    return false;
}
#endif

double number_exact(const char *begin, const char *end, uint64_t digits, int n_digits, int exponent)
{
    if (*begin == '-' || *begin == '+') begin++;
    double value;
    if (n_digits <= 19 && number_wide(digits, exponent, &value)) return value;
    /* strtod must not look past the end: "0x1f" is no number here. */
    char small[128], *copy = small;
    size_t n = (size_t)(end - begin);
    if (n >= sizeof small) copy = memory_alloc(n + 1);
    memcpy(copy, begin, n);
    copy[n] = '\0';
    value = strtod(copy, NULL);
    if (copy != small) free(copy);
    return value;
}

bool csv_number(const char *text, size_t n, double *value)
{
    /* number_scan reads past the end of what is no number, so it gets a copy with room behind. */
    char small[64 + CSV_PAD], *copy = small;
    if (n == 0 || !(digit_at(text) || *text == '-' || *text == '+' || *text == '.')) return false;
    if (n > 64) copy = memory_alloc(n + CSV_PAD);
    memcpy(copy, text, n);
    memset(copy + n, 0, CSV_PAD);
    const char *behind = number_scan(copy, false, value);
    bool whole = behind == copy + n;
    if (copy != small) free(copy);
    return whole;
}
