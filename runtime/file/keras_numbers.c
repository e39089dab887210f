/* Numbers of a weights file → a model: weights by Keras's paths, and the optimizer's state. See saved.h. */
#include <math.h>
#include <string.h>

#include "runtime/file/h5.h"
#include "runtime/file/keras_numbers.h"

typedef struct {
    Arena *arena;
    const H5File *file;
    const char *model;
    Span span;
    Diags *diags;
} Numbers;

static bool misfit(const Numbers *n, const char *what)
{
    diag_file_fault(diag(n->diags, E0816, n->span, A("file", n->file->file), A("model", n->model), A("what", what)));
    return false;
}

static const char *dims_text(Arena *arena, int rank, const int64_t *dim)
{
    Buf out = buf_in(arena);
    buf_char(&out, '[');
    for (int i = 0; i < rank; i++) buf_printf(&out, "%s%lld", i ? ", " : "", (long long)dim[i]);
    buf_char(&out, ']');
    return out.at;
}

static bool same_shape(const H5Set *set, const Shape *shape)
{
    if (set->rank != shape->rank) return false;
    for (int i = 0; i < set->rank; i++)
        if (set->dim[i] != shape->dim[i]) return false;
    return true;
}

static const char *owner_of(const Weight *weight)
{
    return weight->layer->name ? weight->layer->name : "?";
}

/* Every array is there, in its shape. */
static bool judge_weights(const Numbers *n, const KerasArrays *arrays)
{
    for (size_t i = 0; i < arrays->n; i++) {
        const KerasArray *array = &arrays->arrays[i];
        const WeightSpec *spec = &array->weight->spec;
        const H5Set *set = h5_find(n->file, array->path);
        if (!set)
            return misfit(n, arena_printf(n->arena, "it has no `%s`, the %s of the layer `%s`", array->path, spec->name, owner_of(array->weight)));
        if (set->type == H5_INT) return misfit(n, arena_printf(n->arena, "`%s` holds whole numbers", array->path));
        if (same_shape(set, &spec->shape)) continue;
        return misfit(n, arena_printf(n->arena, "the %s of the layer `%s` has the shape %s in the file, but %s in the model", spec->name,
                                      owner_of(array->weight), dims_text(n->arena, set->rank, set->dim), shape_text(n->arena, &spec->shape)));
    }
    return true;
}

/* No array too many in a group of the model's; groups that belong to no layer are left alone, as Keras does. */
static bool judge_rest(const Numbers *n, const KerasArrays *arrays)
{
    NameIndex *known = name_index_new(n->arena), *groups = name_index_new(n->arena);
    for (size_t i = 0; i < arrays->n; i++) name_index_add(known, arrays->arrays[i].path);
    for (size_t i = 0; i < arrays->n_groups; i++) name_index_add(groups, arrays->groups[i]);
    for (size_t i = 0; i < n->file->sets.n; i++) {
        const char *path = n->file->sets.at[i].path, *slash = strrchr(path, '/');
        if (!slash || str_starts(path, "optimizer/") || name_index_find(known, path) != NO_NAME) continue;
        if (name_index_find(groups, arena_text(n->arena, path, (size_t)(slash - path))) != NO_NAME)
            return misfit(n, arena_printf(n->arena, "`%s` is one array more than its layer has", path));
    }
    return true;
}

static void fill(const Numbers *n, const KerasArrays *arrays, Model *model)
{
    for (size_t i = 0; i < arrays->n; i++) h5_floats(h5_find(n->file, arrays->arrays[i].path), model_value(model, arrays->arrays[i].weight));
}

bool keras_fill(Arena *arena, const H5File *file, const Graph *graph, Model *model, Span span, Diags *diags)
{
    Numbers n = {arena, file, graph->name ? graph->name : "the model", span, diags};
    KerasArrays arrays = keras_arrays(arena, graph);
    if (!judge_weights(&n, &arrays) || !judge_rest(&n, &arrays)) return false;
    if (model) fill(&n, &arrays, model);
    return true;
}

/* ---- The optimizer ------------------------------------------------------------------------------------------------------------ */

static const H5Set *variable(const Numbers *n, size_t i)
{
    return h5_find(n->file, arena_printf(n->arena, "optimizer/vars/%zu", i));
}

