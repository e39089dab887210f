/* relu.c: the activation relu as a layer, its arguments in the order of Keras's class. */
#include "runtime/kinds/activations/args.h"
#include "runtime/kinds/layers/layer.h"

extern const ActivationKind activation_relu;

static const ArgSpec args[] = {RELU_LAYER_ARGS, ARG_END};

static KindRef relu_activation(const Call *call) { return (KindRef){&activation_relu.kind, call->layer->args}; }

static const LayerCase cases[] = {
    {.args = "", .shapes = "[5]"},
    {.args = "1.5, 0.1, 0.25", .shapes = "[2, 3]", .masked = true},
    {0},
};

const LayerKind layer_relu = {
    .kind = {.name = "relu", .keras = "ReLU", .family = FAMILY_LAYER, .help = "x where it is above a threshold, with a slope below and a largest result", .example = "relu(max_value=6)", .args = args,
             .args_size = sizeof(ReluArgs)},
    .infer = same_shape_infer,
    .mask = MASK_PASS,
    .reads = READS_X,
    .activation = relu_activation,
    .in_place = true,
    .tasks = activation_tasks,
    .forward = activation_layer_forward,
    .backward = activation_layer_backward,
    .cases = cases,
};
