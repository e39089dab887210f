/* elu.c: the activation elu as a layer.   y = x > 0 ? x : alpha (exp(x) - 1) */
#include "runtime/kinds/activations/args.h"
#include "runtime/kinds/layers/layer.h"

extern const ActivationKind activation_elu;

static const ArgSpec args[] = {ELU_ARGS, ARG_END};

static KindRef elu_activation(const Call *call) { return (KindRef){&activation_elu.kind, call->layer->args}; }

static const LayerCase cases[] = {
    {.args = "", .shapes = "[5]"},
    {.args = "0.5", .shapes = "[2, 3]", .masked = true},
    {0},
};

const LayerKind layer_elu = {
    .kind = {.name = "elu", .keras = "ELU", .family = FAMILY_LAYER, .help = "below 0 a curve that ends at -alpha", .example = "elu(0.5)", .args = args,
             .args_size = sizeof(EluArgs)},
    .infer = same_shape_infer,
    .mask = MASK_PASS,
    .reads = READS_X,
    .activation = elu_activation,
    .in_place = true,
    .tasks = activation_tasks,
    .forward = activation_layer_forward,
    .backward = activation_layer_backward,
    .cases = cases,
};
