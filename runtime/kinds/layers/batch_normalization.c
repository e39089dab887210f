/* batch_normalization.c: each place of an axis brought to mean 0 and variance 1 over the batch, then scaled and moved.
 *   y = (x - m) / sqrt(v + epsilon) * gamma + beta        x seen as [outer, C, inner], C the length of the axis
 * Training: m and v (biased, divisor n) over all but the axis, and moving = moving * momentum + batch * (1 - momentum). Prediction, and a
 * layer that is not trained: the moving values. With a mask, m = sum(valid x) / (n_valid + 1e-7), v likewise about that m.
 *
 * Passes forward: sums of slices of rows; their combination in order, the moving values and the factors of each channel (one task); the
 * result. Backward likewise. Sums are doubles: sum x^2 - m (2 sum x - n m) loses nothing that float32 had. */
#include "runtime/kinds/layers/layer.h"
#include "runtime/tensor/kernels.h"

#include <math.h>
#include <string.h>

typedef struct {
    int64_t axis;
    double momentum, epsilon;
    bool center, scale;
    KindRef beta_initializer, gamma_initializer, moving_mean_initializer, moving_variance_initializer;
    KindRef beta_regularizer, gamma_regularizer, beta_constraint, gamma_constraint;
    bool synchronized;
} BatchNormArgs;

#define MASK_EPSILON 1e-7

static const ArgSpec args[] = {
    ARG_INT(BatchNormArgs, axis, .fallback = "-1", .help = "the axis that keeps its places apart; the batch counts as 0"),
    ARG_FLOAT(BatchNormArgs, momentum, .fallback = "0.99", .min = 0, .max = 1, .help = "how much of the old moving values stays at each step"),
    ARG_FLOAT(BatchNormArgs, epsilon, .fallback = "0.001", .min = 0, .max = 1e30, .min_open = true, .help = "added to the variance"),
    ARG_BOOL(BatchNormArgs, center, true, .help = "learn an offset for each place"),
    ARG_BOOL(BatchNormArgs, scale, true, .help = "learn a factor for each place"),
    ARG_KIND(BatchNormArgs, beta_initializer, INITIALIZER, "zeros", .help = "first values of the offsets"),
    ARG_KIND(BatchNormArgs, gamma_initializer, INITIALIZER, "ones", .help = "first values of the factors"),
    ARG_KIND(BatchNormArgs, moving_mean_initializer, INITIALIZER, "zeros", .help = "first values of the moving mean"),
    ARG_KIND(BatchNormArgs, moving_variance_initializer, INITIALIZER, "ones", .help = "first values of the moving variance"),
    REGULARIZER_ARG(BatchNormArgs, beta_regularizer, .help = "penalty on large offsets"),
    REGULARIZER_ARG(BatchNormArgs, gamma_regularizer, .help = "penalty on large factors"),
    CONSTRAINT_ARG(BatchNormArgs, beta_constraint, .help = "a rule that the offsets must keep"),
    CONSTRAINT_ARG(BatchNormArgs, gamma_constraint, .help = "a rule that the factors must keep"),
    ARG_BOOL(BatchNormArgs, synchronized, false, .help = "statistics over all machines; there is one"),
    ARG_END,
};

static bool batch_norm_infer(const Infer *infer, Call *call)
{
    const BatchNormArgs *a = call->layer->args;
    const Shape *shape = &call->in[0]->shape;
    int axis;
    if (!axis_index(infer, call, a->axis, shape, &axis)) return false;
    call->out[0]->shape = *shape;
    return need_length(infer, call, 0, axis);
}

static int norm_axis(const Call *call)
{
    const BatchNormArgs *a = call->layer->args;
    return (int)(a->axis < 0 ? a->axis + call->in[0]->shape.rank : a->axis - 1);
}

