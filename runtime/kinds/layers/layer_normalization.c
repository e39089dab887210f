/* layer_normalization.c: the numbers of one sample along some axes brought to mean 0 and variance 1, then scaled and moved.
 *   y = (x - m) / sqrt(v + epsilon) * gamma + beta        m and v (biased) over the axes, gamma and beta of their lengths
 *   rms_scaling: y = x / sqrt(v + epsilon) * gamma, where v is still the variance about m
 * A mask goes on and changes nothing.
 *
 * A row is seen as groups of n numbers, each with an m and a v of its own. Where the axes are the last ones a group lies in one piece;
 * else its numbers are brought together in a line of scratch and put back.
 *
 * Backward, with h = (x - m) r and r = 1 / sqrt(v + epsilon), u = h (rms_scaling: x r), g = dy gamma:
 *   dx = r (g - mean g - h mean(g u))        rms_scaling: without mean g
 *   dgamma = sum dy u      dbeta = sum dy     over all groups: sums of slices of rows, then their combination in order (one task) */
#include "runtime/kinds/layers/layer.h"
#include "runtime/tensor/kernels.h"

#include <math.h>

typedef struct {
    ArgInts axis;
    double epsilon;
    bool center, scale, rms_scaling;
    KindRef beta_initializer, gamma_initializer, beta_regularizer, gamma_regularizer, beta_constraint, gamma_constraint;
} LayerNormArgs;

static const ArgSpec args[] = {
    ARG_INTS(LayerNormArgs, axis, .fallback = "-1", .least = 1, .most = SHAPE_MAX_RANK,
             .help = "the axes whose numbers are normalised together; the batch counts as 0, -1 is the last"),
    ARG_FLOAT(LayerNormArgs, epsilon, .fallback = "0.001", .min = 0, .max = 1e30, .min_open = true, .help = "added to the variance"),
    ARG_BOOL(LayerNormArgs, center, true, .help = "learn an offset for each place"),
    ARG_BOOL(LayerNormArgs, scale, true, .help = "learn a factor for each place"),
    ARG_BOOL(LayerNormArgs, rms_scaling, false, .help = "only scale: neither take the mean away nor learn an offset"),
    ARG_KIND(LayerNormArgs, beta_initializer, INITIALIZER, "zeros", .help = "first values of the offsets"),
    ARG_KIND(LayerNormArgs, gamma_initializer, INITIALIZER, "ones", .help = "first values of the factors"),
    REGULARIZER_ARG(LayerNormArgs, beta_regularizer, .help = "penalty on large offsets"),
    REGULARIZER_ARG(LayerNormArgs, gamma_regularizer, .help = "penalty on large factors"),
    CONSTRAINT_ARG(LayerNormArgs, beta_constraint, .help = "a rule that the offsets must keep"),
    CONSTRAINT_ARG(LayerNormArgs, gamma_constraint, .help = "a rule that the factors must keep"),
    ARG_END,
};

static bool has_gamma(const LayerNormArgs *a) { return a->scale || a->rms_scaling; }
static bool has_beta(const LayerNormArgs *a) { return a->center && !a->rms_scaling; }

/* Axis i of the argument as an index into dim. */
static int norm_axis(const Call *call, size_t i)
{
    const LayerNormArgs *a = call->layer->args;
    return (int)(a->axis.at[i] < 0 ? a->axis.at[i] + call->in[0]->shape.rank : a->axis.at[i] - 1);
}

static bool layer_norm_infer(const Infer *infer, Call *call)
{
    const LayerNormArgs *a = call->layer->args;
    const Shape *shape = &call->in[0]->shape;
    unsigned seen = 0;
    for (size_t i = 0; i < a->axis.n; i++) {
        int axis;
        if (!axis_index(infer, call, a->axis.at[i], shape, &axis)) return false;
        if (seen >> axis & 1) {
            Diag *e = diag(infer->diags, E0304, infer->span, A("layer", call_said(call)), AI("axis", a->axis.at[i]), AI("number", axis + 1),
                           A("input", wire_said(infer->arena, call->in[0])), A("shape", shape_text(infer->arena, shape)));
            diag_primary(e, E0304_twice);
            return false;
        }
        seen |= 1u << axis;
        if (!need_length(infer, call, 0, axis)) return false;
    }
    call->out[0]->shape = *shape;
    return true;
}

