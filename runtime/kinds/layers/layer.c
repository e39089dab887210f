/* layer.c: what the layers share; see layer.h. */
#include "runtime/kinds/layers/layer.h"

#include <string.h>

static const Call *outermost(const Call *call)
{
    while (call->outer) call = call->outer;
    return call;
}

const char *wire_said(Arena *arena, const Wire *wire)
{
    if (!wire->maker) return wire->name ? arena_printf(arena, "the input `%s`", wire->name) : "the input";
    if (wire->name) return arena_printf(arena, "`%s`", wire->name);
    return arena_printf(arena, "the result of `%s`", outermost(wire->maker)->layer->shown_kind);
}

Span wire_origin(const Wire *wire) { return wire->maker ? outermost(wire->maker)->span : wire->span; }

const char *call_said(const Call *call)
{
    const Layer *layer = call->layer;
    return layer->kind->hidden && call->outer ? call->outer->layer->kind->kind.name : layer->shown_kind;
}

bool need_length(const Infer *infer, const Call *call, int input, int axis)
{
    const Wire *wire = call->in[input];
    if (wire->shape.dim[axis] != DIM_UNKNOWN) return true;
    bool last = axis == wire->shape.rank - 1;
    const char *things = last ? "features" : axis == 0 ? "steps" : arena_printf(infer->arena, "places along axis %d", axis + 1);
    const char *which = last ? "the last length" : axis == 0 ? "the first length" : arena_printf(infer->arena, "length %d", axis + 1);
    Diag *e = diag(infer->diags, E0303, infer->span, A("layer", call_said(call)), A("things", things),
                   A("input", wire_said(infer->arena, wire)), A("which", which), A("shape", shape_text(infer->arena, &wire->shape)));
    diag_primary(e, E0303_here);
    if (wire_origin(wire).source) diag_label(e, wire_origin(wire), E0303_source);
    diag_fix(e, E0303_give);
    return false;
}

bool need_features(const Infer *infer, const Call *call, int input)
{
    const Shape *shape = &call->in[input]->shape;
    return shape_last(shape) != DIM_UNKNOWN || need_length(infer, call, input, shape->rank - 1);
}

/* The recurrent layer that a layer is, or holds inside (bidirectional); NULL: neither. */
static const Layer *recurrent_of(const Layer *layer)
{
    if (layer->kind->is_recurrent) return layer;
    for (const ArgSpec *spec = layer->kind->kind.args; spec && spec->name; spec++) {
        if (spec->type != ARG_LAYER) continue;
        const Layer *inner = *(Layer *const *)((const char *)layer->args + spec->offset);
        return inner ? recurrent_of(inner) : NULL;
    }
    return NULL;
}

/* The recurrent layer whose dropped steps are why this wire is a vector, and the call that makes it: looked for through layers that keep
 * the shape (dropout, an activation). NULL: there is none, or it gives all its steps. */
static const Layer *dropped_steps(const Wire *wire, const Call **maker)
{
    for (const Call *call = wire->maker; call; call = call->in[0]->maker) {
        call = outermost(call);
        const Layer *layer = recurrent_of(call->layer);
        if (layer) {
            int index = kind_arg_index(&layer->kind->kind, "return_sequences");
            if (index < 0 || call->out[0] != wire) return NULL;
            *maker = call;
            return *(const bool *)((const char *)layer->args + layer->kind->kind.args[index].offset) ? NULL : layer;
        }
        if (call->n_in != 1 || !shape_eq(&call->in[0]->shape, &wire->shape)) return NULL;
        wire = call->in[0];
    }
    return NULL;
}

void set_written(Fix *fix, const Infer *infer, const Layer *layer, const char *argument, const char *value)
{
    int index = kind_arg_index(&layer->kind->kind, argument);
    if (layer->arg_spans && layer->arg_spans[index].source) {
        diag_edit(fix, layer->arg_spans[index], value);
        return;
    }
    size_t n = 0;
    const char *text = layer->span.source ? sources_text(diags_sources(infer->diags), layer->span.source, &n) : NULL;
    if (!text || layer->span.end > n || layer->span.end < layer->span.begin + 2 || text[layer->span.end - 1] != ')') return;
    size_t before = layer->span.end - 1;
    while (before > layer->span.begin && strchr(" \t\r\n", text[before - 1])) before--;
    char last = text[before - 1];
    Span at = {layer->span.source, before, before};
    diag_edit(fix, at, arena_printf(infer->arena, "%s%s=%s", last == '(' ? "" : last == ',' ? " " : ", ", argument, value));
}

