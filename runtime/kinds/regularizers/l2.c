/* l2.c: l2 sum w^2, without 1/2: the gradient is 2 l2 w. */
#include "runtime/kinds/kind.h"
#include "runtime/tensor/kernels.h"

typedef struct {
    double l2;
} L2Args;

static const ArgSpec args_of[] = {
    ARG_FLOAT(L2Args, l2, .fallback = "0.01", .min = 0, .max = 1e30, .usual_min = 0.001, .usual_max = 0.5, .help = "how much each square counts"),
    ARG_END,
};

static double l2_value(const void *args, const float *w, int64_t n, const Shape *shape)
{
    (void)shape;
    return ((const L2Args *)args)->l2 * kernels()->sum_squares(n, w);
}

static void l2_gradient(const void *args, const float *w, int64_t n, const Shape *shape, float scale, float *g)
{
    (void)shape;
    kernels()->axpy(n, (float)(2 * ((const L2Args *)args)->l2) * scale, w, g);
}

const RegularizerKind regularizer_l2 = {
    .kind = {.name = "l2", .keras = "L2", .family = FAMILY_REGULARIZER, .help = "a penalty on squares: keeps weights small",
             .example = "dense(8, kernel_regularizer=l2(0.001))", .args = args_of, .args_size = sizeof(L2Args)},
    .value = l2_value,
    .gradient = l2_gradient,
};
