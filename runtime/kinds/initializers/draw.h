/* What the initializers share: fans of a shape, keys, and draws over a whole weight. */
#ifndef NNL_KINDS_INITIALIZERS_DRAW_H
#define NNL_KINDS_INITIALIZERS_DRAW_H

#include "runtime/kinds/kind.h"

#define SEED_OF(S) ARG_INT(S, seed, .none = true, .fallback = "none", .help = "a seed of its own: the same values wherever it is given")

/* Where a seed is given, values depend on it alone. */
RngKey draw_key(RngKey key, int64_t seed);
void draw_uniform(const Shape *shape, RngKey key, double low, double high, float *out);
void draw_normal(const Shape *shape, RngKey key, double mean, double stddev, float *out);
/* Drawn again until within two stddev. */
void draw_truncated(const Shape *shape, RngKey key, double mean, double stddev, float *out);

typedef enum { FAN_IN, FAN_OUT, FAN_AVG } FanMode;
typedef enum { SCALED_UNIFORM, SCALED_TRUNCATED, SCALED_UNTRUNCATED } ScaledDraw;

/* rank 1: both n; [a, b]: a and b; more: the product of all but the last two times each of those. */
void draw_fans(const Shape *shape, double *fan_in, double *fan_out);
/* s = scale / max(1, n), n the fan of the mode: uniform to sqrt(3 s), or a normal of standard deviation sqrt(s) after the cut. */
void draw_scaled(const Shape *shape, RngKey key, double scale, FanMode mode, ScaledDraw draw, float *out);

/* glorot, he and lecun take a seed and nothing else. */
typedef struct {
    int64_t seed;
} SeedArgs;
extern const ArgSpec seed_args[];

#endif