bool need_sequence(const Infer *infer, const Call *call, int input)
{
    const Wire *wire = call->in[input];
    if (wire->shape.rank == 2) return need_features(infer, call, input);
    const char *shape = shape_text(infer->arena, &wire->shape);
    Diag *e = diag(infer->diags, E0311, infer->span, A("layer", call_said(call)), A("input", wire_said(infer->arena, wire)),
                   A("words", wire->shape.rank == 1 && wire->shape.dim[0] > 1 ? "one vector per sample" : shape_words(infer->arena, &wire->shape)),
                   A("shape", shape));
    diag_primary(e, E0311_found);
    const Call *maker = NULL;
    const Layer *dropped = dropped_steps(wire, &maker);
    if (dropped) {
        diag_label(e, maker->span, E0311_kept, A("maker", maker->layer->shown_kind), A("shape", shape_text(infer->arena, &maker->out[0]->shape)));
        set_written(diag_fix(e, E0311_keep), infer, dropped, "return_sequences", "true");
        return false;
    }
    if (wire_origin(wire).source) diag_label(e, wire_origin(wire), E0311_source);
    if (wire->shape.rank > 2) {
        diag_fix(e, E0311_deep);
        return false;
    }
    int64_t n = shape_last(&wire->shape), steps = n > 1 && n % 2 == 0 ? n / 2 : n;
    diag_fix(e, E0311_window, AI("steps", n > 0 ? steps : 12), AI("features", n > 0 ? n / steps : 1));
    return false;
}

void last_step_only(Diag *e, const Wire *wire)
{
    const Layer *layer = wire->maker ? recurrent_of(outermost(wire->maker)->layer) : NULL;
    if (!layer || !layer->arg_spans) return;
    int index = kind_arg_index(&layer->kind->kind, "return_sequences");
    if (index >= 0 && layer->arg_spans[index].source) diag_edit(diag_fix(e, E0307_last), layer->arg_spans[index], "false");
}

bool no_wires_inside(const Layer *inner, const char *wrapper, Diags *diags)
{
    if (!inner) return true;
    const ArgSpec *schema = inner->kind->kind.args;
    for (int i = 0; schema && schema[i].name; i++) {
        if (schema[i].type != ARG_WIRES || ((const ArgWires *)((const char *)inner->args + schema[i].offset))->n == 0) continue;
        Span span = inner->arg_spans && inner->arg_spans[i].source ? inner->arg_spans[i] : inner->span;
        Diag *e = diag(diags, E0327, span, A("argument", schema[i].name), A("wrapper", wrapper));
        if (str_eq(wrapper, "bidirectional")) diag_fix(e, E0327_both);
        else diag_note(e, E0327_steps);
        return false;
    }
    return true;
}

const char *axis_name(int index, int rank) { return index == rank - 1 ? "features" : index == 0 ? "time" : "places"; }

bool room_for_axis(const Infer *infer, const Call *call)
{
    const Wire *wire = call->in[0];
    if (wire->shape.rank < SHAPE_MAX_RANK) return true;
    Diag *e = diag(infer->diags, E0309, infer->span, A("layer", call_said(call)), A("input", wire_said(infer->arena, wire)),
                   A("shape", shape_text(infer->arena, &wire->shape)), AI("rank", SHAPE_MAX_RANK));
    diag_primary(e, E0309_here);
    return false;
}

bool axis_index(const Infer *infer, const Call *call, int64_t axis, const Shape *shape, int *index)
{
    int64_t at = axis < 0 ? axis + shape->rank : axis - 1;
    if (at >= 0 && at < shape->rank) {
        *index = (int)at;
        return true;
    }
    Buf axes = buf_in(infer->arena);
    for (int i = 0; i < shape->rank; i++)
        buf_printf(&axes, "%saxis %d (%s)", i == 0 ? "" : i == shape->rank - 1 ? " and " : ", ", i + 1, axis_name(i, shape->rank));
    const Wire *wire = call->in[0];
    Diag *e = diag(infer->diags, E0304, infer->span, A("layer", call_said(call)), AI("axis", axis),
                   A("input", wire_said(infer->arena, wire)), A("shape", shape_text(infer->arena, shape)), A("axes", axes.at));
    diag_primary(e, E0304_here);
    if (wire_origin(wire).source) diag_label(e, wire_origin(wire), E0304_source);
    diag_note(e, E0304_batch);
    return false;
}

RngKey layer_key(const Work *work, int64_t seed)
{
    RngKey key = work->streams[0];
    if (seed != ARG_NO_INT) key.seed = (uint64_t)seed;
    return key;
}

int tasks_for(int64_t n, int64_t cost)
{
    double tasks = (double)n * (double)cost / 1e5;
    int most = n < 64 ? (int)n : 64;
    return tasks <= 1 || most < 1 ? 1 : tasks >= most ? most : (int)tasks;
}

void task_slice(const Work *work, int64_t n, int64_t *from, int64_t *to)
{
    *from = n * work->task / work->n_tasks;
    *to = n * (work->task + 1) / work->n_tasks;
}

int64_t row_size(const Wire *wire) { return shape_size(&wire->shape); }

bool same_shape_infer(const Infer *infer, Call *call)
{
    (void)infer;
    call->out[0]->shape = call->in[0]->shape;
    return true;
}
