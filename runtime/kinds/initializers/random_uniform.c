/* random_uniform.c: U(minval, maxval). */
#include "runtime/kinds/initializers/draw.h"

typedef struct {
    double minval, maxval;
    int64_t seed;
} Args;

static const ArgSpec args_of[] = {
    ARG_FLOAT(Args, minval, .fallback = "-0.05", .help = "the smallest"),
    ARG_FLOAT(Args, maxval, .fallback = "0.05", .help = "the largest"),
    SEED_OF(Args),
    ARG_END,
};

static void random_uniform_fill(const void *args, const Shape *shape, RngKey key, float *out)
{
    const Args *a = args;
    draw_uniform(shape, draw_key(key, a->seed), a->minval, a->maxval, out);
}

const InitializerKind initializer_random_uniform = {
    .kind = {.name = "random_uniform", .keras = "RandomUniform", .family = FAMILY_INITIALIZER, .help = "draws that are equally likely between two numbers",
             .example = "embedding(100, 8, embeddings_initializer=random_uniform(-0.1, 0.1))", .args = args_of, .args_size = sizeof(Args),
             .aliases = "uniform"},
    .fill = random_uniform_fill,
};