/* The lengths stand in the order of the argument; the numbers always lie in the order of the axes, as in Keras. */
static void layer_norm_weights(const Layer *layer, const Call *call, WeightList *list)
{
    const LayerNormArgs *a = layer->args;
    int64_t lengths[SHAPE_MAX_RANK];
    for (size_t i = 0; i < a->axis.n; i++) lengths[i] = call->in[0]->shape.dim[norm_axis(call, i)];
    Shape shape = shape_of((int)a->axis.n, lengths);
    if (has_gamma(a)) {
        WeightSpec *gamma = weight_add(list, "gamma", shape, a->gamma_initializer);
        gamma->regularizer = a->gamma_regularizer;
        gamma->constraint = a->gamma_constraint;
    }
    if (has_beta(a)) {
        WeightSpec *beta = weight_add(list, "beta", shape, a->beta_initializer);
        beta->regularizer = a->beta_regularizer;
        beta->constraint = a->beta_constraint;
    }
}

/* ---- Groups -------------------------------------------------------------------------------------------------------- */

/* Some axes of a row, in their order. */
typedef struct {
    int n_axes;
    int64_t length[SHAPE_MAX_RANK], stride[SHAPE_MAX_RANK], n; /* n: places along them all */
} Axes;

typedef struct {
    Axes inside, outside; /* the axes that are normalised together, and the others */
    bool in_one_piece;
} Groups;

static Groups groups_of(const Call *call)
{
    const LayerNormArgs *a = call->layer->args;
    const Shape *shape = &call->in[0]->shape;
    unsigned chosen = 0;
    for (size_t i = 0; i < a->axis.n; i++) chosen |= 1u << norm_axis(call, i);
    Groups groups = {.inside.n = 1, .outside.n = 1, .in_one_piece = true};
    int64_t stride = shape_size(shape);
    for (int i = 0; i < shape->rank; i++) {
        Axes *axes = chosen >> i & 1 ? &groups.inside : &groups.outside;
        stride /= shape->dim[i];
        axes->length[axes->n_axes] = shape->dim[i];
        axes->stride[axes->n_axes++] = stride;
        axes->n *= shape->dim[i];
        if (axes == &groups.outside && groups.inside.n_axes) groups.in_one_piece = false;
    }
    return groups;
}

/* Where place `at` along the axes lies in a row. */
static int64_t offset_of(const Axes *axes, int64_t at)
{
    int64_t offset = 0;
    for (int i = axes->n_axes - 1; i >= 0; i--) {
        offset += at % axes->length[i] * axes->stride[i];
        at /= axes->length[i];
    }
    return offset;
}

/* Where group `at`, counted over all rows, begins. */
static int64_t begin_of(const Groups *groups, int64_t at)
{
    if (groups->in_one_piece) return at * groups->inside.n;
    int64_t row = at / groups->outside.n;
    return row * groups->outside.n * groups->inside.n + offset_of(&groups->outside, at % groups->outside.n);
}

/* A group's numbers in one piece: where they lie, or brought together in `line`, a run along its last axis at a time. */
static const float *gathered(const Groups *groups, const float *group, float *line)
{
    if (groups->in_one_piece) return group;
    const Axes *inside = &groups->inside;
    int64_t run = inside->length[inside->n_axes - 1], stride = inside->stride[inside->n_axes - 1];
    for (int64_t at = 0; at < inside->n; at += run) {
        const float *from = group + offset_of(inside, at);
        for (int64_t i = 0; i < run; i++) line[at + i] = from[i * stride];
    }
    return line;
}

