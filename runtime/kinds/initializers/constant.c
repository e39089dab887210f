/* constant.c: all one number. */
#include "runtime/kinds/initializers/draw.h"
#include "runtime/tensor/kernels.h"

typedef struct {
    double value;
} Args;

static const ArgSpec args_of[] = {
    ARG_FLOAT(Args, value, .fallback = "0.0", .help = "the number"),
    ARG_END,
};

static void constant_fill(const void *args, const Shape *shape, RngKey key, float *out)
{
    (void)key;
    kernels()->fill(shape_size(shape), (float)((const Args *)args)->value, out);
}

const InitializerKind initializer_constant = {
    .kind = {.name = "constant", .keras = "Constant", .family = FAMILY_INITIALIZER, .help = "all one number",
             .example = "dense(8, bias_initializer=constant(0.1))", .args = args_of, .args_size = sizeof(Args)},
    .fill = constant_fill,
};