/* The blocks of a state in the order of the file: averages, sums, then slots; `turns` of them from `first` on stand variable by variable. */
typedef struct {
    float *block[20];
    int n, first, turns;
} Blocks;

static Blocks blocks_of(const OptimizerState *state)
{
    const OptimizerKind *kind = (const OptimizerKind *)state->ref.kind;
    Blocks b = {.turns = kind->slots_by_turns > 1 ? kind->slots_by_turns : 1};
    if (state->average) b.block[b.n++] = state->average;
    if (state->sum) b.block[b.n++] = state->sum;
    b.first = b.n;
    for (int i = 0; i < state->n_slots && b.n < 20; i++) b.block[b.n++] = state->slots[i];
    if (b.turns > b.n - b.first) b.turns = 1;
    return b;
}

size_t keras_state_places(Arena *arena, const Model *model, const KerasArrays *arrays, KerasPlace **places)
{
    Blocks b = blocks_of(&model->optimizer);
    VEC(KerasPlace) list = {0};
    for (int first = 0; first < b.n;) {
        int count = first == b.first ? b.turns : 1;
        for (size_t i = 0; i < arrays->n; i++) {
            const Weight *weight = arrays->arrays[i].weight;
            for (int t = 0; t < count && weight->trainable; t++) {
                KerasPlace place = {weight, b.block[first + t] + weight->offset};
                VEC_PUSH(arena, list, place);
            }
        }
        first += count;
    }
    *places = list.at;
    return list.n;
}

static bool is_scalar(const H5Set *set)
{
    return set && set->n == 1 && (set->rank == 0 || (set->rank == 1 && set->dim[0] == 1));
}

/* Takes the state over where every array fits; else the optimizer begins anew. */
static bool take_state(const Numbers *n, Model *model)
{
    KerasArrays arrays = keras_arrays(n->arena, model->graph);
    KerasPlace *places;
    size_t n_places = keras_state_places(n->arena, model, &arrays, &places);
    const H5Set *iterations = variable(n, 0), *rate = NULL;
    if (!is_scalar(iterations)) return false;
    size_t at = 1;
    if (!model_has_schedule(model)) {
        rate = variable(n, at++);
        if (!is_scalar(rate) || rate->type == H5_INT) return false;
    }
    for (size_t i = 0; i < n_places; i++) {
        const H5Set *set = variable(n, at + i);
        if (!set || set->type == H5_INT || !same_shape(set, &places[i].weight->spec.shape)) return false;
    }
    if (variable(n, at + n_places)) return false;
    for (size_t i = 0; i < n_places; i++) h5_floats(variable(n, at + i), places[i].numbers);
    const OptimizerCommon *common = model->optimizer.ref.args;
    int64_t steps = common->gradient_accumulation_steps == ARG_NO_INT || common->gradient_accumulation_steps < 1 ? 1 : common->gradient_accumulation_steps;
    int64_t updates;
    if (iterations->type == H5_INT) {
        updates = h5_integer(iterations);
    } else {
        float number;
        h5_floats(iterations, &number);
        if (!(number >= 0.0f && number < 9e15f)) return false;
        updates = (int64_t)number;
    }
    if (updates < 0 || updates > INT64_MAX / 4 / steps) return false;
    model->optimizer.iteration = updates * steps;
    if (rate) {
        float number;
        h5_floats(rate, &number);
        if (!isfinite(number)) return false;
        model->optimizer.rate = (double)number;
    }
    return true;
}

/* A model that was compiled but never trained has no more than the count of updates and the rate. */
static bool never_trained(const Numbers *n)
{
    for (size_t i = 0; i < n->file->sets.n; i++) {
        const char *path = n->file->sets.at[i].path;
        if (str_starts(path, "optimizer/vars/") && !str_eq(path, "optimizer/vars/0") && !str_eq(path, "optimizer/vars/1")) return false;
    }
    return true;
}

void keras_fill_optimizer(Arena *arena, const H5File *file, Model *model, KindRef optimizer, Span span, Diags *diags)
{
    Numbers n = {arena, file, model->graph->name ? model->graph->name : "the model", span, diags};
    model->optimizer = (OptimizerState){0};
    model_set_optimizer(model, optimizer);
    if (take_state(&n, model)) return;
    model->optimizer = (OptimizerState){0};
    model_set_optimizer(model, optimizer);
    if (!never_trained(&n)) diag(diags, W0810, span, A("file", file->file));
}