static void batch_norm_weights(const Layer *layer, const Call *call, WeightList *list)
{
    const BatchNormArgs *a = layer->args;
    Shape shape = shape_vector(call->in[0]->shape.dim[norm_axis(call)]);
    if (a->scale) {
        WeightSpec *gamma = weight_add(list, "gamma", shape, a->gamma_initializer);
        gamma->regularizer = a->gamma_regularizer;
        gamma->constraint = a->gamma_constraint;
    }
    if (a->center) {
        WeightSpec *beta = weight_add(list, "beta", shape, a->beta_initializer);
        beta->regularizer = a->beta_regularizer;
        beta->constraint = a->beta_constraint;
    }
    weight_add(list, "moving_mean", shape, a->moving_mean_initializer)->fixed = true;
    weight_add(list, "moving_variance", shape, a->moving_variance_initializer)->fixed = true;
}

/* x seen as [rows * outer, channels, inner]. */
typedef struct {
    int64_t outer, channels, inner, steps; /* outer in one row; steps: of the mask */
} View;

static View view_of(const Call *call)
{
    const Shape *shape = &call->in[0]->shape;
    int axis = norm_axis(call);
    View view = {1, shape->dim[axis], 1, shape->dim[0]};
    for (int i = 0; i < axis; i++) view.outer *= shape->dim[i];
    for (int i = axis + 1; i < shape->rank; i++) view.inner *= shape->dim[i];
    return view;
}

/* Slices of rows whose sums are taken side by side, by shape alone. */
static int slices_of(const Call *call, int64_t rows) { return tasks_for(rows, 4 * row_size(call->in[0])); }

/* scratch: five rows of floats (mean, factor 1 / sqrt(v + e), the three of backward), then for each slice two rows of sums and one
 * count, as doubles. */
enum { MEAN, INVERSE, BACK_Y, BACK_1, BACK_X, N_ROWS };

static size_t batch_norm_scratch(const Call *call, int64_t rows)
{
    int64_t c = view_of(call).channels;
    int64_t floats = (N_ROWS * c + 15) / 16 * 16;
    return (size_t)(floats + 2 * slices_of(call, rows) * (2 * c + 1));
}

static float *row_of(const Work *work, int which) { return work->scratch + which * view_of(work->call).channels; }

/* The sums of a slice: of x (or dy), of x^2 (or dy (x - m)), and at the end the count of valid places. */
static double *sums_of(const Work *work, int slice)
{
    int64_t c = view_of(work->call).channels;
    return (double *)(void *)(work->scratch + (N_ROWS * c + 15) / 16 * 16) + slice * (2 * c + 1);
}

static int batch_norm_tasks(const Call *call, int64_t rows, bool backward, int pass)
{
    (void)backward;
    return pass == 1 ? 1 : slices_of(call, rows);
}

static bool by_batch(const Work *work) { return work->mode == MODE_TRAIN; }

/* Whether place (row, outer, channel, inner) is valid: the step is its first coordinate. */
static bool valid_at(const Work *work, const View *view, int64_t row, int64_t o, int64_t c, int64_t i)
{
    if (!work->mask[0]) return true;
    int64_t at = (o * view->channels + c) * view->inner + i;
    int64_t size = view->outer * view->channels * view->inner;
    return work->mask[0][row * view->steps + at / (size / view->steps)];
}

/* Sums over a slice; first[] and second[] say what: x and x^2, or dy and dy (x - mean). */
static void sum_slice(const Work *work, const float *dy)
{
    View view = view_of(work->call);
    double *sums = sums_of(work, work->task);
    const float *mean = row_of(work, MEAN);
    memset(sums, 0, (size_t)(2 * view.channels + 1) * sizeof *sums);
    double *second = sums + view.channels, count = 0;
    int64_t from, to;
    task_slice(work, work->rows, &from, &to);
    bool masked = work->mask[0] != NULL;
    for (int64_t row = from; row < to; row++)
        for (int64_t o = 0; o < view.outer; o++)
            for (int64_t c = 0; c < view.channels; c++) {
                int64_t at = ((row * view.outer + o) * view.channels + c) * view.inner;
                for (int64_t i = 0; i < view.inner; i++) {
                    double x = (double)work->x[0][at + i];
                    if (dy) {
                        sums[c] += (double)dy[at + i];
                        second[c] += (double)dy[at + i] * (x - (double)mean[c]);
                    } else if (!masked || valid_at(work, &view, row, o, c, i)) {
                        sums[c] += x;
                        second[c] += x * x;
                        count += c == 0;
                    }
                }
            }
    sums[2 * view.channels] = count;
}

