/* leaky_relu.c: the activation leaky_relu as a layer, with slope 0.3 by default.   y = x >= 0 ? x : negative_slope x */
#include "runtime/kinds/activations/args.h"
#include "runtime/kinds/layers/layer.h"

extern const ActivationKind activation_leaky_relu;

static const ArgSpec args[] = {LEAKY_RELU_ARGS("0.3"), ARG_END};

static KindRef leaky_relu_activation(const Call *call) { return (KindRef){&activation_leaky_relu.kind, call->layer->args}; }

static const LayerCase cases[] = {
    {.args = "", .shapes = "[5]"},
    {.args = "0.05", .shapes = "[2, 3]", .masked = true},
    {0},
};

const LayerKind layer_leaky_relu = {
    .kind = {.name = "leaky_relu", .keras = "LeakyReLU", .family = FAMILY_LAYER, .help = "below 0 a line of small slope", .example = "leaky_relu(0.1)", .args = args,
             .args_size = sizeof(LeakyReluArgs)},
    .infer = same_shape_infer,
    .mask = MASK_PASS,
    .reads = READS_X,
    .activation = leaky_relu_activation,
    .in_place = true,
    .tasks = activation_tasks,
    .forward = activation_layer_forward,
    .backward = activation_layer_backward,
    .cases = cases,
};
