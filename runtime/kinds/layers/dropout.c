/* dropout.c: in training, each number is kept with probability 1 - rate and divided by that, else set to 0. In prediction the
 * identity. noise_shape (the batch first) draws once for an axis where it says 1.   x, y [B, …] */
#include "runtime/kinds/layers/layer.h"
#include "runtime/tensor/kernels.h"

#include <string.h>

typedef struct {
    double rate;
    ArgInts noise_shape;
    int64_t seed;
} DropoutArgs;

static const ArgSpec args[] = {
    ARG_FLOAT(DropoutArgs, rate, .required = true, .min = 0, .max = 1, .usual_min = 0, .usual_max = 0.5,
              .help = "the share of numbers set to 0 in training"),
    ARG_INTS(DropoutArgs, noise_shape, .none = true, .min = 1, .max = 1e15, .help = "axes that share one draw have 1 here, the batch first"),
    SEED_ARG(DropoutArgs),
    ARG_END,
};

static bool dropout_infer(const Infer *infer, Call *call)
{
    const DropoutArgs *a = call->layer->args;
    const Shape *shape = &call->in[0]->shape;
    call->out[0]->shape = *shape;
    if (a->noise_shape.n == 0) return true;
    bool fits = a->noise_shape.n == (size_t)shape->rank + 1 && (a->noise_shape.at[0] == 1 || a->noise_shape.at[0] == ARG_NO_INT);
    for (int i = 0; fits && i < shape->rank; i++) {
        int64_t n = a->noise_shape.at[i + 1];
        fits = n == 1 || n == ARG_NO_INT || n == shape->dim[i] || shape->dim[i] == DIM_UNKNOWN;
    }
    if (fits) return true;
    Buf example = buf_in(infer->arena);
    buf_put(&example, "[none");
    for (int i = 0; i < shape->rank; i++) {
        if (shape->dim[i] == DIM_UNKNOWN || (i == 0 && shape->rank > 1)) buf_put(&example, ", 1");
        else buf_printf(&example, ", %lld", (long long)shape->dim[i]);
    }
    buf_char(&example, ']');
    Span at = call->layer->arg_spans && call->layer->arg_spans[1].source ? call->layer->arg_spans[1] : infer->span;
    Diag *e = diag(infer->diags, E0313, at, A("layer", call->layer->kind->kind.name), A("input", wire_said(infer->arena, call->in[0])),
                   A("shape", shape_text(infer->arena, shape)), A("example", example.at));
    diag_primary(e, E0313_here);
    diag_note(e, E0313_note);
    return false;
}

/* Numbers and bytes of decisions of one sample. */
static int64_t sample_size(const Call *call) { return call->in[0]->shape.rows * row_size(call->in[0]); }

static int64_t sample_bytes(const Call *call) { return (sample_size(call) + 7) / 8; }

static size_t dropout_scratch(const Call *call, int64_t rows)
{
    int64_t samples = rows / call->in[0]->shape.rows;
    return (size_t)((samples * sample_bytes(call) + 3) / 4);
}

static int dropout_tasks(const Call *call, int64_t rows, bool backward, int pass)
{
    (void)backward, (void)pass;
    return tasks_for(rows / call->in[0]->shape.rows, 4 * sample_size(call));
}

/* The decisions for one sample where draws are shared: bit i of `kept` for number i. The draw of a place is that of its coordinates
 * with shared axes set to 0. A shared batch axis draws for the first sample of the batch. */