/* Puts a line back, unless it is the group itself. */
static void scatter(const Groups *groups, const float *line, float *group)
{
    if (groups->in_one_piece) return;
    const Axes *inside = &groups->inside;
    int64_t run = inside->length[inside->n_axes - 1], stride = inside->stride[inside->n_axes - 1];
    for (int64_t at = 0; at < inside->n; at += run) {
        float *to = group + offset_of(inside, at);
        for (int64_t i = 0; i < run; i++) to[i * stride] = line[at + i];
    }
}

/* ---- Work ---------------------------------------------------------------------------------------------------------- */

/* Slices of the groups of all rows, by shape alone. Each has lines of its own in scratch, so it holds a few groups at least. */
static int slices_of(const Groups *groups, int64_t rows)
{
    enum { LEAST_GROUPS = 4 };
    return tasks_for(rows * groups->outside.n / LEAST_GROUPS, 8 * LEAST_GROUPS * groups->inside.n);
}

/* How a group's numbers are normalised: h = r (x - m) + rest. m is the mean as a float, and rest gives back what that rounding took. */
typedef struct {
    float m, r, rest;
} Norm;

/* scratch: the Norm of each group; then for each slice its part of dgamma and dbeta, and lines of n numbers to work in. */
enum { NORM_FLOATS = sizeof(Norm) / sizeof(float) };
enum { SUM_GAMMA, SUM_BETA, LINE_H, LINE_U, LINE_DY, LINE_G, N_LINES };

static size_t layer_norm_scratch(const Call *call, int64_t rows)
{
    Groups groups = groups_of(call);
    return (size_t)(NORM_FLOATS * rows * groups.outside.n + slices_of(&groups, rows) * N_LINES * groups.inside.n);
}

static float *line_of(const Work *work, const Groups *groups, int slice, int which)
{
    return work->scratch + NORM_FLOATS * work->rows * groups->outside.n + (slice * N_LINES + which) * groups->inside.n;
}

static Norm *norm_of(const Work *work, int64_t group) { return (Norm *)(void *)work->scratch + group; }

static int layer_norm_tasks(const Call *call, int64_t rows, bool backward, int pass)
{
    Groups groups = groups_of(call);
    return backward && pass == 1 ? 1 : slices_of(&groups, rows);
}

static void layer_norm_forward(const Work *work)
{
    const LayerNormArgs *a = work->args;
    const Kernels *k = kernels();
    Groups groups = groups_of(work->call);
    int64_t from, to, n = groups.inside.n;
    const float *gamma = has_gamma(a) ? work->w[0] : NULL, *beta = has_beta(a) ? work->w[has_gamma(a)] : NULL;
    float *line = line_of(work, &groups, work->task, LINE_H), *result = line_of(work, &groups, work->task, LINE_U);
    task_slice(work, work->rows * groups.outside.n, &from, &to);
    for (int64_t at = from; at < to; at++) {
        int64_t begin = begin_of(&groups, at);
        const float *x = gathered(&groups, work->x[0] + begin, line);
        float *y = groups.in_one_piece ? work->y[0] + begin : result;
        double mean = k->sum(n, x) / (double)n;
        Norm *norm = norm_of(work, at);
        norm->m = (float)mean;
        k->affine(n, 1.0f, -norm->m, x, y);
        double lost = mean - (double)norm->m, variance = k->sum_squares(n, y) / (double)n - lost * lost;
        double r = 1 / sqrt((variance > 0 ? variance : 0) + a->epsilon);
        norm->r = (float)r;
        norm->rest = (float)(-r * lost);
        if (a->rms_scaling) k->scale(n, norm->r, x, y);
        else k->affine(n, norm->r, norm->rest, y, y);
        if (gamma) k->mul(n, y, gamma, y);
        if (beta) k->add(n, y, beta, y);
        scatter(&groups, y, work->y[0] + begin);
    }
}

