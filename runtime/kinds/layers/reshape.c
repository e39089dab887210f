/* reshape.c: the numbers of a sample in another shape, row-major; one length may be -1.   x [B, …]   y [B, target…] */
#include "runtime/kinds/layers/layer.h"

typedef struct {
    ArgInts target_shape;
} ReshapeArgs;

static const ArgSpec args[] = {
    ARG_INTS(ReshapeArgs, target_shape, .required = true, .min = -1, .max = 1e15, .least = 1, .most = SHAPE_MAX_RANK,
             .help = "the new shape without the batch; one length may be -1"),
    ARG_END,
};

/* A length of 0, or -1 twice. */
static bool reshape_check(const void *arguments, const Span *spans, Span span, Diags *diags)
{
    const ReshapeArgs *a = arguments;
    int unknown = 0, zero = 0;
    for (size_t i = 0; i < a->target_shape.n; i++) {
        unknown += a->target_shape.at[i] == -1;
        zero += a->target_shape.at[i] == 0;
    }
    if (unknown <= 1 && zero == 0) return true;
    Arena *arena = arena_new("a message");
    Shape shape = {.rank = (int)a->target_shape.n};
    for (int i = 0; i < shape.rank; i++) shape.dim[i] = a->target_shape.at[i];
    Diag *e = diag(diags, E0229, spans && spans[0].source ? spans[0] : span, A("layer", "reshape"), A("shape", shape_text(arena, &shape)));
    arena_free(arena);
    diag_primary(e, zero ? E0229_zero : E0229_twice);
    return false;
}

static bool reshape_infer(const Infer *infer, Call *call)
{
    const ReshapeArgs *a = call->layer->args;
    const Wire *in = call->in[0];
    int64_t want = 1;
    int unknown = -1;
    Shape shape = {.rank = (int)a->target_shape.n};
    for (int i = 0; i < shape.rank; i++) {
        shape.dim[i] = a->target_shape.at[i];
        if (shape.dim[i] == -1) unknown = i;
        else if (__builtin_mul_overflow(want, shape.dim[i], &want)) want = INT64_MAX;
    }
    if (!shape_known(&in->shape)) { /* nothing to compare with yet */
        call->out[0]->shape = shape;
        return true;
    }
    int64_t have = shape_size(&in->shape);
    if (unknown >= 0 && have % want == 0) shape.dim[unknown] = have / want;
    else if (unknown >= 0 || have != want) {
        Buf target = buf_in(infer->arena); /* as it was written, -1 included */
        for (size_t i = 0; i < a->target_shape.n; i++) buf_printf(&target, "%s%lld", i ? ", " : "[", (long long)a->target_shape.at[i]);
        buf_char(&target, ']');
        Diag *e = diag(infer->diags, E0305, infer->span, A("layer", "reshape"), A("shape", shape_text(infer->arena, &in->shape)),
                       A("target", target.at), AI("have", have), AI("want", want),
                       A("input", wire_said(infer->arena, in)), A("from", shape_text(infer->arena, &in->shape)));
        diag_primary(e, unknown >= 0 ? E0305_divides : E0305_here);
        if (wire_origin(in).source) diag_label(e, wire_origin(in), E0305_source);
        int64_t first = shape.dim[0] > 0 && have % shape.dim[0] == 0 ? shape.dim[0] : -1;
        const Span *spans = call->layer->arg_spans;
        const char *mended = shape.rank != 2 || unknown >= 0 ? NULL
                             : first > 0                     ? arena_printf(infer->arena, "[%lld, -1]", (long long)first)
                             : shape.dim[1] > 0 && have % shape.dim[1] == 0
                                 ? arena_printf(infer->arena, "[-1, %lld]", (long long)shape.dim[1])
                                 : NULL;
        if (mended && spans && spans[0].source) diag_edit(diag_fix(e, E0305_infer), spans[0], mended);
        return false;
    }
    call->out[0]->shape = shape;
    return true;
}

static const LayerCase cases[] = {{.args = "[3, 2]", .shapes = "[6]"}, {.args = "[-1, 3]", .shapes = "[3, 2]"}, {0}};

const LayerKind layer_reshape = {
    .kind = {.name = "reshape", .keras = "Reshape", .family = FAMILY_LAYER, .help = "the same numbers in another shape",
             .example = "reshape([12, 4])", .args = args, .args_size = sizeof(ReshapeArgs), .check = reshape_check},
    .infer = reshape_infer,
    .mask = MASK_DROP,
    .is_view = true,
    .in_place = true,
    .cases = cases,
};
