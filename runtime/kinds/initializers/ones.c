/* ones.c: all 1. */
#include "runtime/kinds/initializers/draw.h"
#include "runtime/tensor/kernels.h"

static void ones_fill(const void *args, const Shape *shape, RngKey key, float *out)
{
    (void)args, (void)key;
    kernels()->fill(shape_size(shape), 1.0f, out);
}

const InitializerKind initializer_ones = {
    .kind = {.name = "ones", .keras = "Ones", .family = FAMILY_INITIALIZER, .help = "all 1",
             .example = "dense(8, bias_initializer=ones)"},
    .fill = ones_fill,
};
