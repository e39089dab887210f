/* runtime/tensor/kernels.h: the inner loops, in one table per instruction set.
 *
 * One source (runtime/tensor/kernels/) is compiled for x86-64-v2, -v3 (AVX2) and -v4 (AVX-512); kernels() answers the best
 * table this processor runs. All tables give the same bits: every fused operation is written as one, the mathematics is ours (no
 * libm), sums have a fixed order that does not depend on the width of a vector, and no result depends on an element's place in
 * its array. So a small net trains to the same bits on every machine.
 *
 * Arrays are float32, need no alignment, and an output may be one of the inputs exactly (y == x), never a shifted part of it.
 * NULL is answered nowhere. Nothing here allocates, keeps state or starts threads; every function may run in any thread.
 * A length of 0 is a no-op.
 *
 * Errors of the functions, in units in the last place of the float32 result (tests/unit/test_tensor_math.c measures them):
 *   exp 1.0, log 1.0, tanh 2.5, sigmoid 2.5, softplus 2.5, erf 1.5. */
#ifndef NNL_TENSOR_KERNELS_H
#define NNL_TENSOR_KERNELS_H

#include "runtime/base/rng.h"

#include <stdbool.h>
#include <stdint.h>

/* C [m, n] = op(A) op(B), rows of a matrix `ld` floats apart. The letters say which operand is stored transposed:
 *   NN  A [m, k]  B [k, n]     forward:       z  = x W
 *   NT  A [m, k]  B [n, k]     input's grad.: dx = dz W'
 *   TN  A [k, m]  B [k, n]     weights' grad.: dW = x' dz
 *   TT  A [k, m]  B [n, k]                                                                                              */
typedef enum { GEMM_NN, GEMM_NT, GEMM_TN, GEMM_TT } GemmForm;
typedef enum { GEMM_LINEAR, GEMM_RELU } GemmEnd;

typedef struct {
    GemmForm form;
    GemmEnd end;       /* applied last, after the bias */
    bool accumulate;   /* C = C + product instead of C = product */
    int64_t m, n, k;   /* k = 0 is a product of zeros */
    const float *a;
    int64_t lda;
    const float *b;
    int64_t ldb;
    float *c;          /* must not overlap a or b */
    int64_t ldc;
    const float *bias; /* [n], added to every row; or NULL */
} Gemm;

