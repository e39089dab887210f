/* runtime/tensor/kernels/vec.h: vectors as the kernels see them.
 *
 * VF holds W floats, VI W 32-bit integers, VM W truth values; W is 16 with AVX-512, 8 with AVX2, else 4. The operators
 * + - * / of the compiler work on VF. vfma is fused everywhere: where the processor has no fused operation it is computed
 * exactly in double. Products that feed a sum are always written as vfma, so that no compiler flag changes a result.
 *
 * Functions here are always inlined; vectors appear in no other signature, since their calling convention depends on flags. */
#ifndef NNL_TENSOR_KERNELS_VEC_H
#define NNL_TENSOR_KERNELS_VEC_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

#define INLINE static inline __attribute__((always_inline))

/* Before a loop of few, constant turns: its arrays of vectors then live in registers. */
#if defined(__clang__)
#define UNROLL _Pragma("clang loop unroll(full)")
#else
#define UNROLL _Pragma("GCC unroll 16")
#endif

#if defined(__AVX512F__) && defined(__AVX512DQ__) && defined(__AVX512BW__) && defined(__AVX512VL__)
#define VEC_AVX512 1
enum { W = 16 };
typedef __m512 VF;
typedef int32_t VI __attribute__((vector_size(64)));
typedef uint32_t VU __attribute__((vector_size(64)));
typedef __mmask16 VM;
#elif defined(__AVX2__) && defined(__FMA__)
#define VEC_AVX2 1
enum { W = 8 };
typedef __m256 VF;
typedef int32_t VI __attribute__((vector_size(32)));
typedef uint32_t VU __attribute__((vector_size(32)));
typedef VI VM;
#else
#define VEC_PLAIN 1
enum { W = 4 };
typedef float VF __attribute__((vector_size(16)));
typedef int32_t VI __attribute__((vector_size(16)));
typedef uint32_t VU __attribute__((vector_size(16)));
typedef VI VM;
#endif

/* Sums that must not depend on W run in LANES lanes: LANES / W vectors. */
enum { LANES = 16, LV = LANES / W };

INLINE VI vbits(VF x) { return (VI)x; }
INLINE VF vfloat(VI x) { return (VF)x; }
INLINE VF vset(float x) { return x - (VF){0}; }

INLINE VF vload(const float *p)
{
    VF v;
    memcpy(&v, p, sizeof v);
    return v;
}

INLINE void vstore(float *p, VF v) { memcpy(p, &v, sizeof v); }

#if defined(VEC_AVX512)
INLINE VF vfma(VF a, VF b, VF c) { return _mm512_fmadd_ps(a, b, c); }
INLINE VF vmax(VF a, VF b) { return _mm512_max_ps(a, b); }
INLINE VF vmin(VF a, VF b) { return _mm512_min_ps(a, b); }
INLINE VF vsqrt(VF a) { return _mm512_sqrt_ps(a); }
INLINE VM vgt(VF a, VF b) { return _mm512_cmp_ps_mask(a, b, _CMP_GT_OQ); }
INLINE VM veq(VF a, VF b) { return _mm512_cmp_ps_mask(a, b, _CMP_EQ_OQ); }
INLINE VM vnan(VF a) { return _mm512_cmp_ps_mask(a, a, _CMP_UNORD_Q); }
INLINE VM vodd(VI a) { return _mm512_test_epi32_mask((__m512i)a, _mm512_set1_epi32(1)); }
INLINE VM vor(VM a, VM b) { return (VM)(a | b); }
INLINE VF vsel(VM m, VF a, VF b) { return _mm512_mask_blend_ps(m, b, a); }
INLINE bool vany(VM m) { return m != 0; }
INLINE VM vfirst(int64_t n) { return (VM)(0xffffu >> (16 - n)); }
INLINE VF vload_n(const float *p, int64_t n) { return _mm512_maskz_loadu_ps(vfirst(n), p); }
INLINE void vstore_n(float *p, VF v, int64_t n) { _mm512_mask_storeu_ps(p, vfirst(n), v); }

#elif defined(VEC_AVX2)
INLINE VF vfma(VF a, VF b, VF c) { return _mm256_fmadd_ps(a, b, c); }
INLINE VF vmax(VF a, VF b) { return _mm256_max_ps(a, b); }
INLINE VF vmin(VF a, VF b) { return _mm256_min_ps(a, b); }
INLINE VF vsqrt(VF a) { return _mm256_sqrt_ps(a); }
INLINE VM vgt(VF a, VF b) { return (VM)_mm256_cmp_ps(a, b, _CMP_GT_OQ); }
INLINE VM veq(VF a, VF b) { return (VM)_mm256_cmp_ps(a, b, _CMP_EQ_OQ); }
INLINE VM vnan(VF a) { return (VM)_mm256_cmp_ps(a, a, _CMP_UNORD_Q); }
INLINE VM vodd(VI a) { return -(a & 1); }
INLINE VM vor(VM a, VM b) { return a | b; }
INLINE VF vsel(VM m, VF a, VF b) { return _mm256_blendv_ps(b, a, (VF)m); }
INLINE bool vany(VM m) { return _mm256_movemask_ps((VF)m) != 0; }
INLINE VM vfirst(int64_t n)
{
    const VI place = {0, 1, 2, 3, 4, 5, 6, 7};
    return (VM)_mm256_cmpgt_epi32(_mm256_set1_epi32((int)n), (__m256i)place);
}
INLINE VF vload_n(const float *p, int64_t n) { return _mm256_maskload_ps(p, (__m256i)vfirst(n)); }
INLINE void vstore_n(float *p, VF v, int64_t n) { _mm256_maskstore_ps(p, (__m256i)vfirst(n), v); }

