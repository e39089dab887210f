/* dense.c: the fully connected layer.   y = x W + b, then the activation, which is the plan's.
 * x [B, …, F]   W [F, U]   b [U]   y [B, …, U] */
#include "runtime/kinds/layers/layer.h"
#include "runtime/tensor/blas.h"

typedef struct {
    int64_t units;
    KindRef activation;
    bool use_bias;
    KindRef kernel_initializer, bias_initializer;
    KindRef kernel_regularizer, bias_regularizer, activity_regularizer;
    KindRef kernel_constraint, bias_constraint;
} DenseArgs;

static const ArgSpec args[] = {
    ARG_INT(DenseArgs, units, .required = true, .min = 1, .max = 1e15, .help = "how many numbers each result has"),
    ARG_KIND(DenseArgs, activation, ACTIVATION, "linear", .none = true, .epilogue = true, .help = "applied to the result"),
    ARG_BOOL(DenseArgs, use_bias, true, .help = "add a learned number to each result"),
    ARG_KIND(DenseArgs, kernel_initializer, INITIALIZER, "glorot_uniform", .help = "first values of the weights"),
    ARG_KIND(DenseArgs, bias_initializer, INITIALIZER, "zeros", .help = "first values of the added numbers"),
    REGULARIZER_ARG(DenseArgs, kernel_regularizer, .help = "penalty on large weights"),
    REGULARIZER_ARG(DenseArgs, bias_regularizer, .help = "penalty on large added numbers"),
    ACTIVITY_ARG(DenseArgs),
    CONSTRAINT_ARG(DenseArgs, kernel_constraint, .help = "a rule that the weights must keep"),
    CONSTRAINT_ARG(DenseArgs, bias_constraint, .help = "a rule that the added numbers must keep"),
    ARG_END,
};

static bool dense_infer(const Infer *infer, Call *call)
{
    const DenseArgs *a = call->layer->args;
    if (!need_features(infer, call, 0)) return false;
    Shape shape = call->in[0]->shape;
    if (shape.rank == 0) shape = shape_vector(1);
    shape.dim[shape.rank - 1] = a->units;
    call->out[0]->shape = shape;
    return true;
}

static void dense_weights(const Layer *layer, const Call *call, WeightList *list)
{
    const DenseArgs *a = layer->args;
    WeightSpec *kernel = weight_add(list, "kernel", shape_of(2, (int64_t[]){shape_last(&call->in[0]->shape), a->units}), a->kernel_initializer);
    kernel->regularizer = a->kernel_regularizer;
    kernel->constraint = a->kernel_constraint;
    if (!a->use_bias) return;
    WeightSpec *bias = weight_add(list, "bias", shape_vector(a->units), a->bias_initializer);
    bias->regularizer = a->bias_regularizer;
    bias->constraint = a->bias_constraint;
}

/* Rows, inner length and columns of the product. */
typedef struct {
    int64_t m, k, n;
} Size;

static Size size_of(const Call *call, int64_t rows)
{
    const Shape *shape = &call->in[0]->shape;
    return (Size){rows * shape_steps(shape), shape_last(shape), ((const DenseArgs *)call->layer->args)->units};
}

/* Backward is two products that write different things, so their tasks stand side by side: first those of dW, then those of dx. */
static int dense_tasks(const Call *call, int64_t rows, bool backward, int pass)
{
    (void)pass;
    Size s = size_of(call, rows);
    if (!backward) return gemm_tasks(s.m, s.n, s.k);
    int of_w = gemm_tasks(s.k, s.n, s.m), of_x = gemm_tasks(s.m, s.k, s.n);
    return of_w == 1 && of_x == 1 ? 1 : of_w + of_x;
}

static void dense_forward(const Work *work)
{
    const DenseArgs *a = work->args;
    Size s = size_of(work->call, work->rows);
    Gemm g = {.form = GEMM_NN, .m = s.m, .n = s.n, .k = s.k, .a = work->x[0], .lda = s.k, .b = work->w[0], .ldb = s.n,
              .c = work->y[0], .ldc = s.n, .bias = a->use_bias ? work->w[1] : NULL};
    if (work->n_tasks == 1) gemm(&g);
    else gemm_task(&g, work->task, work->n_tasks);
}

/* dW = x' dy   db = sum over rows of dy   dx = dy W' */
static void dense_backward(const Work *work)
{
    const DenseArgs *a = work->args;
    Size s = size_of(work->call, work->rows);
    Gemm of_w = {.form = GEMM_TN, .m = s.k, .n = s.n, .k = s.m, .a = work->x[0], .lda = s.k, .b = work->dy[0], .ldb = s.n,
                 .c = work->dw[0], .ldc = s.n, .accumulate = work->dw_add};
    Gemm of_x = {.form = GEMM_NT, .m = s.m, .n = s.k, .k = s.n, .a = work->dy[0], .lda = s.n, .b = work->w[0], .ldb = s.n,
                 .c = work->dx[0], .ldc = s.k};
    if (work->task == 0 && a->use_bias && work->dw[1]) kernels()->col_sums(s.m, s.n, work->dy[0], s.n, work->dw[1], work->dw_add);
    if (work->n_tasks == 1) {
        if (work->dw[0]) gemm(&of_w);
        if (work->dx[0]) gemm(&of_x);
        return;
    }
    int tasks_w = gemm_tasks(s.k, s.n, s.m), tasks_x = work->n_tasks - tasks_w;
    if (work->task >= tasks_w) {
        if (work->dx[0]) gemm_task(&of_x, work->task - tasks_w, tasks_x);
    } else if (work->dw[0]) {
        gemm_task(&of_w, work->task, tasks_w);
    }
}

static const LayerCase cases[] = {
    {.args = "3", .shapes = "[4]"},
    {.args = "3, use_bias=false", .shapes = "[1]"},
    {.args = "2, kernel_initializer=he_normal(seed=3), bias_initializer=random_normal", .shapes = "[3, 4]", .masked = true},
    {.args = "70", .shapes = "[90]"},
    {0},
};

const LayerKind layer_dense = {
    .kind = {.name = "dense", .keras = "Dense", .family = FAMILY_LAYER, .help = "a fully connected layer",
             .example = "dense(64, relu)", .args = args, .args_size = sizeof(DenseArgs)},
    .infer = dense_infer,
    .weights = dense_weights,
    .mask = MASK_PASS,
    .reads = READS_X,
    .runs_epilogue = true,
    .tasks = dense_tasks,
    .forward = dense_forward,
    .backward = dense_backward,
    .cases = cases,
};