/* Adds the slices' sums into the first's, in order. */
static double *combined(const Work *work)
{
    int64_t n = 2 * view_of(work->call).channels + 1;
    double *total = sums_of(work, 0);
    for (int slice = 1; slice < slices_of(work->call, work->rows); slice++) {
        const double *sums = sums_of(work, slice);
        for (int64_t i = 0; i < n; i++) total[i] += sums[i];
    }
    return total;
}

static const float *gamma_of(const Work *work) { return ((const BatchNormArgs *)work->args)->scale ? work->w[0] : NULL; }

/* Place of moving_mean among the weights. */
static int moving_of(const BatchNormArgs *a) { return a->scale + a->center; }

static void statistics(const Work *work)
{
    const BatchNormArgs *a = work->args;
    View view = view_of(work->call);
    float *mean = row_of(work, MEAN), *inverse = row_of(work, INVERSE);
    float *moving_mean = work->w[moving_of(a)], *moving_variance = work->w[moving_of(a) + 1];
    const double *sums = by_batch(work) ? combined(work) : NULL;
    for (int64_t c = 0; c < view.channels; c++) {
        double m = (double)moving_mean[c], v = (double)moving_variance[c];
        if (sums) {
            double valid = sums[2 * view.channels], n = valid + (work->mask[0] ? MASK_EPSILON : 0);
            m = sums[c] / n;
            v = (sums[view.channels + c] - m * (2 * sums[c] - valid * m)) / n;
            if (v < 0) v = 0;
            moving_mean[c] = (float)((double)moving_mean[c] * a->momentum + m * (1 - a->momentum));
            moving_variance[c] = (float)((double)moving_variance[c] * a->momentum + v * (1 - a->momentum));
        }
        mean[c] = (float)m;
        inverse[c] = (float)(1 / sqrt(v + a->epsilon));
    }
}

static void batch_norm_forward(const Work *work)
{
    const BatchNormArgs *a = work->args;
    if (work->pass == 0) {
        if (by_batch(work)) sum_slice(work, NULL);
        return;
    }
    if (work->pass == 1) {
        statistics(work);
        return;
    }
    View view = view_of(work->call);
    const float *mean = row_of(work, MEAN), *inverse = row_of(work, INVERSE), *gamma = gamma_of(work);
    const float *beta = a->center ? work->w[a->scale] : NULL;
    int64_t from, to;
    task_slice(work, work->rows, &from, &to);
    for (int64_t o = from * view.outer; o < to * view.outer; o++)
        for (int64_t c = 0; c < view.channels; c++) {
            float factor = gamma ? inverse[c] * gamma[c] : inverse[c], offset = beta ? beta[c] : 0.0f;
            int64_t at = (o * view.channels + c) * view.inner;
            for (int64_t i = 0; i < view.inner; i++) work->y[0][at + i] = (work->x[0][at + i] - mean[c]) * factor + offset;
        }
}

/* dx = dy r g + valid (dm + 2 dv (x - m)) / n, with r = 1 / sqrt(v + e) and
 *   dv = -r^3 g sum dy (x - m) / 2      dm = -r g sum dy - 2 dv (sum valid (x - m)) / n
 * The last sum is 0 but for the 1e-7 of masked counts. BACK_Y, BACK_1, BACK_X hold the factors of dy, 1 and (x - m). */