#else
/* max and min answer the second operand when either is NaN or both are zero, as the x86 instructions do. */
INLINE VF vsel(VM m, VF a, VF b) { return (VF)((m & (VI)a) | (~m & (VI)b)); }
INLINE VM vgt(VF a, VF b) { return (VM)(a > b); }
INLINE VM veq(VF a, VF b) { return (VM)(a == b); }
INLINE VM vnan(VF a) { return (VM)(a != a); }
INLINE VM vodd(VI a) { return -(a & 1); }
INLINE VM vor(VM a, VM b) { return a | b; }
INLINE VF vmax(VF a, VF b) { return vsel(vgt(a, b), a, b); }
INLINE VF vmin(VF a, VF b) { return vsel(vgt(b, a), a, b); }
INLINE bool vany(VM m) { return (m[0] | m[1] | m[2] | m[3]) != 0; }
INLINE VM vfirst(int64_t n)
{
    const VI place = {0, 1, 2, 3};
    return (VM)(place < (int32_t)n);
}
INLINE VF vload_n(const float *p, int64_t n)
{
    VF v = {0};
    memcpy(&v, p, (size_t)n * sizeof *p);
    return v;
}
INLINE void vstore_n(float *p, VF v, int64_t n) { memcpy(p, &v, (size_t)n * sizeof *p); }

#if defined(__SSE2__)
INLINE VF vsqrt(VF a) { return _mm_sqrt_ps(a); }
#else
INLINE VF vsqrt(VF a)
{
    for (int i = 0; i < W; i++) a[i] = __builtin_sqrtf(a[i]);
    return a;
}
#endif

#if defined(__FP_FAST_FMAF)
INLINE VF vfma(VF a, VF b, VF c)
{
    for (int i = 0; i < W; i++) c[i] = __builtin_fmaf(a[i], b[i], c[i]);
    return c;
}
#else
/* The product of two floats is exact in double. The sum is rounded to odd (the last bit set when anything was lost: Boldo and
 * Melquiond 2008), after which the rounding to float is right, since double has more than twice the digits and two. */
#if defined(__SANITIZE_ADDRESS__)
static __attribute__((noinline, unused)) /* inlined with its checks it makes objects that take minutes to compile */
#else
INLINE
#endif
VF vfma(VF a, VF b, VF c)
{
    typedef double VD __attribute__((vector_size(8 * W)));
    typedef int64_t VQ __attribute__((vector_size(8 * W)));
    VD exact = __builtin_convertvector(a, VD) * __builtin_convertvector(b, VD), wide = __builtin_convertvector(c, VD);
    VD sum = exact + wide, back = sum - exact, lost = (exact - (sum - back)) + (wide - back);
    VQ bits = (VQ)sum, infinite = (VQ)((bits & 0x7ff0000000000000) == 0x7ff0000000000000);
    VQ nudge = (VQ)(lost != 0) & ~infinite & ((bits & 1) - 1);
    VQ outward = 1 + 2 * (((VQ)lost ^ bits) >> 63); /* 1 when the lost part has the sign of the sum, else -1 */
    return __builtin_convertvector((VD)(bits + (nudge & outward)), VF);
}
#endif
#endif

/* The nearest whole number (ties to even) for |x| < 2^22, as float and, in the low bits, as integer. */
#define ROUND_MAGIC 0x1.8p23f
INLINE VI vround_bits(VF x_plus_magic) { return (VI)((VU)x_plus_magic - 0x4b400000u); }

INLINE VF vabs(VF x) { return vfloat(vbits(x) & 0x7fffffff); }
INLINE VF vcopysign(VF size, VF sign) { return vfloat((vbits(size) & 0x7fffffff) | (vbits(sign) & (int32_t)0x80000000u)); }

/* The sum of LANES lanes as a tree: lane i + lane i+8, then +4, +2, +1. */
typedef float F4 __attribute__((vector_size(16)));

INLINE F4 vsum_to_4(const VF acc[LV])
{
#if defined(VEC_AVX512)
    __m256 eight = _mm512_castps512_ps256(acc[0]) + _mm512_extractf32x8_ps(acc[0], 1);
    return (F4)(_mm256_castps256_ps128(eight) + _mm256_extractf128_ps(eight, 1));
#elif defined(VEC_AVX2)
    __m256 eight = acc[0] + acc[1];
    return (F4)(_mm256_castps256_ps128(eight) + _mm256_extractf128_ps(eight, 1));
#else
    return (acc[0] + acc[2]) + (acc[1] + acc[3]);
#endif
}

INLINE float vsum_lanes(const VF acc[LV])
{
    F4 four = vsum_to_4(acc);
    return (four[0] + four[2]) + (four[1] + four[3]);
}

/* Four such sums at once. */
INLINE void vsum_lanes_4(VF acc[4][LV], float sums[4])
{
    F4 a = vsum_to_4(acc[0]), b = vsum_to_4(acc[1]), c = vsum_to_4(acc[2]), d = vsum_to_4(acc[3]);
    F4 ab = __builtin_shufflevector(a, b, 0, 4, 1, 5) + __builtin_shufflevector(a, b, 2, 6, 3, 7); /* a0+a2 b0+b2 a1+a3 b1+b3 */
    F4 cd = __builtin_shufflevector(c, d, 0, 4, 1, 5) + __builtin_shufflevector(c, d, 2, 6, 3, 7);
    F4 all = __builtin_shufflevector(ab, cd, 0, 1, 4, 5) + __builtin_shufflevector(ab, cd, 2, 3, 6, 7);
    memcpy(sums, &all, sizeof all);
}

#endif