static void shared_decisions(const Work *work, RngKey key, int64_t sample, uint8_t *kept)
{
    const DropoutArgs *a = work->args;
    const Shape *shape = &work->call->in[0]->shape;
    int64_t stride[SHAPE_MAX_RANK], n_draws = 1;
    for (int i = shape->rank - 1; i >= 0; i--) {
        bool shared = a->noise_shape.at[i + 1] == 1;
        stride[i] = shared ? 0 : n_draws;
        if (!shared) n_draws *= shape->dim[i];
    }
    uint32_t place = (uint32_t)(work->first_sample + (a->noise_shape.at[0] == 1 ? 0 : sample));
    int64_t size = row_size(work->call->in[0]);
    memset(kept, 0, (size_t)sample_bytes(work->call));
    for (int64_t row = 0; row < shape->rows; row++) {
        uint16_t bits[1];
        for (int64_t i = 0; i < size; i++) {
            int64_t rest = i, draw = 0;
            for (int axis = shape->rank - 1; axis >= 0; axis--) {
                draw += rest % shape->dim[axis] * stride[axis];
                rest /= shape->dim[axis];
            }
            rng_bits16(&key, place, row * n_draws + draw, 1, bits);
            int64_t at = row * size + i;
            if ((double)bits[0] >= a->rate * 65536.0 - 0.5) kept[at / 8] |= (uint8_t)(1u << (at % 8));
        }
    }
}

static void apply_kept(const uint8_t *kept, int64_t n, double rate, const float *x, float *y)
{
    float scale = (float)(1.0 / (1.0 - rate));
    for (int64_t i = 0; i < n; i++) y[i] = kept[i / 8] >> (i % 8) & 1 ? x[i] * scale : 0.0f;
}

static void dropout_run(const Work *work, const float *x, float *y, bool backward)
{
    const DropoutArgs *a = work->args;
    int64_t from, to, n = sample_size(work->call);
    task_slice(work, work->samples, &from, &to);
    x += from * n, y += from * n;
    uint8_t *kept = (uint8_t *)work->scratch + from * sample_bytes(work->call);
    if (work->mode == MODE_INFER || a->rate == 0) {
        if (x != y) kernels()->copy((to - from) * n, x, y);
    } else if (a->rate == 1) {
        kernels()->fill((to - from) * n, 0.0f, y);
    } else if (a->noise_shape.n > 0) {
        RngKey key = backward ? (RngKey){0} : layer_key(work, a->seed);
        for (int64_t i = from; i < to; i++, kept += sample_bytes(work->call), x += n, y += n) {
            if (!backward) shared_decisions(work, key, i, kept);
            apply_kept(kept, n, a->rate, x, y);
        }
    } else if (backward) {
        kernels()->dropout_back(to - from, n, (float)a->rate, kept, x, y);
    } else {
        RngKey key = layer_key(work, a->seed);
        kernels()->dropout(&key, (uint32_t)(work->first_sample + from), to - from, n, (float)a->rate, x, y, kept);
    }
}

static void dropout_forward(const Work *work) { dropout_run(work, work->x[0], work->y[0], false); }

static void dropout_backward(const Work *work)
{
    if (work->dx[0]) dropout_run(work, work->dy[0], work->dx[0], true);
}

static const LayerCase cases[] = {
    {.args = "0.3", .shapes = "[7]", .mode = MODE_TRAIN},
    {.args = "0.5, noise_shape=[none, 1, 4], seed=3", .shapes = "[3, 4]", .masked = true, .mode = MODE_TRAIN},
    {.args = "0", .shapes = "[7]", .mode = MODE_TRAIN},
    {.args = "1", .shapes = "[7]", .mode = MODE_TRAIN},
    {.args = "0.3", .shapes = "[7]", .mode = MODE_INFER},
    {0},
};

const LayerKind layer_dropout = {
    .kind = {.name = "dropout", .keras = "Dropout", .family = FAMILY_LAYER, .help = "sets numbers to 0 at random in training, against overfitting",
             .example = "dropout(0.3)", .args = args, .args_size = sizeof(DropoutArgs)},
    .infer = dropout_infer,
    .scratch = dropout_scratch,
    .mask = MASK_PASS,
    .reads = READS_SCRATCH,
    .in_place = true,
    .only_in_training = true,
    .n_streams = 1,
    .tasks = dropout_tasks,
    .forward = dropout_forward,
    .backward = dropout_backward,
    .cases = cases,
};