static void back_factors(const Work *work)
{
    const BatchNormArgs *a = work->args;
    View view = view_of(work->call);
    const double *sums = combined(work);
    const float *inverse = row_of(work, INVERSE), *mean = row_of(work, MEAN), *gamma = gamma_of(work);
    double valid = 0;
    if (by_batch(work)) {
        valid = (double)(work->rows * view.outer * view.inner);
        if (work->mask[0]) {
            valid = 0;
            for (int64_t row = 0; row < work->rows; row++)
                for (int64_t o = 0; o < view.outer; o++)
                    for (int64_t i = 0; i < view.inner; i++) valid += valid_at(work, &view, row, o, 0, i);
        }
    }
    double n = valid + (work->mask[0] ? MASK_EPSILON : 0);
    for (int64_t c = 0; c < view.channels; c++) {
        double r = (double)inverse[c], g = gamma ? (double)gamma[c] : 1;
        double sum_dy = sums[c], sum_dyx = sums[view.channels + c];
        if (a->scale && work->dw[0]) work->dw[0][c] = (work->dw_add ? work->dw[0][c] : 0.0f) + (float)(sum_dyx * r);
        if (a->center && work->dw[a->scale]) work->dw[a->scale][c] = (work->dw_add ? work->dw[a->scale][c] : 0.0f) + (float)sum_dy;
        double dv = -0.5 * r * r * r * g * sum_dyx;
        double left = work->mask[0] ? (double)mean[c] * MASK_EPSILON : 0; /* sum of valid (x - m) */
        double dm = -r * g * sum_dy - 2 * dv * left / n;
        row_of(work, BACK_Y)[c] = (float)(r * g);
        row_of(work, BACK_1)[c] = by_batch(work) ? (float)(dm / n) : 0.0f;
        row_of(work, BACK_X)[c] = by_batch(work) ? (float)(2 * dv / n) : 0.0f;
    }
}

static void batch_norm_backward(const Work *work)
{
    if (work->pass == 0) {
        sum_slice(work, work->dy[0]);
        return;
    }
    if (work->pass == 1) {
        back_factors(work);
        return;
    }
    if (!work->dx[0]) return;
    View view = view_of(work->call);
    const float *mean = row_of(work, MEAN), *of_y = row_of(work, BACK_Y), *of_1 = row_of(work, BACK_1), *of_x = row_of(work, BACK_X);
    int64_t from, to;
    task_slice(work, work->rows, &from, &to);
    for (int64_t row = from; row < to; row++)
        for (int64_t o = 0; o < view.outer; o++)
            for (int64_t c = 0; c < view.channels; c++) {
                int64_t at = ((row * view.outer + o) * view.channels + c) * view.inner;
                for (int64_t i = 0; i < view.inner; i++) {
                    float dx = work->dy[0][at + i] * of_y[c];
                    if (!work->mask[0] || valid_at(work, &view, row, o, c, i)) dx += of_1[c] + of_x[c] * (work->x[0][at + i] - mean[c]);
                    work->dx[0][at + i] = dx;
                }
            }
}

static const LayerCase cases[] = {
    {.args = "", .shapes = "[3]", .mode = MODE_TRAIN},
    {.args = "momentum=0.9, epsilon=0.01", .shapes = "[3, 2]", .masked = true, .mode = MODE_TRAIN},
    {.args = "axis=1, scale=false", .shapes = "[3, 2]", .mode = MODE_TRAIN},
    {.args = "center=false", .shapes = "[3]", .mode = MODE_INFER},
    {.args = "", .shapes = "[2, 3]", .mode = MODE_FROZEN},
    {0},
};

const LayerKind layer_batch_normalization = {
    .kind = {.name = "batch_normalization", .keras = "BatchNormalization", .family = FAMILY_LAYER,
             .help = "brings each feature to mean 0 and variance 1 over the batch", .example = "batch_normalization", .args = args,
             .args_size = sizeof(BatchNormArgs)},
    .infer = batch_norm_infer,
    .weights = batch_norm_weights,
    .scratch = batch_norm_scratch,
    .mask = MASK_PASS,
    .uses_mask = true,
    .reads = READS_X | READS_SCRATCH,
    .over_batch = true,
    .passes_forward = 3,
    .passes_backward = 3,
    .tasks = batch_norm_tasks,
    .forward = batch_norm_forward,
    .backward = batch_norm_backward,
    .cases = cases,
};