typedef struct {
    const char *name;       /* "v2", "v3", "v4" or "generic" */
    int64_t gemm_is_fast_to; /* m n k up to which gemm is not slower than a library's */

    /* The product by our own kernel, for any shape (fast for small ones; call gemm() of blas.h, which chooses). Each entry of C is
     * one fused sum in the order of k, begun with the bias (and C when accumulating), so cutting C in parts changes no bit. But with n = 1
     * (NN, NT), or m = 1 (NT), it is a sum in 16 lanes (lane = k mod 16) that are added as a tree, then C, then the bias. Uses up to
     * 40 KB of stack. */
    void (*gemm)(const Gemm *g);

    /* Elementwise, y[i] = f(x[i]). NaN in, NaN out. */
    void (*exp)(int64_t n, const float *x, float *y);
    void (*log)(int64_t n, const float *x, float *y);
    void (*tanh)(int64_t n, const float *x, float *y);
    void (*sigmoid)(int64_t n, const float *x, float *y);
    void (*softplus)(int64_t n, const float *x, float *y); /* log(1 + e^x) */
    void (*erf)(int64_t n, const float *x, float *y);
    void (*sqrt)(int64_t n, const float *x, float *y);
    void (*relu)(int64_t n, const float *x, float *y);
    void (*leaky_relu)(int64_t n, float slope, const float *x, float *y);
    void (*elu)(int64_t n, float alpha, const float *x, float *y);  /* x > 0: x, else alpha (e^x - 1) */
    void (*selu)(int64_t n, const float *x, float *y);
    void (*silu)(int64_t n, const float *x, float *y);              /* x sigmoid(x) */
    void (*gelu)(int64_t n, const float *x, float *y);              /* x (1 + erf(x / sqrt 2)) / 2 */
    void (*gelu_tanh)(int64_t n, const float *x, float *y);         /* x (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3))) / 2 */

    /* Their gradients, dx[i] = dy[i] f'(x[i]). Those that take y need no x. */
    void (*tanh_back)(int64_t n, const float *y, const float *dy, float *dx);    /* dy (1 - y^2) */
    void (*sigmoid_back)(int64_t n, const float *y, const float *dy, float *dx); /* dy y (1 - y) */
    void (*softplus_back)(int64_t n, const float *x, const float *dy, float *dx);
    void (*relu_back)(int64_t n, const float *y, const float *dy, float *dx);    /* y > 0: dy, else 0; x serves as y */
    void (*leaky_relu_back)(int64_t n, float slope, const float *x, const float *dy, float *dx); /* y serves if slope >= 0 */
    void (*elu_back)(int64_t n, float alpha, const float *x, const float *dy, float *dx);
    void (*selu_back)(int64_t n, const float *x, const float *dy, float *dx);
    void (*silu_back)(int64_t n, const float *x, const float *dy, float *dx);
    void (*gelu_back)(int64_t n, const float *x, const float *dy, float *dx);
    void (*gelu_tanh_back)(int64_t n, const float *x, const float *dy, float *dx);

    /* Arithmetic. */
    void (*fill)(int64_t n, float value, float *y);
    void (*copy)(int64_t n, const float *x, float *y);
    void (*add)(int64_t n, const float *a, const float *b, float *y);
    void (*sub)(int64_t n, const float *a, const float *b, float *y);
    void (*mul)(int64_t n, const float *a, const float *b, float *y);
    void (*mul_add)(int64_t n, const float *a, const float *b, float *y);        /* y += a b, fused */
    void (*scale)(int64_t n, float factor, const float *x, float *y);            /* y = factor x */
    void (*axpy)(int64_t n, float factor, const float *x, float *y);             /* y += factor x, fused */
    void (*affine)(int64_t n, float factor, float offset, const float *x, float *y); /* y = factor x + offset, fused */
    void (*clip)(int64_t n, float low, float high, const float *x, float *y);    /* NaN stays */
    void (*max)(int64_t n, const float *a, const float *b, float *y);            /* NaN in either stays */
    void (*transpose)(int64_t rows, int64_t cols, const float *x, int64_t ldx, float *y, int64_t ldy); /* y [cols, rows]; not in place */

    /* Rows of a matrix [rows, cols], rows `ld` floats apart. */
    void (*add_bias)(int64_t rows, int64_t cols, float *c, int64_t ldc, const float *bias, GemmEnd end); /* bias may be NULL */
    void (*col_sums)(int64_t rows, int64_t cols, const float *x, int64_t ldx, float *out, bool accumulate);
                                     /* each a float sum in the order of rows, begun with out when accumulating */
    void (*softmax)(int64_t rows, int64_t cols, const float *x, int64_t ldx, float *y, int64_t ldy);
    void (*softmax_back)(int64_t rows, int64_t cols, const float *y, int64_t ldy, const float *dy, int64_t lddy, float *dx, int64_t lddx);
                                     /* dx = y (dy - sum(y dy)) */

    /* Sums in double, 16 lanes (lane = i mod 16) in order, then added as a tree: the same in every table. Float products are
     * exact in double before they are added. */
    double (*sum)(int64_t n, const float *x);
    double (*sum_abs)(int64_t n, const float *x);
    double (*sum_squares)(int64_t n, const float *x);
    double (*dot)(int64_t n, const float *a, const float *b);
    float (*largest)(int64_t n, const float *x);   /* NaN if one is there; -INFINITY for n = 0 */
    int64_t (*arg_max)(int64_t n, const float *x); /* the first of equals; NaN counts as largest; 0 for n = 0 */
    bool (*all_finite)(int64_t n, const float *x);

    /* Optimizer steps over a flat run, in Keras's order, float32. w weights, g gradients (read only), the rest state. */
    void (*sgd)(int64_t n, float *w, const float *g, float lr);
    void (*sgd_momentum)(int64_t n, float *w, const float *g, float *m, float lr, float momentum, bool nesterov);
    /* alpha = lr sqrt(1 - b2^t) / (1 - b1^t), powers in float32; one_less_b1 = (float)(1.0 - b1) formed in double.
     * v_max is amsgrad's state, or NULL. */
    void (*adam)(int64_t n, float *w, const float *g, float *m, float *v, float *v_max, float alpha, float one_less_b1,
                 float one_less_b2, float epsilon);
    /* average is for `centered`, m for momentum; either may be NULL. one_less_rho = (float)(1.0 - rho). */
    void (*rmsprop)(int64_t n, float *w, const float *g, float *v, float *average, float *m, float lr, float rho,
                    float one_less_rho, float momentum, float epsilon);
    void (*weight_decay)(int64_t n, float *w, float decay, float lr); /* w -= w decay lr */

    /* Draws (see rng.h for the packing), elements first, first+1, … of one sample. A pair of normal draws (Box and Muller) comes from
     * two words v, w: u = (v >> 1) 2^-31 + 2^-32 in float32, t = (w >> 8) 2^-24, sqrt(-2 ln u) times cos and sin of 2 pi t; |z| < 6.7.
     * uniform may round up to `high` itself. */
    void (*uniform)(const RngKey *key, uint32_t sample, int64_t first, int64_t n, float low, float high, float *out);
    void (*normal)(const RngKey *key, uint32_t sample, int64_t first, int64_t n, float mean, float stddev, float *out);
    /* A normal draw repeated (next round of the counter) until it lies within two standard deviations. */
    void (*truncated_normal)(const RngKey *key, uint32_t sample, int64_t first, int64_t n, float mean, float stddev, float *out);

    /* Dropout of `rows` samples of n elements each, contiguous; row r is sample first_sample + r. An element is kept when its 16 bits
     * are at least round(rate 65536), and is then multiplied by 1 / (1 - rate); else it is 0. 0 <= rate < 1.
     * kept: one bit an element (bit i%8 of byte i/8), each row beginning a byte: rows * ((n + 7) / 8) bytes. */
    void (*dropout)(const RngKey *key, uint32_t first_sample, int64_t rows, int64_t n, float rate, const float *x, float *y,
                    uint8_t *kept);
    void (*dropout_back)(int64_t rows, int64_t n, float rate, const uint8_t *kept, const float *dy, float *dx);
    /* The decision alone, for masks that are shared by several elements (spatial or recurrent dropout). */
    void (*dropout_mask)(const RngKey *key, uint32_t first_sample, int64_t rows, int64_t n, float rate, uint8_t *kept);

    /* One step of a recurrent cell for `rows` rows with the usual activations. A row of z holds four blocks of `units`; forward finds
     * there what the gates are of, and leaves the gates; backward leaves the gradients of what they are of. Rows of states lie
     * `units` apart, those of h and h_before as told.
     * lstm: i f c o. c_tanh = tanh(c) is kept for backward. dc: the gradient of c comes in, that of c_before goes out.
     * gru:  x W_h | z | r | h R_h, of which the last stays and the first becomes the candidate. dh: the gradient of h comes in, what
     *       reaches h_before beside the products goes out. */
    void (*lstm)(int64_t rows, int64_t units, float *z, const float *c_before, float *c, float *c_tanh, float *h, int64_t ldh);
    void (*lstm_back)(int64_t rows, int64_t units, float *z, const float *c_before, const float *c_tanh, const float *dh, float *dc);
    void (*gru)(int64_t rows, int64_t units, float *z, const float *h_before, int64_t ld_before, float *h, int64_t ldh);
    void (*gru_back)(int64_t rows, int64_t units, float *z, const float *h_before, int64_t ld_before, float *dh);
} Kernels;

/* The best table for this processor. Cheap enough to ask each time; no state. */
const Kernels *kernels(void);

/* A table by name, for tests; NULL when this processor cannot run it or the build has none. */
const Kernels *kernels_named(const char *name);

#endif
