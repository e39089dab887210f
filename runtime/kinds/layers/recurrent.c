/* recurrent.c: arguments, shapes and weights of recurrent layers; see recurrent.h. */
#include "runtime/kinds/layers/recurrent.h"

bool rnn_check(const RnnArgs *a, const char *name, const ArgSpec *schema, const Span *spans, Span span, Diags *diags)
{
    if (!a->stateful) return true;
    int at = kind_arg_index(&(const Kind){.args = schema}, "stateful");
    Diag *e = diag(diags, E0318, spans && spans[at].source ? spans[at] : span, A("layer", name));
    diag_note(e, E0318_note);
    Fix *fix = diag_fix(e, E0318_remove);
    if (spans && spans[at].source) diag_edit(fix, spans[at], "false");
    return false;
}

int rnn_outputs(const RnnArgs *a, const RnnCell *cell) { return 1 + (a->return_state ? 1 + cell->has_c : 0); }

static bool states_fit(const Infer *infer, const Call *call, const RnnCell *cell)
{
    const RnnArgs *a = call->layer->args;
    int wanted = 1 + cell->has_c;
    if (call->n_args_in > 0 && call->n_args_in != wanted) {
        diag(infer->diags, E0315, infer->span, A("layer", call_said(call)), A("wanted", wanted == 1 ? "one wire" : "two wires, `[h, c]`,"),
             AI("found", call->n_args_in));
        return false;
    }
    Shape state = shape_vector(a->units);
    for (int i = call->n_in - call->n_args_in; i < call->n_in; i++) {
        const Wire *wire = call->in[i];
        if (wire->shape.rank == 1 && (wire->shape.dim[0] == a->units || wire->shape.dim[0] == DIM_UNKNOWN)) continue;
        Diag *e = diag(infer->diags, E0314, infer->span, A("layer", call_said(call)), AI("units", a->units),
                       A("input", wire_said(infer->arena, wire)), A("shape", shape_text(infer->arena, &wire->shape)),
                       A("wanted", shape_text(infer->arena, &state)));
        diag_primary(e, E0314_here);
        if (wire_origin(wire).source) diag_label(e, wire_origin(wire), E0314_source);
        return false;
    }
    return true;
}

bool rnn_infer(const Infer *infer, Call *call, const RnnCell *cell)
{
    const RnnArgs *a = call->layer->args;
    if (!need_sequence(infer, call, 0) || !states_fit(infer, call, cell)) return false;
    Shape state = shape_vector(a->units);
    call->out[0]->shape = a->return_sequences ? shape_of(2, (int64_t[]){call->in[0]->shape.dim[0], a->units}) : state;
    for (int i = 1; i < call->n_out; i++) call->out[i]->shape = state;
    return true;
}

void rnn_weights(const Layer *layer, const Call *call, WeightList *list, const RnnCell *cell, KindRef bias_initializer)
{
    const RnnArgs *a = layer->args;
    int64_t columns = cell->gates * a->units;
    WeightSpec *kernel = weight_add(list, "kernel", shape_of(2, (int64_t[]){shape_last(&call->in[0]->shape), columns}), a->kernel_initializer);
    kernel->regularizer = a->kernel_regularizer;
    kernel->constraint = a->kernel_constraint;
    kernel->path = "cell/kernel";
    WeightSpec *recurrent = weight_add(list, "recurrent_kernel", shape_of(2, (int64_t[]){a->units, columns}), a->recurrent_initializer);
    recurrent->regularizer = a->recurrent_regularizer;
    recurrent->constraint = a->recurrent_constraint;
    recurrent->path = "cell/recurrent_kernel";
    if (!a->use_bias) return;
    Shape shape = cell->bias_rows == 1 ? shape_vector(columns) : shape_of(2, (int64_t[]){cell->bias_rows, columns});
    WeightSpec *bias = weight_add(list, "bias", shape, bias_initializer);
    bias->regularizer = a->bias_regularizer;
    bias->constraint = a->bias_constraint;
    bias->path = "cell/bias";
}

bool rnn_mask_out(const Call *call, int port)
{
    return port == 0 && ((const RnnArgs *)call->layer->args)->return_sequences && call->in[0]->mask_of;
}
