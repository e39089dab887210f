/* orthogonal.c: a matrix of orthonormal columns (rows, where it is wider than high), times gain.
 * The shape counts as [r, c], r the product of all but the last. Columns of a random normal matrix [max, min] are made orthogonal one
 * after another, each twice (Gram and Schmidt; the second round takes what rounding left), in double. Their lengths before are the
 * diagonal of R and positive, so this is Q of the QR decomposition with its signs made positive, as Keras has it. */
#include "runtime/kinds/initializers/draw.h"

#include "runtime/base/arena.h"

#include <math.h>
#include <stdlib.h>

typedef struct {
    double gain;
    int64_t seed;
} Args;

static const ArgSpec args_of[] = {
    ARG_FLOAT(Args, gain, .fallback = "1.0", .help = "what the matrix is multiplied by"),
    SEED_OF(Args),
    ARG_END,
};

/* Column j of q (n numbers, stored one after another) is made orthogonal to those before it, and of length 1. */
static void orthonormal(double *q, int64_t n, int64_t j)
{
    double *column = q + j * n;
    for (int round = 0; round < 2; round++)
        for (int64_t k = 0; k < j; k++) {
            const double *before = q + k * n;
            double dot = 0;
            for (int64_t i = 0; i < n; i++) dot += before[i] * column[i];
            for (int64_t i = 0; i < n; i++) column[i] -= dot * before[i];
        }
    double length = 0;
    for (int64_t i = 0; i < n; i++) length += column[i] * column[i];
    length = sqrt(length);
    for (int64_t i = 0; i < n; i++) column[i] = length > 0 ? column[i] / length : 0;
}

static void orthogonal_fill(const void *args, const Shape *shape, RngKey key, float *out)
{
    const Args *a = args;
    int64_t cols = shape_last(shape), rows = shape_steps(shape);
    int64_t high = rows > cols ? rows : cols, wide = rows > cols ? cols : rows;
    Shape flat = shape_of(2, (int64_t[]){high, wide});
    draw_normal(&flat, draw_key(key, a->seed), 0, 1, out); /* [high, wide], row-major, in the weight's own memory */
    double *q = memory_alloc(memory_product((size_t)(high * wide), sizeof *q));
    for (int64_t i = 0; i < high; i++)
        for (int64_t j = 0; j < wide; j++) q[j * high + i] = (double)out[i * wide + j];
    for (int64_t j = 0; j < wide; j++) orthonormal(q, high, j);
    for (int64_t i = 0; i < high; i++)
        for (int64_t j = 0; j < wide; j++) {
            float value = (float)(a->gain * q[j * high + i]);
            if (rows >= cols) out[i * wide + j] = value;
            else out[j * high + i] = value;
        }
    free(q);
}

const InitializerKind initializer_orthogonal = {
    .kind = {.name = "orthogonal", .keras = "OrthogonalInitializer|Orthogonal", .family = FAMILY_INITIALIZER, .help = "a matrix that turns without stretching",
             .example = "simple_rnn(8, recurrent_initializer=orthogonal)", .args = args_of, .args_size = sizeof(Args)},
    .fill = orthogonal_fill,
};
