/* What convolutions and pools over steps share: where windows lie. */
#ifndef NNL_KINDS_LAYERS_CONV_H
#define NNL_KINDS_LAYERS_CONV_H

#include "runtime/kinds/layers/layer.h"

enum { PADDING_VALID, PADDING_SAME, PADDING_CAUSAL };

/* Windows of `size` taps, `dilation` steps apart, one at every `stride`-th step; `left` steps of nothing stand before the first. */
typedef struct {
    int64_t steps, size, stride, dilation, left, out;
} Windows;

/* Keras's rules: effective size e = (size - 1) dilation + 1. valid: out = (steps - e) / stride + 1; same: out = steps / stride rounded up,
 * the odd step of padding on the right; causal: e - 1 steps on the left, then valid. out DIM_UNKNOWN where steps are; 0 or less: too short. */
Windows windows_of(int64_t steps, int64_t size, int64_t stride, int64_t dilation, int padding);
/* The range of outputs whose tap `tap` lies on a step, and the step it lies on for the first of them. */
int64_t windows_range(const Windows *w, int64_t tap, int64_t *first, int64_t *step);
/* Reports E0320 where an input has too few steps for one window. */
bool windows_fit(const Infer *infer, const Call *call, const Windows *w);

#endif
