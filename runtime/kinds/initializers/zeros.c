/* zeros.c: all 0. */
#include "runtime/kinds/initializers/draw.h"
#include "runtime/tensor/kernels.h"

static void zeros_fill(const void *args, const Shape *shape, RngKey key, float *out)
{
    (void)args, (void)key;
    kernels()->fill(shape_size(shape), 0.0f, out);
}

const InitializerKind initializer_zeros = {
    .kind = {.name = "zeros", .keras = "Zeros", .family = FAMILY_INITIALIZER, .help = "all 0",
             .example = "dense(8, bias_initializer=zeros)"},
    .fill = zeros_fill,
};
