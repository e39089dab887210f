/* draw.c: what the initializers share; see draw.h. */
#include "runtime/kinds/initializers/draw.h"
#include "runtime/tensor/kernels.h"

#include <math.h>

const ArgSpec seed_args[] = {SEED_OF(SeedArgs), ARG_END};

RngKey draw_key(RngKey key, int64_t seed)
{
    if (seed == ARG_NO_INT) return key;
    return (RngKey){.seed = (uint64_t)seed, .stream = rng_stream("initializer")};
}

void draw_uniform(const Shape *shape, RngKey key, double low, double high, float *out)
{
    kernels()->uniform(&key, 0, 0, shape_size(shape), (float)low, (float)high, out);
}

void draw_normal(const Shape *shape, RngKey key, double mean, double stddev, float *out)
{
    kernels()->normal(&key, 0, 0, shape_size(shape), (float)mean, (float)stddev, out);
}

void draw_truncated(const Shape *shape, RngKey key, double mean, double stddev, float *out)
{
    kernels()->truncated_normal(&key, 0, 0, shape_size(shape), (float)mean, (float)stddev, out);
}

void draw_fans(const Shape *shape, double *fan_in, double *fan_out)
{
    *fan_in = *fan_out = 1;
    if (shape->rank == 1) *fan_in = *fan_out = (double)shape->dim[0];
    if (shape->rank < 2) return;
    double receptive = 1;
    for (int i = 0; i < shape->rank - 2; i++) receptive *= (double)shape->dim[i];
    *fan_in = receptive * (double)shape->dim[shape->rank - 2];
    *fan_out = receptive * (double)shape->dim[shape->rank - 1];
}

void draw_scaled(const Shape *shape, RngKey key, double scale, FanMode mode, ScaledDraw draw, float *out)
{
    double in, all;
    draw_fans(shape, &in, &all);
    double n = mode == FAN_IN ? in : mode == FAN_OUT ? all : (in + all) / 2;
    double s = scale / (n > 1 ? n : 1);
    double limit = sqrt(3 * s), deviation = sqrt(s);
    if (draw == SCALED_UNIFORM) draw_uniform(shape, key, -limit, limit, out);
    /* The deviation of a standard normal cut at 2 is 0.87962566103423978. */
    else if (draw == SCALED_TRUNCATED) draw_truncated(shape, key, 0, deviation / 0.87962566103423978, out);
    else draw_normal(shape, key, 0, deviation, out);
}
