/* runtime/tensor/kernels/internal.h: names of the kernels while one instruction set's table is compiled.
 * The build gives KERNELS = v2, v3, v4 or generic; K(exp) is then exp_v3, say. One list serves the prototypes and the table. */
#ifndef NNL_TENSOR_KERNELS_INTERNAL_H
#define NNL_TENSOR_KERNELS_INTERNAL_H

#include "runtime/tensor/kernels.h"
#include "runtime/tensor/kernels/vec.h"

#define K_JOIN_(name, set) name##_##set
#define K_JOIN(name, set) K_JOIN_(name, set)
#define K(name) K_JOIN(name, KERNELS)

#define KERNEL_LIST(X)                                                                                                           \
    X(gemm)                                                                                                                      \
    X(exp) X(log) X(tanh) X(sigmoid) X(softplus) X(erf) X(sqrt) X(relu) X(leaky_relu) X(elu) X(selu) X(silu) X(gelu)             \
    X(gelu_tanh)                                                                                                                 \
    X(tanh_back) X(sigmoid_back) X(softplus_back) X(relu_back) X(leaky_relu_back) X(elu_back) X(selu_back) X(silu_back)          \
    X(gelu_back) X(gelu_tanh_back)                                                                                               \
    X(fill) X(copy) X(add) X(sub) X(mul) X(mul_add) X(scale) X(axpy) X(affine) X(clip) X(max)                                    \
    X(transpose) X(add_bias) X(col_sums) X(softmax) X(softmax_back)                                                              \
    X(sum) X(sum_abs) X(sum_squares) X(dot) X(largest) X(arg_max) X(all_finite)                                                  \
    X(sgd) X(sgd_momentum) X(adam) X(rmsprop) X(weight_decay)                                                                    \
    X(uniform) X(normal) X(truncated_normal) X(dropout) X(dropout_back) X(dropout_mask)           \
    X(lstm) X(lstm_back) X(gru) X(gru_back)

#define X(name) __typeof__(*((Kernels *)0)->name) K(name);
KERNEL_LIST(X)
#undef X

#endif
