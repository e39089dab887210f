/* spatial_dropout1d.c: in training a whole feature of a sequence is kept at every step, with probability 1 - rate, and divided by
 * that, or set to 0 at every step.   x, y [B, T, F] */
#include "runtime/kinds/layers/layer.h"
#include "runtime/tensor/kernels.h"

typedef struct {
    double rate;
    int64_t seed;
} SpatialDropout1dArgs;

static const ArgSpec args[] = {
    ARG_FLOAT(SpatialDropout1dArgs, rate, .required = true, .min = 0, .max = 1, .usual_min = 0, .usual_max = 0.5,
              .help = "the share of features set to 0 in training"),
    SEED_ARG(SpatialDropout1dArgs),
    ARG_END,
};

static bool spatial_dropout1d_infer(const Infer *infer, Call *call)
{
    if (!need_sequence(infer, call, 0)) return false;
    call->out[0]->shape = call->in[0]->shape;
    return true;
}

static int64_t features(const Call *call) { return shape_last(&call->in[0]->shape) * call->in[0]->shape.rows; }

static size_t spatial_dropout1d_scratch(const Call *call, int64_t rows)
{
    int64_t samples = rows / call->in[0]->shape.rows;
    return (size_t)((samples * ((features(call) + 7) / 8) + 3) / 4);
}

static int spatial_dropout1d_tasks(const Call *call, int64_t rows, bool backward, int pass)
{
    (void)backward, (void)pass;
    return tasks_for(rows / call->in[0]->shape.rows, 2 * shape_size(&call->in[0]->shape) * call->in[0]->shape.rows);
}

static void run(const Work *work, const float *x, float *y, bool backward)
{
    const SpatialDropout1dArgs *a = work->args;
    const Shape *shape = &work->call->in[0]->shape;
    int64_t f = shape_last(shape), steps = shape->dim[0], each = shape->rows, size = steps * f * each, bytes = (f * each + 7) / 8, from, to;
    task_slice(work, work->samples, &from, &to);
    if (work->mode == MODE_INFER || a->rate == 0) {
        if (x != y) kernels()->copy((to - from) * size, x + from * size, y + from * size);
        return;
    }
    if (a->rate == 1) {
        kernels()->fill((to - from) * size, 0.0f, y + from * size);
        return;
    }
    uint8_t *kept = (uint8_t *)work->scratch + from * bytes;
    if (!backward) {
        RngKey key = layer_key(work, a->seed);
        kernels()->dropout_mask(&key, (uint32_t)(work->first_sample + from), to - from, f * each, (float)a->rate, kept);
    }
    float scale = (float)(1.0 / (1.0 - a->rate));
    for (int64_t i = from; i < to; i++, kept += bytes) {
        for (int64_t at = 0; at < size; at++) {
            int64_t k = at / (steps * f) * f + at % f;
            y[i * size + at] = kept[k / 8] >> (k % 8) & 1 ? x[i * size + at] * scale : 0.0f;
        }
    }
}

static void spatial_dropout1d_forward(const Work *work) { run(work, work->x[0], work->y[0], false); }

static void spatial_dropout1d_backward(const Work *work)
{
    if (work->dx[0]) run(work, work->dy[0], work->dx[0], true);
}

static const LayerCase cases[] = {
    {.args = "0.3", .shapes = "[3, 5]", .mode = MODE_TRAIN},
    {.args = "0.3", .shapes = "[3, 5]", .masked = true, .mode = MODE_INFER},
    {0},
};

const LayerKind layer_spatial_dropout1d = {
    .kind = {.name = "spatial_dropout1d", .keras = "SpatialDropout1D", .family = FAMILY_LAYER,
             .help = "sets whole features of a sequence to 0 at random in training", .example = "spatial_dropout1d(0.2)", .args = args,
             .args_size = sizeof(SpatialDropout1dArgs)},
    .infer = spatial_dropout1d_infer,
    .scratch = spatial_dropout1d_scratch,
    .mask = MASK_PASS,
    .reads = READS_SCRATCH,
    .in_place = true,
    .only_in_training = true,
    .n_streams = 1,
    .tasks = spatial_dropout1d_tasks,
    .forward = spatial_dropout1d_forward,
    .backward = spatial_dropout1d_backward,
    .cases = cases,
};
