/* identity.c: gain on the diagonal of a matrix, else 0. */
#include "runtime/kinds/initializers/draw.h"
#include "runtime/tensor/kernels.h"

typedef struct {
    double gain;
} Args;

static const ArgSpec args_of[] = {
    ARG_FLOAT(Args, gain, .fallback = "1.0", .help = "the numbers of the diagonal"),
    ARG_END,
};

static void identity_fill(const void *args, const Shape *shape, RngKey key, float *out)
{
    (void)key;
    kernels()->fill(shape_size(shape), 0.0f, out);
    if (shape->rank != 2) return;
    int64_t n = shape->dim[0] < shape->dim[1] ? shape->dim[0] : shape->dim[1];
    for (int64_t i = 0; i < n; i++) out[i * shape->dim[1] + i] = (float)((const Args *)args)->gain;
}

const InitializerKind initializer_identity = {
    .kind = {.name = "identity", .keras = "Identity|IdentityInitializer", .family = FAMILY_INITIALIZER, .help = "a matrix of 0 with the gain on its diagonal",
             .example = "dense(8, kernel_initializer=identity)", .args = args_of, .args_size = sizeof(Args)},
    .fill = identity_fill,
};
