/* embedding.c: a learned vector for each whole number.   x [B, …] numbers in 0 … V-1   table [V, D]   y [B, …, D]
 * A number outside the table (refused before training where the data is known) gives NaN, so that it cannot pass unseen. */
#include "runtime/kinds/layers/layer.h"
#include "runtime/tensor/kernels.h"

#include <math.h>
#include <string.h>

typedef struct {
    int64_t input_dim, output_dim;
    KindRef embeddings_initializer, embeddings_regularizer, embeddings_constraint;
    bool mask_zero;
} EmbeddingArgs;

static const ArgSpec args[] = {
    ARG_INT(EmbeddingArgs, input_dim, .none = true, .fallback = "none", .min = 1, .max = 1e15,
            .help = "how many different numbers there are; from the column's categories where left out"),
    ARG_INT(EmbeddingArgs, output_dim, .required = true, .min = 1, .max = 1e15, .help = "how long each number's vector is"),
    ARG_KIND(EmbeddingArgs, embeddings_initializer, INITIALIZER, "random_uniform", .help = "first values of the vectors"),
    REGULARIZER_ARG(EmbeddingArgs, embeddings_regularizer, .help = "penalty on large vectors"),
    CONSTRAINT_ARG(EmbeddingArgs, embeddings_constraint, .help = "a rule that the vectors must keep"),
    ARG_BOOL(EmbeddingArgs, mask_zero, false, .help = "number 0 is filler: its steps are masked"),
    ARG_END,
};

/* How many rows the table has; 0: nobody knows. */
static int64_t table_rows(const Call *call)
{
    const EmbeddingArgs *a = call->layer->args;
    if (a->input_dim != ARG_NO_INT) return a->input_dim;
    if (call->layer->n_weights > 0) return call->layer->weights[0].spec.shape.dim[0];
    return call->in[0]->categories;
}

/* A size that the column told becomes an argument: a model file and a script of Keras know no column. */
static void settle_rows(const Infer *infer, Call *call, int64_t rows)
{
    const EmbeddingArgs *a = call->layer->args;
    if (a->input_dim != ARG_NO_INT) return;
    EmbeddingArgs *settled = ARENA_NEW(infer->arena, EmbeddingArgs);
    *settled = *a;
    settled->input_dim = rows;
    call->layer->args = settled;
}

static bool embedding_infer(const Infer *infer, Call *call)
{
    const EmbeddingArgs *a = call->layer->args;
    Shape shape = call->in[0]->shape;
    int64_t rows = table_rows(call);
    if (rows <= 0) {
        Diag *e = diag(infer->diags, E0308, infer->span, A("layer", "embedding"));
        diag_primary(e, E0308_here);
        diag_note(e, E0308_note);
        return false;
    }
    if (!room_for_axis(infer, call)) return false;
    settle_rows(infer, call, rows);
    shape.dim[shape.rank++] = a->output_dim;
    call->out[0]->shape = shape;
    return true;
}

static void embedding_weights(const Layer *layer, const Call *call, WeightList *list)
{
    const EmbeddingArgs *a = layer->args;
    WeightSpec *table = weight_add(list, "embeddings", shape_of(2, (int64_t[]){table_rows(call), a->output_dim}), a->embeddings_initializer);
    table->regularizer = a->embeddings_regularizer;
    table->constraint = a->embeddings_constraint;
}

static bool embedding_mask_out(const Call *call, int port)
{
    (void)port;
    return ((const EmbeddingArgs *)call->layer->args)->mask_zero && call->in[0]->shape.rank > 0;
}

/* The number as Keras casts it: towards 0. */
static int64_t id_of(float x, int64_t n)
{
    if (!(x > -1.0f && x < (float)n)) return -1;
    int64_t id = (int64_t)x;
    return id < n ? id : -1;
}

static void embedding_mask_forward(const Work *work)
{
    const Shape *shape = &work->call->in[0]->shape;
    int64_t steps = shape->dim[0], inner = shape_size(shape) / (steps > 0 ? steps : 1);
    for (int64_t step = 0; step < work->rows * steps; step++) {
        uint8_t valid = 0; /* of several numbers a step, one that is not 0 is enough */
        for (int64_t i = 0; i < inner; i++) valid |= (int64_t)work->x[0][step * inner + i] != 0;
        work->mask_out[0][step] = valid;
    }
}

static int embedding_tasks(const Call *call, int64_t rows, bool backward, int pass)
{
    (void)pass;
    const EmbeddingArgs *a = call->layer->args;
    int64_t ids = rows * row_size(call->in[0]);
    if (!backward) return tasks_for(ids, a->output_dim);
    return tasks_for(a->output_dim / 16, 16 * ids); /* columns of the table, so that no two tasks write the same number */
}

static void embedding_forward(const Work *work)
{
    const EmbeddingArgs *a = work->args;
    int64_t n = work->layer->weights[0].spec.shape.dim[0], d = a->output_dim, from, to;
    task_slice(work, work->rows * row_size(work->call->in[0]), &from, &to);
    for (int64_t i = from; i < to; i++) {
        int64_t id = id_of(work->x[0][i], n);
        if (id >= 0) memcpy(work->y[0] + i * d, work->w[0] + id * d, (size_t)d * sizeof(float));
        else kernels()->fill(d, NAN, work->y[0] + i * d);
    }
}

static void embedding_backward(const Work *work)
{
    const EmbeddingArgs *a = work->args;
    int64_t n = work->layer->weights[0].spec.shape.dim[0], d = a->output_dim, ids = work->rows * row_size(work->call->in[0]), from, to;
    if (work->dx[0] && work->task == 0) kernels()->fill(ids, 0.0f, work->dx[0]);
    if (!work->dw[0]) return;
    task_slice(work, d, &from, &to);
    if (!work->dw_add)
        for (int64_t id = 0; id < n; id++) kernels()->fill(to - from, 0.0f, work->dw[0] + id * d + from);
    for (int64_t i = 0; i < ids; i++) {
        int64_t id = id_of(work->x[0][i], n);
        if (id >= 0) kernels()->add(to - from, work->dw[0] + id * d + from, work->dy[0] + i * d + from, work->dw[0] + id * d + from);
    }
}

static int64_t embedding_ids_below(const Call *call) { return table_rows(call); }

static const LayerCase cases[] = {
    {.args = "5, 3", .shapes = "[4]", .whole_numbers = true},
    {.args = "4, 2, mask_zero=true", .shapes = "[5]", .whole_numbers = true},
    {0},
};

const LayerKind layer_embedding = {
    .kind = {.name = "embedding", .keras = "Embedding", .family = FAMILY_LAYER, .help = "a learned vector for each whole number",
             .example = "embedding(1000, 16)", .args = args, .args_size = sizeof(EmbeddingArgs)},
    .infer = embedding_infer,
    .weights = embedding_weights,
    .mask = MASK_HOOK,
    .mask_out = embedding_mask_out,
    .mask_forward = embedding_mask_forward,
    .reads = READS_X,
    .ids_below = embedding_ids_below,
    .tasks = embedding_tasks,
    .forward = embedding_forward,
    .backward = embedding_backward,
    .cases = cases,
};
