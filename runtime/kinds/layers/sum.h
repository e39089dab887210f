/* The sum of several inputs times a factor: add is it with 1, average with 1 / n. */
#ifndef NNL_KINDS_LAYERS_SUM_H
#define NNL_KINDS_LAYERS_SUM_H

#include "runtime/kinds/layers/merge.h"

void sum_forward(const Work *work, float factor);
void sum_backward(const Work *work, float factor);

#endif
