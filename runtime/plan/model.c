/* Weights, their first values, and what the optimizer remembers. See model.h. */
#include "runtime/plan/model.h"

#include "runtime/base/bug.h"

#include <math.h>
#include <string.h>

Model *model_blank(Arena *arena, Graph *graph, uint64_t seed)
{
    Model *model = ARENA_NEW(arena, Model);
    model->arena = arena;
    model->graph = graph;
    model->seed = seed;
    graph_place_weights(graph, &model->n_values, &model->n_trained);
    size_t n_layers;
    Layer *const *layers = graph_all_layers(graph, arena, &n_layers);
    for (size_t i = 0; i < n_layers; i++)
        for (size_t k = 0; k < layers[i]->n_weights; k++) VEC_PUSH(arena, model->weights, &layers[i]->weights[k]);
    model->values = ARENA_ARRAY(arena, float, model->n_values);
    return model;
}

Model *model_new(Arena *arena, Graph *graph, uint64_t seed)
{
    Model *model = model_blank(arena, graph, seed);
    model_initialize(model, seed);
    return model;
}

void model_initialize(Model *model, uint64_t seed)
{
    Arena *names = arena_new("names of weights");
    model->seed = seed;
    for (size_t i = 0; i < model->weights.n; i++) {
        const Weight *weight = model->weights.at[i];
        const InitializerKind *kind = (const InitializerKind *)weight->spec.initializer.kind;
        ENSURE(kind != NULL);
        const char *graph = model->graph->name ? model->graph->name : "model";
        RngKey key = {.seed = seed,
                      .stream = rng_stream(arena_printf(names, "%s/%s/%s", graph, weight->layer->name, weight->spec.name))};
        kind->fill(weight->spec.initializer.args, &weight->spec.shape, key, model_value(model, weight));
    }
    arena_free(names);
}

float *model_value(const Model *model, const Weight *weight)
{
    return model->values + weight->offset;
}

float *model_gradient(const Model *model, const Weight *weight)
{
    ENSURE(weight->trainable && model->gradients != NULL);
    return model->gradients + weight->offset;
}

void model_keep(Model *model, float **copy)
{
    if (!*copy) *copy = ARENA_ARRAY(model->arena, float, model->n_values);
    if (model->n_values) memcpy(*copy, model->values, model->n_values * sizeof(float));
}

void model_restore(Model *model, const float *copy)
{
    if (model->n_values) memcpy(model->values, copy, model->n_values * sizeof(float));
}

/* ---- The optimizer ---- */

static const OptimizerCommon *common_of(KindRef ref)
{
    return ref.args;
}

static int slots_of(KindRef ref)
{
    const OptimizerKind *kind = (const OptimizerKind *)ref.kind;
    return kind->slots ? kind->slots(ref.args) : kind->n_slots;
}

static int64_t accumulated(const OptimizerCommon *common)
{
    return common->gradient_accumulation_steps == ARG_NO_INT ? 1 : common->gradient_accumulation_steps;
}

static bool same_args(KindRef a, KindRef b)
{
    if (a.kind != b.kind) return false;
    if (a.args == b.args) return true;
    Arena *arena = arena_new("comparing arguments");
    Buf first = buf_in(arena), second = buf_in(arena);
    kind_print_args(a.kind, a.args, &first);
    kind_print_args(b.kind, b.args, &second);
    bool same = str_eq(first.at ? first.at : "", second.at ? second.at : "");
    arena_free(arena);
    return same;
}

bool model_keeps_optimizer(const Model *model, KindRef ref)
{
    const OptimizerState *state = &model->optimizer;
    return state->ref.kind && state->ref.kind == ref.kind && state->n_slots == slots_of(ref) &&
           (state->average != NULL) == common_of(ref)->use_ema && (state->sum != NULL) == (accumulated(common_of(ref)) > 1);
}

void model_set_optimizer(Model *model, KindRef ref)
{
    OptimizerState *state = &model->optimizer;
    const OptimizerCommon *common = common_of(ref);
    if (model_keeps_optimizer(model, ref)) {
        if (!same_args(state->ref, ref) && !common->learning_rate.kind.kind)
            state->rate = (double)(float)common->learning_rate.value;
        state->ref = ref;
        return;
    }
    const OptimizerKind *kind = (const OptimizerKind *)ref.kind;
    *state = (OptimizerState){.ref = ref, .n_slots = slots_of(ref), .n_scalars = kind->n_scalars};
    state->rate = (double)(float)common->learning_rate.value;
    state->slots = ARENA_ARRAY(model->arena, float *, state->n_slots);
    for (int slot = 0; slot < state->n_slots; slot++) {
        state->slots[slot] = ARENA_ARRAY(model->arena, float, model->n_trained);
        float start = kind->slot_start ? kind->slot_start(ref.args, slot) : 0.0f;
        if (start != 0.0f)
            for (size_t i = 0; i < model->n_trained; i++) state->slots[slot][i] = start;
    }
    if (common->use_ema) state->average = ARENA_ARRAY(model->arena, float, model->n_trained);
    if (accumulated(common) > 1) state->sum = ARENA_ARRAY(model->arena, float, model->n_trained);
    if (state->n_scalars) state->scalars = ARENA_ARRAY(model->arena, double, state->n_scalars);
}

bool model_has_schedule(const Model *model)
{
    return model->optimizer.ref.kind && common_of(model->optimizer.ref)->learning_rate.kind.kind;
}

void model_set_rate(Model *model, double rate)
{
    ENSURE(!model_has_schedule(model));
    model->optimizer.rate = (double)(float)rate;
}

void model_finish_training(Model *model)
{
    const OptimizerState *state = &model->optimizer;
    if (state->average && state->iteration > 0) memcpy(model->values, state->average, model->n_trained * sizeof(float));
}

int64_t model_updates(const Model *model)
{
    const OptimizerState *state = &model->optimizer;
    return state->ref.kind ? state->iteration / accumulated(common_of(state->ref)) : 0;
}
