/* activation.c: Keras's Activation layer, written `-> relu`: an activation and nothing else.   y = f(x)
 * Also the work of the layers that are one activation with arguments of their own (leaky_relu, elu, relu, softmax). */
#include "runtime/kinds/layers/layer.h"

typedef struct {
    KindRef activation;
} ActivationArgs;

static const ArgSpec args[] = {
    {.name = "activation",
     .type = ARG_KIND,
     .offset = offsetof(ActivationArgs, activation),
     .family = FAMILY_ACTIVATION,
     .required = true,
     .help = "applied to each number"},
    ARG_END,
};

static KindRef activation_of(const Call *call) { return ((const ActivationArgs *)call->layer->args)->activation; }

/* The activation that a call is, with the rows and width it works on. */
typedef struct {
    const ActivationKind *kind;
    const void *args;
    int64_t width, from, rows; /* of this task: rows of `width` numbers */
} Part;

static Part part_of(const Work *work)
{
    KindRef ref = work->layer->kind->activation(work->call);
    const Shape *shape = &work->call->in[0]->shape;
    int64_t width = shape_last(shape), to;
    Part part = {(const ActivationKind *)ref.kind, ref.args, width, 0, 0};
    task_slice(work, work->rows * shape_steps(shape), &part.from, &to);
    part.rows = to - part.from;
    return part;
}

int activation_tasks(const Call *call, int64_t rows, bool backward, int pass)
{
    (void)backward, (void)pass;
    const Shape *shape = &call->in[0]->shape;
    return tasks_for(rows * shape_steps(shape), 8 * shape_last(shape));
}

unsigned activation_layer_reads(const Call *call) { return ((const ActivationKind *)call->layer->kind->activation(call).kind)->reads; }

void activation_layer_forward(const Work *work)
{
    Part part = part_of(work);
    int64_t at = part.from * part.width;
    part.kind->forward(part.args, work->x[0] + at, work->y[0] + at, part.rows, part.width);
}

void activation_layer_backward(const Work *work)
{
    if (!work->dx[0]) return;
    Part part = part_of(work);
    int64_t at = part.from * part.width;
    part.kind->backward(part.args, part.kind->reads & READS_X ? work->x[0] + at : NULL, part.kind->reads & READS_Y ? work->y[0] + at : NULL,
                        work->dy[0] + at, work->dx[0] + at, part.rows, part.width);
}

static const LayerCase cases[] = {
    {.args = "tanh", .shapes = "[5]"},
    {.args = "softmax", .shapes = "[3, 4]", .masked = true},
    {.args = "gelu(approximate=true)", .shapes = "[6]"},
    {0},
};

const LayerKind layer_activation = {
    .kind = {.name = "activation", .keras = "Activation", .family = FAMILY_LAYER, .help = "an activation as a layer of its own",
             .example = "x -> relu", .args = args, .args_size = sizeof(ActivationArgs)},
    .infer = same_shape_infer,
    .mask = MASK_PASS,
    .reads_of = activation_layer_reads,
    .activation = activation_of,
    .in_place = true,
    .hidden = true,
    .tasks = activation_tasks,
    .forward = activation_layer_forward,
    .backward = activation_layer_backward,
    .cases = cases,
};