/* One slice: dx, and its part of dgamma and dbeta. */
static void backward_slice(const Work *work)
{
    const LayerNormArgs *a = work->args;
    const Kernels *k = kernels();
    Groups groups = groups_of(work->call);
    int64_t from, to, n = groups.inside.n;
    float *lines[N_LINES];
    for (int i = 0; i < N_LINES; i++) lines[i] = line_of(work, &groups, work->task, i);
    float *h = lines[LINE_H];
    k->fill(n, 0.0f, lines[SUM_GAMMA]);
    k->fill(n, 0.0f, lines[SUM_BETA]);
    task_slice(work, work->rows * groups.outside.n, &from, &to);
    for (int64_t at = from; at < to; at++) {
        int64_t begin = begin_of(&groups, at);
        Norm norm = *norm_of(work, at);
        const float *x = gathered(&groups, work->x[0] + begin, h), *dy = gathered(&groups, work->dy[0] + begin, lines[LINE_DY]);
        const float *u = a->rms_scaling ? lines[LINE_U] : h, *g = has_gamma(a) ? lines[LINE_G] : dy;
        if (a->rms_scaling) k->scale(n, norm.r, x, lines[LINE_U]);
        k->affine(n, 1.0f, -norm.m, x, h);
        k->affine(n, norm.r, norm.rest, h, h);
        if (has_gamma(a)) k->mul_add(n, dy, u, lines[SUM_GAMMA]);
        if (has_beta(a)) k->add(n, lines[SUM_BETA], dy, lines[SUM_BETA]);
        if (!work->dx[0]) continue;
        if (has_gamma(a)) k->mul(n, dy, work->w[0], lines[LINE_G]);
        float of_1 = a->rms_scaling ? 0.0f : (float)(k->sum(n, g) / (double)n), of_h = (float)(k->dot(n, g, u) / (double)n);
        float *dx = groups.in_one_piece ? work->dx[0] + begin : h;
        k->affine(n, -of_h, -of_1, h, dx);
        k->add(n, g, dx, dx);
        k->scale(n, norm.r, dx, dx);
        scatter(&groups, dx, work->dx[0] + begin);
    }
}

/* The slices' parts, in order. */
static void put_sums(const Work *work, int part, float *dw)
{
    if (!dw) return;
    Groups groups = groups_of(work->call);
    for (int slice = 0; slice < slices_of(&groups, work->rows); slice++) {
        const float *sums = line_of(work, &groups, slice, part);
        if (slice == 0 && !work->dw_add) kernels()->copy(groups.inside.n, sums, dw);
        else kernels()->add(groups.inside.n, dw, sums, dw);
    }
}

static void layer_norm_backward(const Work *work)
{
    const LayerNormArgs *a = work->args;
    if (work->pass == 0) {
        backward_slice(work);
        return;
    }
    if (has_gamma(a)) put_sums(work, SUM_GAMMA, work->dw[0]);
    if (has_beta(a)) put_sums(work, SUM_BETA, work->dw[has_gamma(a)]);
}

static const LayerCase cases[] = {
    {.args = "", .shapes = "[4]"},
    {.args = "epsilon=0.1, scale=false", .shapes = "[3, 4]", .masked = true},
    {.args = "axis=1, center=false", .shapes = "[3, 2]"},
    {.args = "axis=[1, 3]", .shapes = "[3, 2, 2]"},
    {.args = "axis=[1, 2], rms_scaling=true", .shapes = "[3, 2]"},
    {.args = "axis=-2, rms_scaling=true", .shapes = "[3, 2]"},
    {0},
};

const LayerKind layer_layer_normalization = {
    .kind = {.name = "layer_normalization", .keras = "LayerNormalization", .family = FAMILY_LAYER,
             .help = "brings the features of each sample to mean 0 and variance 1", .example = "layer_normalization", .args = args,
             .args_size = sizeof(LayerNormArgs)},
    .infer = layer_norm_infer,
    .weights = layer_norm_weights,
    .scratch = layer_norm_scratch,
    .mask = MASK_PASS,
    .reads = READS_X | READS_SCRATCH,
    .passes_backward = 2,
    .tasks = layer_norm_tasks,
    .forward = layer_norm_forward,
    .backward = layer_norm_backward,
    .cases = cases,
};
