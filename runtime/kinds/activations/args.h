/* Arguments of activations that are layers too: both records carry the same struct, so that the layer is the activation. */
#ifndef NNL_KINDS_ACTIVATIONS_ARGS_H
#define NNL_KINDS_ACTIVATIONS_ARGS_H

#include "runtime/kinds/kind.h"

typedef struct {
    double negative_slope, max_value, threshold;
} ReluArgs;
#define RELU_SLOPE ARG_FLOAT(ReluArgs, negative_slope, .fallback = "0.0", .min = 0, .max = 1e30, .help = "slope below the threshold")
#define RELU_MAX ARG_FLOAT(ReluArgs, max_value, .none = true, .fallback = "none", .min = 0, .max = 1e30, .help = "the largest result")
#define RELU_THRESHOLD ARG_FLOAT(ReluArgs, threshold, .fallback = "0.0", .min = 0, .max = 1e30, .help = "what lies below counts as negative")
/* Keras's function and its layer have these in different orders. */
#define RELU_ACTIVATION_ARGS RELU_SLOPE, RELU_MAX, RELU_THRESHOLD
#define RELU_LAYER_ARGS RELU_MAX, RELU_SLOPE, RELU_THRESHOLD

typedef struct {
    double negative_slope;
} LeakyReluArgs;
#define LEAKY_RELU_ARGS(d) ARG_FLOAT(LeakyReluArgs, negative_slope, .fallback = (d), .min = 0, .max = 1e30, .help = "slope below 0")

typedef struct {
    double alpha;
} EluArgs;
#define ELU_ARGS ARG_FLOAT(EluArgs, alpha, .fallback = "1.0", .help = "what large negative numbers come to, below 0")

#endif
