/* l1_l2.c: l1 sum |w| + l2 sum w^2; both factors are 0 unless given. */
#include "runtime/kinds/kind.h"
#include "runtime/tensor/kernels.h"

typedef struct {
    double l1, l2;
} L1L2Args;

static const ArgSpec args_of[] = {
    ARG_FLOAT(L1L2Args, l1, .fallback = "0.0", .min = 0, .max = 1e30, .usual_min = 0.0001, .usual_max = 0.1, .help = "how much each absolute value counts"),
    ARG_FLOAT(L1L2Args, l2, .fallback = "0.0", .min = 0, .max = 1e30, .usual_min = 0.001, .usual_max = 0.5, .help = "how much each square counts"),
    ARG_END,
};

static double l1_l2_value(const void *args, const float *w, int64_t n, const Shape *shape)
{
    (void)shape;
    const L1L2Args *a = args;
    return a->l1 * kernels()->sum_abs(n, w) + a->l2 * kernels()->sum_squares(n, w);
}

static void l1_l2_gradient(const void *args, const float *w, int64_t n, const Shape *shape, float scale, float *g)
{
    (void)shape;
    const L1L2Args *a = args;
    float step = (float)a->l1 * scale, twice = (float)(2 * a->l2) * scale;
    for (int64_t i = 0; i < n; i++) g[i] += (w[i] > 0 ? step : w[i] < 0 ? -step : 0.0f) + twice * w[i];
}

const RegularizerKind regularizer_l1_l2 = {
    .kind = {.name = "l1_l2", .keras = "L1L2", .family = FAMILY_REGULARIZER, .help = "both penalties, l1 and l2",
             .example = "dense(8, kernel_regularizer=l1_l2(l1=0.001, l2=0.001))", .args = args_of, .args_size = sizeof(L1L2Args)},
    .value = l1_l2_value,
    .gradient = l1_l2_gradient,
};
