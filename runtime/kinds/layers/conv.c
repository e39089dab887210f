/* conv.c: where the windows of convolutions and pools lie; see conv.h. */
#include "runtime/kinds/layers/conv.h"

Windows windows_of(int64_t steps, int64_t size, int64_t stride, int64_t dilation, int padding)
{
    Windows w = {.steps = steps, .size = size, .stride = stride, .dilation = dilation, .out = DIM_UNKNOWN};
    if (steps == DIM_UNKNOWN) return w;
    int64_t effective = (size - 1) * dilation + 1;
    if (padding == PADDING_SAME) {
        w.out = (steps + stride - 1) / stride;
        int64_t pad = (w.out - 1) * stride + effective - steps;
        w.left = pad > 0 ? pad / 2 : 0;
        return w;
    }
    w.left = padding == PADDING_CAUSAL ? effective - 1 : 0;
    w.out = steps + w.left < effective ? 0 : (steps + w.left - effective) / stride + 1;
    return w;
}

int64_t windows_range(const Windows *w, int64_t tap, int64_t *first, int64_t *step)
{
    /* Output o has this tap on step o * stride + shift. */
    int64_t shift = tap * w->dilation - w->left;
    *first = shift >= 0 ? 0 : (-shift + w->stride - 1) / w->stride;
    *step = *first * w->stride + shift;
    int64_t end = w->steps - shift <= 0 ? 0 : (w->steps - shift - 1) / w->stride + 1;
    if (end > w->out) end = w->out;
    return end > *first ? end - *first : 0;
}

bool windows_fit(const Infer *infer, const Call *call, const Windows *w)
{
    if (w->out == DIM_UNKNOWN || w->out > 0) return true;
    int64_t effective = (w->size - 1) * w->dilation + 1;
    Diag *e = diag(infer->diags, E0320, infer->span, A("layer", call_said(call)), AI("size", effective),
                   A("input", wire_said(infer->arena, call->in[0])), AI("steps", w->steps));
    diag_primary(e, E0320_here, A("shape", shape_text(infer->arena, &call->in[0]->shape)));
    if (wire_origin(call->in[0]).source) diag_label(e, wire_origin(call->in[0]), E0320_source);
    diag_fix(e, E0320_help);
    return false;
}
