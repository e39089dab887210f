/* bidirectional.c: a recurrent layer and a copy of it that goes the other way, their results made one.
 * x [B, T, F]   y [B, T, 2 U] or [B, 2 U] (concat), [B, T, U] or [B, U] (sum, mul, ave), both for themselves (none); then the states of the
 * first, then of the second.
 *
 * Where all steps are given the second's are flipped back in time, and a masked step gives 0 in both directions. */
#include "runtime/kinds/layers/recurrent.h"

extern const LayerKind layer_join_directions;

enum { MERGE_CONCAT, MERGE_NONE = 4 };

typedef struct {
    Layer *layer;
    int merge_mode;
    Layer *backward_layer;
    ArgWires initial_state;
} BidirectionalArgs;

static const ArgSpec args[] = {
    ARG_LAYER(BidirectionalArgs, layer, .required = true, .help = "the recurrent layer"),
    ARG_WORD(BidirectionalArgs, merge_mode, "concat|sum|mul|ave|none", "concat", .help = "how both results become one"),
    ARG_LAYER(BidirectionalArgs, backward_layer, .none = true, .fallback = "none", .help = "another layer for the way back, with `go_backwards=true`"),
    ARG_WIRES(BidirectionalArgs, initial_state, .none = true, .fallback = "none", .help = "the states before the first step, of both layers"),
    ARG_END,
};

/* All recurrent kinds have these arguments in one struct. */
static const RnnArgs *inner_args(const Layer *layer) { return layer->args; }

static bool must_be_recurrent(const Layer *layer, Diags *diags)
{
    if (!layer || layer->kind->is_recurrent) return true;
    diag_fix(diag(diags, E0325, layer->span, A("layer", layer->shown_kind)), E0325_help);
    return false;
}

static bool disagree(const BidirectionalArgs *a, const char *argument, const char *wanted, Value first, Value second, Span span, Diags *diags)
{
    const Span at = a->backward_layer->span.source ? a->backward_layer->span : span;
    Diag *e = diag(diags, E0326, at, A("argument", argument), A("wanted", wanted));
    if (first.type == VALUE_INT) {
        diag_note(e, E0326_note, AI("first", first.integer), AI("second", second.integer));
        diag_fix(e, E0326_help, A("argument", argument), AI("value", first.integer));
    } else {
        const char *words[] = {"false", "true"};
        bool wished = str_eq(wanted, "opposite") ? !first.boolean : first.boolean;
        diag_note(e, E0326_note, A("first", words[first.boolean]), A("second", words[second.boolean]));
        diag_fix(e, E0326_help, A("argument", argument), A("value", words[wished]));
    }
    return false;
}

static bool bidirectional_check(const void *arguments, const Span *spans, Span span, Diags *diags)
{
    (void)spans;
    const BidirectionalArgs *a = arguments;
    if (!must_be_recurrent(a->layer, diags) || !must_be_recurrent(a->backward_layer, diags)) return false;
    if (!no_wires_inside(a->layer, "bidirectional", diags) || !no_wires_inside(a->backward_layer, "bidirectional", diags)) return false;
    if (!a->layer || !a->backward_layer) return true;
    const RnnArgs *first = inner_args(a->layer), *second = inner_args(a->backward_layer);
    const struct {
        const char *name;
        bool first, second, equal;
    } pairs[] = {
        {"go_backwards", first->go_backwards, second->go_backwards, false},
        {"return_sequences", first->return_sequences, second->return_sequences, true},
        {"return_state", first->return_state, second->return_state, true},
    };
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++)
        if ((pairs[i].first == pairs[i].second) != pairs[i].equal)
            return disagree(a, pairs[i].name, pairs[i].equal ? "the same" : "opposite", (Value){.type = VALUE_BOOL, .boolean = pairs[i].first},
                            (Value){.type = VALUE_BOOL, .boolean = pairs[i].second}, span, diags);
    bool by_number = a->merge_mode != MERGE_CONCAT && a->merge_mode != MERGE_NONE;
    if (!by_number || first->units == second->units) return true;
    return disagree(a, "units", "the same", (Value){.type = VALUE_INT, .integer = first->units},
                    (Value){.type = VALUE_INT, .integer = second->units}, span, diags);
}

static int states(const Layer *layer) { return layer->kind->n_outputs(layer) - 1; }

static int bidirectional_outputs(const Layer *layer)
{
    const BidirectionalArgs *a = layer->args;
    const Layer *back = a->backward_layer ? a->backward_layer : a->layer;
    return (a->merge_mode == MERGE_NONE ? 2 : 1) + states(a->layer) + states(back);
}

