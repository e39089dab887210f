/* The largest or smallest of several inputs, number by number: maximum and minimum differ in the sign they compare by. */
#ifndef NNL_KINDS_LAYERS_EXTREMUM_H
#define NNL_KINDS_LAYERS_EXTREMUM_H

#include "runtime/kinds/layers/merge.h"

/* sign 1: the largest; -1: the smallest. NaN in a number makes the result NaN. */
void extremum_forward(const Work *work, float sign);
void extremum_backward(const Work *work, float sign);

#endif
