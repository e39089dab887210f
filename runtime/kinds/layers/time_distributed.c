/* time_distributed.c: one layer on each step of a sequence.   x [B, T, …]   y [B, T, …]
 * The steps are folded into the batch, so that the inner layer runs once on B T rows. The mask goes on as it came. */
#include "runtime/kinds/layers/layer.h"

extern const LayerKind layer_fold_steps, layer_unfold_steps;

typedef struct {
    Layer *layer;
} TimeDistributedArgs;

static const ArgSpec args[] = {
    ARG_LAYER(TimeDistributedArgs, layer, .required = true, .help = "the layer that each step goes through"),
    ARG_END,
};

static bool time_distributed_check(const void *arguments, const Span *spans, Span span, Diags *diags)
{
    (void)spans, (void)span;
    return no_wires_inside(((const TimeDistributedArgs *)arguments)->layer, "time_distributed", diags);
}

/* The shape comes from the expansion. */
static bool time_distributed_infer(const Infer *infer, Call *call)
{
    const Wire *in = call->in[0];
    if (in->shape.rank >= 2) return true;
    return need_sequence(infer, call, 0);
}

/* Only the inner layer holds weights; the two that fold and unfold are made with each call, which knows the steps. */
static bool time_distributed_inner(GraphBuilder *builder, Layer *layer)
{
    const TimeDistributedArgs *a = layer->args;
    a->layer->outer = layer;
    layer->inner = ARENA_ARRAY(builder->arena, Layer *, 1);
    layer->inner[0] = a->layer;
    layer->n_inner = 1;
    return true;
}

static bool time_distributed_expand(GraphBuilder *builder, Call *call, Wire **out)
{
    Layer *layer = call->layer;
    Layer *fold = builder->layer(builder, layer, &layer_fold_steps, kind_defaults(builder->arena, &layer_fold_steps.kind), "fold");
    int64_t *unfold_args = kind_defaults(builder->arena, &layer_unfold_steps.kind);
    if (call->in[0]->shape.dim[0] != DIM_UNKNOWN) *unfold_args = call->in[0]->shape.dim[0];
    Layer *unfold = builder->layer(builder, layer, &layer_unfold_steps, unfold_args, "unfold");
    Call *folded = builder->call(builder, call, fold, call->in, 1);
    Call *inner = folded ? builder->call(builder, call, layer->inner[0], folded->out, 1) : NULL;
    Call *unfolded = inner ? builder->call(builder, call, unfold, inner->out, 1) : NULL;
    if (!unfolded) return false;
    out[0] = unfolded->out[0];
    return true;
}

static const LayerCase cases[] = {
    {.args = "dense(2, tanh)", .shapes = "[3, 4]"},
    {.args = "dense(2)", .shapes = "[3, 4]", .masked = true},
    {.args = "simple_rnn(2)", .shapes = "[2, 3, 2]"},
    {.args = "time_distributed(dense(2))", .shapes = "[2, 3, 2]"},
    {0},
};

const LayerKind layer_time_distributed = {
    .kind = {.name = "time_distributed", .keras = "TimeDistributed", .family = FAMILY_LAYER, .help = "one layer on each step of a sequence",
             .example = "time_distributed(dense(8))", .args = args, .args_size = sizeof(TimeDistributedArgs), .check = time_distributed_check},
    .infer = time_distributed_infer,
    .mask = MASK_PASS,
    .inner = time_distributed_inner,
    .expand = time_distributed_expand,
    .cases = cases,
};