/* The rest comes from the expansion. */
static bool bidirectional_infer(const Infer *infer, Call *call)
{
    if (!need_sequence(infer, call, 0)) return false;
    if (call->n_args_in % 2 == 0) return true;
    diag(infer->diags, E0315, infer->span, A("layer", call_said(call)), A("wanted", "the states of both layers"), AI("found", call->n_args_in));
    return false;
}

/* A copy that stands in the layer's place; graph_name_layers puts `before` before its name. */
static Layer *copy(GraphBuilder *builder, Layer *layer, bool turned, const char *before)
{
    RnnArgs *own = ARENA_NEW(builder->arena, RnnArgs);
    *own = *inner_args(layer);
    if (turned) own->go_backwards = !own->go_backwards;
    own->zero_output_for_mask = own->return_sequences;
    Layer *made = builder->copy(builder, layer, own, NULL);
    made->outer = layer;
    made->suffix = before;
    return made;
}

static bool bidirectional_inner(GraphBuilder *builder, Layer *layer)
{
    const BidirectionalArgs *a = layer->args;
    a->layer->outer = layer;
    if (a->backward_layer) a->backward_layer->outer = layer;
    layer->inner = ARENA_ARRAY(builder->arena, Layer *, 2);
    layer->inner[0] = copy(builder, a->layer, false, "forward_");
    layer->inner[1] = a->backward_layer ? copy(builder, a->backward_layer, false, "") : copy(builder, a->layer, true, "backward_");
    layer->n_inner = 2;
    return true;
}

static bool bidirectional_expand(GraphBuilder *builder, Call *call, Wire **out)
{
    Layer *layer = call->layer;
    const BidirectionalArgs *a = layer->args;
    Call *ways[2];
    int half = call->n_args_in / 2;
    Wire **in = ARENA_ARRAY(builder->arena, Wire *, 1 + half);
    for (int i = 0; i < 2; i++) {
        in[0] = call->in[0];
        for (int k = 0; k < half; k++) in[1 + k] = call->in[1 + i * half + k];
        ways[i] = builder->call(builder, call, layer->inner[i], in, 1 + half);
        if (!ways[i]) return false;
    }
    typedef struct {
        int merge_mode;
        bool flip;
    } Join;
    Join *join_args = kind_defaults(builder->arena, &layer_join_directions.kind);
    *join_args = (Join){a->merge_mode, inner_args(layer->inner[0])->return_sequences};
    Layer *join = builder->layer(builder, layer, &layer_join_directions, join_args, "join");
    Call *joined = builder->call(builder, call, join, (Wire *[]){ways[0]->out[0], ways[1]->out[0]}, 2);
    if (!joined) return false;
    int n = 0;
    for (int i = 0; i < joined->n_out; i++) out[n++] = joined->out[i];
    for (int i = 0; i < 2; i++)
        for (int k = 1; k < ways[i]->n_out; k++) out[n++] = ways[i]->out[k];
    return true;
}

/* What comes from inside has its mask already. */
static bool bidirectional_mask_out(const Call *call, int port) { return call->out[port]->mask_of != NULL; }

static const LayerCase cases[] = {
    {.args = "lstm(2)", .shapes = "[3, 2]"},
    {.args = "lstm(2, return_sequences=true), sum", .shapes = "[3, 2]", .masked = true},
    {.args = "gru(2, return_sequences=true, return_state=true), mul", .shapes = "[3, 2]"},
    {.args = "simple_rnn(2, return_sequences=true), none", .shapes = "[3, 2]", .masked = true},
    {.args = "gru(2), ave, backward_layer=simple_rnn(2, go_backwards=true)", .shapes = "[3, 2]"},
    {.args = "lstm(2, dropout=0.3, recurrent_dropout=0.2, return_sequences=true)", .shapes = "[3, 2]", .mode = MODE_TRAIN},
    {0},
};

static const char *const inner_paths[] = {"forward_layer", "backward_layer"};

const LayerKind layer_bidirectional = {
    .kind = {.name = "bidirectional", .keras = "Bidirectional", .family = FAMILY_LAYER, .help = "a recurrent layer in both directions",
             .example = "bidirectional(lstm(16, return_sequences=true))", .args = args, .args_size = sizeof(BidirectionalArgs),
             .check = bidirectional_check},
    .n_outputs = bidirectional_outputs,
    .infer = bidirectional_infer,
    .mask = MASK_HOOK,
    .mask_out = bidirectional_mask_out,
    .uses_mask = true,
    .inner_paths = inner_paths,
    .inner = bidirectional_inner,
    .expand = bidirectional_expand,
    .cases = cases,
};
