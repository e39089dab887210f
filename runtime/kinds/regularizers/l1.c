/* l1.c: l1 sum |w|; its gradient at 0 is 0. */
#include "runtime/kinds/kind.h"
#include "runtime/tensor/kernels.h"

typedef struct {
    double l1;
} L1Args;

static const ArgSpec args_of[] = {
    ARG_FLOAT(L1Args, l1, .fallback = "0.01", .min = 0, .max = 1e30, .usual_min = 0.0001, .usual_max = 0.1, .help = "how much each absolute value counts"),
    ARG_END,
};

static double l1_value(const void *args, const float *w, int64_t n, const Shape *shape)
{
    (void)shape;
    return ((const L1Args *)args)->l1 * kernels()->sum_abs(n, w);
}

static void l1_gradient(const void *args, const float *w, int64_t n, const Shape *shape, float scale, float *g)
{
    (void)shape;
    float step = (float)((const L1Args *)args)->l1 * scale;
    for (int64_t i = 0; i < n; i++) g[i] += w[i] > 0 ? step : w[i] < 0 ? -step : 0.0f;
}

const RegularizerKind regularizer_l1 = {
    .kind = {.name = "l1", .keras = "L1", .family = FAMILY_REGULARIZER, .help = "a penalty on absolute values: drives small weights to 0",
             .example = "dense(8, kernel_regularizer=l1(0.001))", .args = args_of, .args_size = sizeof(L1Args)},
    .value = l1_value,
    .gradient = l1_gradient,
};
